"""The look of Participate: one base page, parts (macros), one style sheet, a little JavaScript, fonts and icons.

Nothing here knows the process. Pages extend ``base.html`` and reach every part as ``ui.name(...)``.
Parts take plain values (dicts or frozen dataclasses) and read no context beyond the globals
``_``, ``ngettext``, ``pgettext``, ``url_for`` and ``ui``.
"""
