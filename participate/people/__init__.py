"""People: accounts, sign-in by mail code, server-side sessions, roles, associations and mandates.

Glossary: person (شخص), association (جمعية), mandate (تفويض), role (مهمة).
"""
