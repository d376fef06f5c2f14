"""Positions: statements, one position per voice and statement, priorities, receipts.

Glossary: statement (موضوع الموقف), position (موقف), priority (أولوية), receipt (وصل).
No page or export ever links a position to a person.
"""
