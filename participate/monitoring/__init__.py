"""Monitoring: adopted milestones, progress reports, citizens' observations.

Glossary: joint monitoring (تتبع مشترك), progress report (تقرير تقدم), observation (ملاحظة).
"""
