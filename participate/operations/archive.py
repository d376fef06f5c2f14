"""The file a backup is: a manifest, and the database it describes by size and SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
PREFIX = "participate-"
SUFFIX = ".tar.gz"
CHUNK = 1 << 20
MANIFEST_BYTES = 64 << 20


class BadArchiveError(Exception):
    """A file is no backup of ours, or not the one that was made; the message says what differs."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    app: str
    made_at: str
    engine: str
    migration: str | None
    public_key: str
    chains: list[dict[str, Any]]
    counts: dict[str, int]
    files: list[dict[str, Any]]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, manifest: Manifest, into: Path) -> None:
    """Write `folder`'s files with their manifest; the archive appears whole or not at all, for its owner only."""
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, ensure_ascii=False))
    draft = into.with_name(f".{into.name}.making")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
                for name in (MANIFEST, *(row["name"] for row in manifest.files)):
                    tar.add(folder / name, arcname=name)
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(into)
        _sync(into.parent)
    finally:
        draft.unlink(missing_ok=True)


def unpack(file: Path, into: Path) -> Manifest:
    """Lay the archive's files in `into` and check each against the manifest.

    Raises BadArchiveError. Only names that the manifest lists are read, and none with a folder in it.
    """
    try:
        with tarfile.open(file, "r:gz") as tar:
            manifest = _manifest(tar)
            for row in manifest.files:
                _lay(tar, row, into)
    except (tarfile.TarError, EOFError, OSError, KeyError, ValueError, TypeError) as error:
        raise BadArchiveError(f"{file.name} cannot be read as a backup: {error}") from error
    return manifest


def _manifest(tar: tarfile.TarFile) -> Manifest:
    member = tar.extractfile(MANIFEST)
    if member is None:
        raise BadArchiveError("the backup has no manifest")
    said = json.loads(member.read(MANIFEST_BYTES))
    if said.get("format") != FORMAT:
        raise BadArchiveError(f"the backup's format is {said.get('format')}; this version reads {FORMAT}")
    return Manifest(**said)


def _lay(tar: tarfile.TarFile, row: dict[str, Any], into: Path) -> None:
    name = str(row["name"])
    if Path(name).name != name:
        raise BadArchiveError(f"the backup names a file outside itself: {name}")
    member = tar.extractfile(name)
    if member is None:
        raise BadArchiveError(f"the backup lacks {name}")
    path = into / name
    with path.open("wb") as out:
        while chunk := member.read(CHUNK):
            out.write(chunk)
    if path.stat().st_size != row["size"] or digest(path) != row["sha256"]:
        raise BadArchiveError(f"{name} is not the file that was saved: its hash differs from the manifest's")


def _sync(folder: Path) -> None:
    """Make a rename outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def own_archives(folder: Path) -> list[Path]:
    """Return the backups in a folder, oldest first."""
    return sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))
