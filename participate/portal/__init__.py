"""The pages where the rooms meet: homes, the plan, a project, one's own page, the desk's door, help.

Glossary: home (الرئيسية), plan page (صفحة البرنامج), project page (صفحة المشروع), desk (المكتب).
"""
