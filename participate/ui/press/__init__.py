"""The press: sheets set by typst, in a process of their own that `web.press` starts for each.

`drawing.py` is that process: it alone imports typst. `*.typ` are the sheets; what they show comes in as JSON and
stays text. Faces are TrueType here, because typst reads no WOFF2.
"""
