"""Moderation with due process: queue, decision with a reason, notice, undo, appeal, public log.

Glossary: moderation (الإشراف على المساهمات), decision (قرار إشراف), appeal (تظلم), report (تبليغ).
"""
