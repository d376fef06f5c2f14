"""Hostile words in every column that holds words, every page read by everybody: escaped, never run, never seen by others."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from wtforms.fields.core import UnboundField

from participate.consultations.models import Consultation
from participate.contributions.models import Comment, Contribution
from participate.db import clock, db, writing
from participate.network.models import Collectivity
from participate.synthesis import actions as synthesis
from participate.synthesis.models import Seal
from participate.web.forms import Form
from tests.reach.ground import HERE, Ground, ground, keep_nothing, rows_of, rules_of
from tests.reach.planted import CANARY, EVERYBODY, MARK, NOT_WORDS, WITHOUT_PAGE, WORDS, plant, plant_drafts
from tests.reach.rights import GROUPS, VIEWERS, declared
from tests.reach.test_rights import key_of
from tests.support.soak import SOAKING, note

RIGHTS = declared()
TEXTUAL = ("String", "Text", "JSON")
UNSEEN = {
    "contribution_edit.before": "kept for the record, on no page",
    "project.change_note": "shown where the plan is still edited",
    "project_vote.amended_text": "becomes the adopted text",
    "network.acronym": "on the network's own page alone",
}
"""What no page of this step shows, and why."""
LONG_ONLY = ("reply.", "ideacomment.", "plancomment.")
APART = {"static", "healthz", "portal.plan_card", "portal.project_card", "record.archive"}
"""Pictures, and an archive that was made before anything was planted."""


def kinds() -> dict[str, str]:
    """Every column that holds text of some kind."""
    return {
        f"{table.name}.{column.name}": type(column.type).__name__
        for table in db.metadata.tables.values()
        for column in table.columns
        if type(column.type).__name__ in TEXTUAL
    }


def complaint(answer: TestResponse) -> str | None:
    """Say what is wrong with an answer that holds hostile words, if anything is."""
    kind = answer.mimetype
    if "openxml" in kind:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            for name in packed.namelist():
                if name.endswith(".xml"):
                    ET.fromstring(packed.read(name))
        return None
    if kind not in READ_AS:
        return f"is {kind}: say in READ_AS what would be wrong with it" if answer.data else None
    text = answer.get_data().decode("utf-8", "replace")
    return "runs what stands between braces" if "49Q[" in text else READ_AS[kind](text)


def _html(text: str) -> str | None:
    if "<svg/onload" in text:
        return "shows an element that somebody typed"
    if re.search(r"""["']'?(>|&gt;)(<|&lt;)svg/onload""", text):
        return "lets words end an attribute"
    return None


def _csv(text: str) -> str | None:
    cells = (cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row)
    run = [
        cell for cell in cells if cell.lstrip()[:1] in set("=+-@") and not re.fullmatch(r"[-+][\d.]+%?", cell)
    ]
    return f"lets a spreadsheet run {run[0][:30]!r}" if run else None


def _json(text: str) -> None:
    json.loads(text)


def _xml(text: str) -> None:
    ET.fromstring(text)


def _calendar(text: str) -> str | None:
    names = {line.split(":")[0].split(";")[0] for line in text.split("\r\n") if not line.startswith(" ")}
    strange = [name for name in names if name and not re.fullmatch(r"[A-Z-]+", name)]
    return f"has a line that begins with {strange[0][:30]!r}" if strange else None


def _anything(_text: str) -> None:
    return None


READ_AS: dict[str, Callable[[str], str | None]] = {
    "text/html": _html,
    "text/csv": _csv,
    "text/calendar": _calendar,
    "application/json": _json,
    "application/atom+xml": _xml,
    "text/plain": _anything,
    "application/pdf": _anything,
}
"""What each kind of answer is read as; what cannot be read fails."""


def words_of(answer: TestResponse) -> str:
    """Return the words of an answer, those of a packed document too."""
    if "openxml" in answer.mimetype:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            return packed.read("word/document.xml").decode()
    return answer.get_data().decode("utf-8", "replace")


def readers_of(rule: Rule, step: str) -> list[str]:
    """Who reads a page: whoever may; of those, where it is open to all, some who could differ."""
    right = RIGHTS[key_of(rule, "GET")]
    if right.who == GROUPS["everybody"]:
        return ["anonymous", "citizen", "moderator" if SOAKING or "ref" in rule.arguments else "officer"]
    found = [one for one in VIEWERS if right.opens(one, step)]
    if right.who >= GROUPS["standing"]:
        return ["citizen", "delegate", "moderator"]
    return [*found, *(["citizen"] if "author" in right.who else [])]


@contextmanager
def planted(step: str, folder: Path) -> Iterator[Ground]:
    """The demo at a step, with the canary in it everywhere, and sealed anew where it was."""
    with ground(step, folder, tokens=True) as made:
        here = db.session.scalars(db.select(Collectivity.id).where(Collectivity.slug == HERE)).one()
        review = sa.select(Consultation.id).where(
            Consultation.kind == "draft_review", Consultation.collectivity_id == here
        )
        sealed = db.session.scalar(sa.select(sa.func.count()).select_from(Seal))
        db.session.remove()
        path = made.app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        plant(path, made.people, here, kinds())
        if sealed:
            with writing():
                synthesis.seal(None, db.session.scalars(review).one(), clock())
                db.session.commit()
        db.session.remove()
        plant_drafts(path, made.people, here)
        made.rows = rows_of(made.app)
        made.rows["ref"] = [*_texts_of(made.people["citizen"]), *made.rows["moderation.undo:ref"][:2]]
        yield made


def _texts_of(author: int) -> list[tuple[str, int | None]]:
    """Every text of the citizen; in the short run those of two kinds."""
    asked = db.select(Contribution, Comment).outerjoin(Comment, Comment.id == Contribution.id)
    texts = db.session.execute(asked.where(Contribution.acting_person_id == author)).all()
    return [
        (text.ref, author)
        for text, words in texts
        if SOAKING or words is None or (words.project_id is not None and words.parent_id is None)
    ]


def test_every_column_of_text_is_known_for_words_or_for_none() -> None:
    there = set(kinds())
    named = {name.split(":")[0] for name in WORDS if name.split(".")[0] in db.metadata.tables}
    known = named | NOT_WORDS | set(WITHOUT_PAGE)
    assert sorted(there - known) == [], (
        "say in tests/reach/planted.py who may read these, or that they are no words"
    )
    assert sorted(known - there) == [], "named, but not there"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("step", ["implementation", *(["synthesis", "council", "review"] if SOAKING else [])])
def test_hostile_words_are_read_as_words_and_only_by_those_who_may(step: str, tmp_path: Path) -> None:
    seen: dict[str, dict[str, str]] = defaultdict(dict)
    wrong: list[str] = []
    asked = 0
    with planted(step, tmp_path / "instance") as made:
        for rule, method in rules_of(made.app):
            if method != "GET" or rule.endpoint.startswith("demo.") or rule.endpoint in APART:
                continue
            many = None if "ref" in rule.arguments else 3 if SOAKING else 1
            for path, _author in made.addresses(rule)[:many]:
                for viewer in readers_of(rule, step):
                    asked += 1
                    answer = made.ask(made.people.get(viewer), method, path)
                    if bad := complaint(answer):
                        wrong.append(f"{path} ({rule.endpoint}) as {viewer} {bad}")
                    for name in MARK.findall(words_of(answer)):
                        seen[name].setdefault(viewer, f"{path} ({rule.endpoint})")
    note(f"hostile words at {step}", pages=asked, columns=len(seen), wrong=len(wrong))
    assert wrong == [], "\n".join(wrong)
    wrong = compared(seen, everything=step == "implementation")
    assert wrong == [], "\n".join(wrong)


class Everything(ImmutableMultiDict[str, Any]):
    """The fields of a request in which everything that is asked for is there, and hostile."""

    def __getitem__(self, key: str) -> Any:
        return CANARY

    def __contains__(self, key: object) -> bool:
        return True

    def getlist(self, key: str, type: Any = None) -> list[Any]:  # noqa: A002
        return [CANARY]


def names_of_fields(form: type[Any]) -> Iterator[str]:
    """Every field of every form there is."""
    yield from (name for name in dir(form) if isinstance(getattr(form, name), UnboundField))
    for one in form.__subclasses__():
        yield from names_of_fields(one)


def test_what_is_typed_comes_back_as_words_whatever_form_or_question_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ground("review", tmp_path / "instance", tokens=True) as made:
        monkeypatch.setattr("flask_wtf.csrf.validate_csrf", lambda *_args, **_values: None)
        keep_nothing(monkeypatch, drawn=True)
        hostile = {"parameter_storage_class": Everything}
        made.app.request_class = type("HostileRequest", (made.app.request_class,), hostile)
        fields = set(names_of_fields(Form))
        wrong, back = [], 0
        for rule, method in rules_of(made.app):
            if rule.endpoint in APART or not made.addresses(rule):
                continue
            right = RIGHTS[key_of(rule, method)]
            path, author = made.addresses(rule)[0]
            holder = next((one for one in VIEWERS if right.opens(one, "review")), "author")
            person = author if holder == "author" else made.people.get(holder)
            something = {"data": dict.fromkeys(fields, CANARY)} if method == "POST" else {}
            answer = made.ask(person, method, f"{path}?x=x", **something)
            back += "&lt;svg/onload" in answer.get_data(as_text=True)
            if bad := f"answers {answer.status_code}" if answer.status_code >= 500 else complaint(answer):
                wrong.append(f"{method} {path} ({rule.endpoint}) as {holder} {bad}")
        assert wrong == [], "\n".join(wrong)
        assert back > 20, "too few pages say again what was typed: nothing was proved"


def compared(seen: dict[str, dict[str, str]], *, everything: bool) -> list[str]:
    """Hold what was read against who may read it; what nobody read was not looked for well enough."""
    wrong = [f"{name} is not in the table" for name in sorted(set(seen) - set(WORDS))]
    for name, who in WORDS.items():
        found, may = seen.get(name, {}), set(who.split())
        if who != EVERYBODY:
            wrong.extend(f"{viewer} reads {name} at {found[viewer]}" for viewer in sorted(set(found) - may))
        if (
            everything
            and may
            and not found
            and name not in UNSEEN
            and (SOAKING or not name.startswith(LONG_ONLY))
        ):
            wrong.append(f"nobody reads {name}")
        if everything and who == EVERYBODY and found and "anonymous" not in found:
            wrong.append(f"{name} is for everybody, and not shown to a reader who is not signed in")
    return wrong
