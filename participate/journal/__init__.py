"""The journal: the public record of every act, append-only and hash-chained.

An act whose entry is not written did not happen: the entry is appended in the transaction of the
act, and its hash gives the receipt. Bodies hold neither personal data nor content.
Glossary: journal (سجل), entry (قيد), chain (سلسلة), checkpoint (نقطة تحقق), receipt (وصل).
"""
