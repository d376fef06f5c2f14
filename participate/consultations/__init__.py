"""Consultations: windows, rules of participation, and the voices that take part.

Glossary: consultation (تشاور عمومي), participant (مشارك), voice (صوت).
"""
