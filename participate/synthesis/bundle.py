"""The file that proves a synthesis without this site, and its check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from participate.journal.encoding import canonical, sha256
from participate.journal.keys import verify_signature
from participate.synthesis.shapes import SCHEMA, Reading, plain, read

BUNDLE = "participate-seal/1"
KEYS = ("schema", "snapshot", "sha256", "signature", "public_key", "sealed_at", "entry_hash")
STATES = ("published", "pending", "returned", "hidden", "removed", "withdrawn", "merged")


def message(digest: str) -> bytes:
    """Return the bytes that are signed: the hexadecimal SHA-256, bound to the schema."""
    return f"{SCHEMA}\n{digest}\n".encode()


def bundle(
    snapshot: str,
    digest: str,
    signature: str,
    public_key: str,
    sealed_at: str,
    entry_hash: str,
    *,
    beside: dict[str, Any] | None = None,
) -> str:
    """Return the text of the file; the snapshot stands in it as a text, so that no byte of it moves.

    `beside` is what was said since the seal, which the seal does not cover.
    """
    return json.dumps(
        {
            "schema": BUNDLE,
            "sha256": digest,
            "signature": signature,
            "public_key": public_key,
            "sealed_at": sealed_at,
            "entry_hash": entry_hash,
            "snapshot": snapshot,
            "beside_the_seal": beside or {},
        },
        ensure_ascii=False,
        indent=1,
    )


@dataclass(frozen=True)
class Verdict:
    """What holds, in order, and the first thing that does not."""

    held: tuple[str, ...]
    wrong: str | None

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return self.wrong is None


class _WrongError(Exception):
    """The first thing that does not hold, as a sentence."""


def verify(text: str, public_key: str | None = None) -> Verdict:
    """Check a downloaded file without a network or a database.

    `public_key` is the key printed on the dossier, if the reader has it.
    """
    held: list[str] = []
    try:
        for line in _steps(text, public_key):
            held += [line]
    except _WrongError as error:
        return Verdict(tuple(held), str(error))
    return Verdict(tuple(held), None)


def _steps(text: str, public_key: str | None) -> Iterator[str]:
    try:
        found = json.loads(text)
    except ValueError:
        raise _WrongError("the file is not JSON") from None
    if not isinstance(found, dict) or found.get("schema") != BUNDLE:
        raise _WrongError(f"the file is not a {BUNDLE} bundle")
    missing = [key for key in KEYS if not isinstance(found.get(key), str)]
    if missing:
        raise _WrongError(f"the bundle has no {missing[0]}")
    yield "the file is a sealed synthesis"
    digest = sha256(found["snapshot"])
    if digest != found["sha256"]:
        raise _WrongError(
            f"the snapshot was altered: its SHA-256 is {digest}, the seal says {found['sha256']}"
        )
    yield f"the snapshot has the SHA-256 {digest}"
    if public_key is not None and public_key != found["public_key"]:
        raise _WrongError("it was signed with another key than the one you gave")
    if not verify_signature(found["public_key"], message(digest), found["signature"]):
        raise _WrongError("the signature was not made by the key in the file")
    yield f"it was signed (Ed25519) by the key {found['public_key']}"
    yield from _contents(found["snapshot"])


def _contents(snapshot: str) -> Iterator[str]:
    try:
        values: dict[str, Any] = json.loads(snapshot)
        reading = read(Reading, values)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _WrongError(f"the snapshot is not a {SCHEMA} document") from None
    if reading.schema != SCHEMA:
        raise _WrongError(f"the snapshot is a {reading.schema} document, not {SCHEMA}")
    if canonical(plain(reading)) != snapshot:
        raise _WrongError("the snapshot is not written canonically")
    yield f"the snapshot is a {SCHEMA} document"
    texts = reading.contributions
    if sum(getattr(texts, state) for state in STATES) != texts.received:
        raise _WrongError("the states of the contributions do not sum to those received")
    for project in reading.projects:
        tally = project.tally
        if tally.agree + tally.disagree + tally.pass_ != tally.n:
            raise _WrongError(f"the positions on project {project.number} do not sum")
    yield f"its figures sum: {texts.received} contributions, {len(reading.projects)} projects"
