"""Keeping an upload that passed the checks."""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import PurePosixPath

from participate.db import add, clock, db, new_id
from participate.files.models import StoredFile
from participate.files.queries import EXTENSIONS, checked
from participate.journal import actions as journal
from participate.journal.actions import ChainRef
from participate.rules.policy import Actor
from participate.rules.text import TooLong, clean_line

NAME_CHARS = 120


def keep(actor: Actor, collectivity_id: int, name: str, body: bytes) -> StoredFile:
    """Check an upload and store it under a random reference; nobody reads it until something public holds it.

    Raises what `queries.checked` raises.
    """
    media_type, kept = checked(body)
    return add(
        StoredFile(
            collectivity_id=collectivity_id,
            id=new_id(),
            ref=secrets.token_hex(16),
            name=cleaned_name(name, media_type),
            media_type=media_type,
            size=len(kept),
            sha256=hashlib.sha256(kept).hexdigest(),
            body=kept,
            uploaded_by=actor.person_id,
            uploaded_at=clock(),
        )
    )


def attached(actor: Actor, chain: ChainRef, collectivity_id: int, file_id: int) -> None:
    """Record that a file now hangs on something. Call it last, in the act that holds the file."""
    row = db.session.get_one(StoredFile, (collectivity_id, file_id))
    journal.record(
        actor.person_id,
        "file:attached",
        chain,
        f"file:{row.id}",
        public={"ref": row.ref, "sha256": row.sha256, "size": row.size},
        private={"person": actor.person_id},
    )


def cleaned_name(name: str, media_type: str) -> str:
    """Return a name safe to save under: no folders, no marks, and the ending its bytes deserve."""
    last = PurePosixPath(name[-400:].replace("\\", "/")).name
    try:
        line = clean_line(last, 400)
    except TooLong:
        line = ""
    stem = re.sub(r"[^\w\s().+-]", "", line.rsplit(".", 1)[0]).strip(" .")
    ending = EXTENSIONS[media_type]
    return (stem[: NAME_CHARS - len(ending)].strip() or "document") + ending
