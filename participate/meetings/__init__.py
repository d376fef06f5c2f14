"""Meetings: workshops with their agenda, parallel groups, attendance, minutes and the room's input.

Glossary: workshop (ورشة الإعداد المشترك), agenda (جدول الأعمال), working group (مجموعة عمل), minutes (محضر).
"""
