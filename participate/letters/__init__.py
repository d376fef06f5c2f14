"""Letters: reads the committed journal and decides who is told what.

Glossary: letter (رسالة), notice (إشعار).
"""
