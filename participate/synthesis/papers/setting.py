"""Setting the papers, each in a child process with a deadline: the process that serves loads none of what sets them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from participate.post.text import in_language
from participate.synthesis.papers import tables
from participate.synthesis.papers.content import Source, content, pasted
from participate.web import i18n, press

SHEET: Final = "dossier"
STANDARDS: Final = ("ua-1",)
"""The press refuses a sheet that is not PDF/UA-1."""
SECONDS: Final = 120.0
PDF, DOCX, XLSX = "pdf", "docx", "xlsx"
MEDIA: Final = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def name_of(kind: str, lang: str) -> str:
    """Return under which name a paper is given out."""
    return f"dossier-{lang}.{kind}"


class NotSetError(Exception):
    """A paper could not be set; holds why."""


def pdf(made: Mapping[str, Any]) -> bytes:
    """Return a content as a tagged PDF. Raises NotSetError."""
    try:
        return press.draw(SHEET, made, "pdf", standards=STANDARDS, seconds=SECONDS)
    except press.NotDrawnError as error:
        raise NotSetError(error.why) from error


def written(kind: str, made: Mapping[str, Any]) -> bytes:
    """Return a content as DOCX or XLSX. Raises NotSetError."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "participate.synthesis.papers"],
            input=json.dumps({"kind": kind, "content": made}).encode(),
            capture_output=True,
            env={},
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as trouble:
        raise NotSetError(str(trouble)) from trouble
    if done.returncode or not done.stdout.startswith(b"PK"):
        raise NotSetError(done.stderr.decode("utf-8", "replace")[-300:])
    return done.stdout


def spreadsheet(source: Source, lang: str) -> dict[str, Any]:
    """Return every table of a reading in a language."""
    with in_language(lang):
        about = source.reading.about
        sealed = source.proof.sealed_at.isoformat() if source.proof else about.closes_at
        return {
            "dir": i18n.DIRECTIONS[lang],
            "title": i18n.plain(about.plan_title),
            "author": i18n.plain(about.collectivity_name),
            "dated": sealed[:10],
            "tables": [asdict(one) for one in tables.every(source.reading)],
        }


def paper(source: Source, kind: str, lang: str) -> bytes:
    """Return one paper; the same source gives the same bytes. Raises NotSetError."""
    if kind == PDF:
        return pdf(content(source, lang))
    if kind == DOCX:
        return written(DOCX, pasted(content(source, lang)))
    return written(XLSX, spreadsheet(source, lang))
