"""Contributions: ideas and comments, their edit history, co-signatures, opinions of advisory bodies.

Glossary: contribution (مساهمة), idea (مقترح), comment (تعليق), amendment (تعديل), opinion (رأي).
"""
