"""Plans: one openness action plan per cycle, its axes, its projects, their revisions and versions.

Glossary: plan (برنامج عمل الانفتاح), axis (محور), project (مشروع), version (نسخة), milestone (مرحلة إنجاز).
"""
