"""A zip that says nothing of when it was written: the same contents give the same bytes."""

from __future__ import annotations

import io
import zipfile

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip knows."""


def steady(body: bytes) -> bytes:
    """Return a zip (a DOCX is one) with every file dated alike."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as found, zipfile.ZipFile(out, "w") as made:
        for one in found.infolist():
            dated = zipfile.ZipInfo(one.filename, BEGINNING)
            dated.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(dated, found.read(one.filename))
    return out.getvalue()
