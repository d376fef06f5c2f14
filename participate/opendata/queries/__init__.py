"""What is given out: only what every page already shows, without anybody's name."""

from __future__ import annotations

from participate.opendata.queries.closing import (
    ArchiveRow,
    archives_of,
    closed,
    content_of,
    unarchived,
)
from participate.opendata.queries.files import (
    CONTRIBUTION_FIELDS,
    LICENCE,
    LICENCE_URL,
    collectivity_place,
    journal,
    plans_of,
    projects,
    published,
    results,
)
from participate.opendata.queries.record import (
    PAGE_LINES,
    ChainHead,
    CheckpointRow,
    EntryLine,
    Lines,
    Path,
    chain_head,
    chains_of,
    checkpoints_of,
    entry_lines,
    moved,
    path_of,
)

__all__ = [
    "CONTRIBUTION_FIELDS",
    "LICENCE",
    "LICENCE_URL",
    "PAGE_LINES",
    "ArchiveRow",
    "ChainHead",
    "CheckpointRow",
    "EntryLine",
    "Lines",
    "Path",
    "archives_of",
    "chain_head",
    "chains_of",
    "checkpoints_of",
    "closed",
    "collectivity_place",
    "content_of",
    "entry_lines",
    "journal",
    "moved",
    "path_of",
    "plans_of",
    "projects",
    "published",
    "results",
    "unarchived",
]
