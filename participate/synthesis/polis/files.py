"""Reading a folder: Polis's export as CSV, or the answers of its API as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from participate.synthesis.polis.conversation import (
    VALUES,
    BrokenExportError,
    Comment,
    Conversation,
    Vote,
    conversation,
    moment,
    name,
    number,
    one_of,
    words,
)

csv.field_size_limit(1_000_000)
MAX_BYTES = 1_000_000_000
COMMENTS = ("timestamp", "comment-id", "author-id", "moderated", "comment-body")
VOTES = ("timestamp", "comment-id", "voter-id", "vote")


def read(folder: Path, kind: str | None = None) -> Conversation:
    """Read a folder; `kind` "csv" or "json", found out from the files if None. Raises BrokenExportError."""
    if kind is None:
        kind = "json" if not (folder / "votes.csv").exists() and (folder / "votes.json").exists() else "csv"
    return _json(folder) if kind == "json" else _csv(folder)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BrokenExportError(f"{path.name} is larger than a gigabyte")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BrokenExportError(f"{path.name} is not in the folder") from None
    except UnicodeDecodeError:
        raise BrokenExportError(f"{path.name} is not UTF-8 text") from None
    except OSError as error:
        raise BrokenExportError(f"{path.name} cannot be read: {error.strerror}") from None


# --- CSV ---------------------------------------------------------------------------------------------


def _rows(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield where a row stands, its cells, and the header. Raises BrokenExportError."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        missing = [column for column in wanted if column not in header]
        if missing:
            raise BrokenExportError(f"{path.name} has no column {missing[0]}")
        for row in reader:
            if not row:
                continue
            where = f"{path.name}, line {reader.line_num}"
            if len(row) != len(header):
                raise BrokenExportError(f"{where}: {len(row)} cells under {len(header)} columns")
            yield where, row, header
    except csv.Error as error:
        raise BrokenExportError(f"{path.name}, line {reader.line_num}: {error}") from None


def _csv(folder: Path) -> Conversation:
    comments = [_comment(where, dict(zip(head, row, strict=True))) for where, row, head in _comments(folder)]
    cells, groups, columns = _participants(folder)
    known = {one.id for one in comments}
    # Polis sometimes leaves the words of a comment out but keeps its votes: a statement without words.
    comments += [Comment(one, "", None, 0, meta=False, at=0) for one in columns if one not in known]

    def cell(who: str, what: str) -> int | None:
        said = cells.get(who, {}).get(what, "").strip()
        return int(said) if said in {"-1", "0", "1"} else None

    votes = list(_votes(folder))
    first = min((vote[3] for vote in votes), default=0)
    dated = [one if one.id in known else replace(one, at=first) for one in comments]
    return conversation(dated, votes, groups, cell)


def _comments(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    yield from _rows(folder / "comments.csv", COMMENTS)


def _comment(where: str, row: dict[str, str]) -> Comment:
    return Comment(
        name(row["comment-id"], where),
        words(row["comment-body"], where),
        row["author-id"].strip() or None,
        one_of(row["moderated"].strip() or "0", VALUES, where),
        row.get("is-meta", row.get("is_meta", "")).strip().lower() in {"true", "t", "1"},
        moment(row["timestamp"], where),
    )


def _votes(folder: Path) -> Iterator[Vote]:
    places: tuple[int, ...] = ()
    for where, row, header in _rows(folder / "votes.csv", VOTES):
        if not places:
            places = tuple(header.index(column) for column in VOTES)
        at, what, who, said = (row[place] for place in places)
        yield name(who, where), name(what, where), one_of(said, VALUES, where), moment(at, where)


def _participants(folder: Path) -> tuple[dict[str, dict[str, str]], dict[str, str], list[str]]:
    """Return each participant's cells and published group, and the statements that have a column."""
    path = folder / "participants-votes.csv"
    cells: dict[str, dict[str, str]] = {}
    groups: dict[str, str] = {}
    columns: list[str] = []
    if not path.exists():
        return cells, groups, columns
    for where, row, header in _rows(path, ("participant",)):
        columns = columns or [column for column in header if column.isdigit()]
        held = dict(zip(header, row, strict=True))
        who = name(held["participant"], where)
        if who in cells:
            raise BrokenExportError(f"{where}: participant {who} is there twice")
        cells[who] = held
        group = held.get("group-id", "").strip()
        if group:
            groups[who] = str(number(group, where))
    return cells, groups, columns


# --- JSON --------------------------------------------------------------------------------------------


def _list(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(_text(path))
    except ValueError:
        raise BrokenExportError(f"{path.name} is not JSON") from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BrokenExportError(f"{path.name} is not a list of objects")
    return found


def _get(row: dict[str, Any], where: str, *keys: str) -> Any:
    for key in keys:
        if row.get(key) is not None:
            return row[key]
    raise BrokenExportError(f"{where} has no {keys[0]}")


def _json(folder: Path) -> Conversation:
    """Read comments.json and votes.json; the groups come from math-pca2.json where it is."""
    listed = _list(folder / "comments.json")
    comments = []
    for place, row in enumerate(listed, start=1):
        where = f"comments.json, entry {place}"
        comments.append(
            Comment(
                name(_get(row, where, "tid", "statement_id"), where),
                words(_get(row, where, "txt"), where),
                str(author) if (author := row.get("pid", row.get("participant_id"))) is not None else None,
                one_of(_get(row, where, "mod", "moderated"), VALUES, where),
                bool(row.get("is_meta")),
                _when(_get(row, where, "created"), where),
            )
        )
    votes = []
    for place, row in enumerate(_list(folder / "votes.json"), start=1):
        where = f"votes.json, entry {place}"
        votes.append(
            (
                name(_get(row, where, "pid", "participant_id"), where),
                name(_get(row, where, "tid", "statement_id"), where),
                one_of(_get(row, where, "vote"), VALUES, where),
                moment(_get(row, where, "modified", "created"), where),
            )
        )
    if _is_reversed(listed, votes):
        votes = [(who, what, -value, at) for who, what, value, at in votes]
    return conversation(comments, votes, _groups(folder / "math-pca2.json"))


def _when(value: Any, where: str) -> int:
    try:
        return moment(value, where)
    except BrokenExportError:
        pass
    try:
        return moment(round(datetime.fromisoformat(str(value)).timestamp() * 1000), where)
    except ValueError:
        raise BrokenExportError(f"{where}: {str(value)[:40]!r} is not a moment") from None


def _is_reversed(comments: list[dict[str, Any]], votes: list[Vote]) -> bool:
    """Say whether an agreement is −1, as within Polis: the comments tell how many agreed."""
    sign = sum(vote[2] for vote in votes)
    told = sum(int(one.get("agree_count") or 0) - int(one.get("disagree_count") or 0) for one in comments)
    return sign * told < 0


def _groups(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        found = json.loads(_text(path))
        bases = dict(zip(found["base-clusters"]["id"], found["base-clusters"]["members"], strict=True))
        return {
            str(who): str(group["id"])
            for group in found["group-clusters"]
            for base in group["members"]
            for who in bases[base]
        }
    except (ValueError, KeyError, TypeError):
        raise BrokenExportError(f"{path.name} is not what Polis computes") from None
