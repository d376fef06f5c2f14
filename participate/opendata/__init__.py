"""Open data: what is public, as files that machines read. It owns no table.

Glossary: open data (بيانات مفتوحة), data dictionary (قاموس البيانات), licence (رخصة).
"""
