"""The network of open collectivities: members by region, the charter, press releases.

Glossary: collectivity (جماعة ترابية), region (جهة), charter (ميثاق), member (عضو).
"""
