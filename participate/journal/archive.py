"""The archive of a closed consultation: one zip that `verifier.py` checks without this site.

The same rows and the same key give the same bytes: names, order and times in the zip are fixed.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from participate.journal import verifier
from participate.journal.encoding import canonical, sha256
from participate.journal.keys import Keyring, Turn

HERE = Path(__file__).parent
README = HERE / "archive-readme.txt"
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Closed:
    """What the archive of a consultation is made of; `entries` are (prev, hash, body), to the closing."""

    entries: Sequence[tuple[str, str, str]]
    notes: Sequence[str]
    statements: str
    tally: str
    keys: Sequence[str]
    turns: Sequence[Turn]


def packed(closed: Closed, ring: Keyring) -> bytes:
    """Return the bytes of the archive. Raises `verifier.WrongError` if what is stored does not hold."""
    chain = "".join(
        canonical({"prev": prev, "hash": digest, "body": body}) + "\n"
        for prev, digest, body in closed.entries
    )
    ballots = verifier.ballots_of(json.loads(closed.tally), verifier.chain_in(chain))
    files = {
        "README.txt": README.read_text("utf-8"),
        "keys.json": canonical({"keys": list(closed.keys), "turns": [asdict(one) for one in closed.turns]}),
        "chain.jsonl": chain,
        "checkpoints.json": canonical(list(closed.notes)),
        "statements.json": closed.statements,
        "tally.json": closed.tally,
        "ballots.json": canonical(ballots),
        "verify.py": Path(verifier.__file__).read_text("utf-8"),
    }
    manifest = canonical({name: sha256(text) for name, text in files.items()})
    files["manifest.json"] = manifest
    files["manifest.sig"] = ring.sign(manifest.encode())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in verifier.FILES:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name].encode(), compresslevel=9)
    content = made.getvalue()
    for _held in verifier.steps(io.BytesIO(content), ring.public):
        pass
    return content
