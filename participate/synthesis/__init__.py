"""Synthesis: a computed, frozen reading of a consultation, and its seal.

Glossary: synthesis (خلاصة), dossier (ملف المجلس), seal (ختم).
"""
