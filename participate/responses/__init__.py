"""Responses: the follow-up committee's triage of ideas, themes, and reasoned answers.

Glossary: fate of an idea (مآل المقترح), theme (موضوع), reasoned response (جواب معلل), coverage (نسبة الجواب).
"""
