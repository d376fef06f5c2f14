"""Files: checked uploads. What a file is, is read from its bytes, never from its name.

Glossary: attachment (مرفق).
"""
