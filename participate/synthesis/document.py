"""The public JSON of a synthesis as the command line prints it: the reading, with what the engine found."""

from __future__ import annotations

from typing import Any

from participate.journal.encoding import canonical, sha256
from participate.synthesis import child, opinions, shapes


def text(
    consultation_id: int,
    reading: shapes.Reading,
    *,
    compat: bool = False,
    members: bool = False,
    k: int | None = None,
) -> str:
    """Return the canonical JSON of a closed consultation. Raises NotComputedError.

    The same positions and texts give the same bytes, whatever the order of rows and the keys in the database.
    """
    cast = opinions.gathered(consultation_id)
    assert cast is not None, "the reading was made of a closed consultation"
    answer = child.compute(opinions.order(cast, compat=compat, k=k))
    found: dict[str, Any] = shapes.plain(reading)
    found["input_sha256"] = sha256(canonical([reading.input_sha256, cast.sha256]))
    found["groups"] = opinions.groups_of(answer)
    if compat or members:
        found["groups"]["members"] = opinions.members_of(cast, answer)
    if compat:
        # The groups listed are Polis's, so their number is too; whether ours may be shown is still said.
        found["groups"]["k"] = answer["compat"]["k"]
        found["compat"] = answer["compat"]
    if cast.imported:
        found["statements"] = opinions.statements_of(cast, answer)
        found["campaigns"] = opinions.campaigns_of(cast, answer)
        found["suggested_themes"] = opinions.suggestions_of(cast, answer)
        found["rounds"] = []
    return canonical(found)
