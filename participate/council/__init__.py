"""The council: session, sittings with their quorum, deliberation, decision per project, adopted version.

Glossary: session (دورة), sitting (جلسة), quorum (النصاب القانوني), deliberation (مداولة), act (مقرر).
"""
