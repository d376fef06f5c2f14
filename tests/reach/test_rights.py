"""Every page and form, asked for by everybody: each answer is the one that `rights` declares.

`make test` asks for each endpoint at one step, by everybody, and at the steps where nobody may come in, by those
who may at others. `make soak` asks for all of it: every endpoint, everybody, every step, about 33,000 cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.routing import Rule

from participate.app import create_app
from tests.conftest import settings
from tests.reach.ground import ELSEWHERE, HERE, Ground, ground, keep_nothing, refused, rules_of
from tests.reach.rights import GROUPS, STEPS, VIEWERS, Right, declared
from tests.support.soak import SOAKING, note

RIGHTS = declared()
LATEST_FIRST = ("implementation", "council", "synthesis", "review", "call", "evaluation")
"""The later the step, the more of what addresses name is there."""
AT = {
    "consultations.keep_facts": "review",
    "contributions.edit": "review",
    "contributions.edit_form": "review",
    "contributions.withdraw": "review",
    "contributions.withdraw_form": "review",
    "contributions.reply": "review",
    "contributions.opinion": "review",
    "moderation.appeal:GET": "review",
    "moderation.appeal:POST": "review",
    "moderation.undo": "review",
    "moderation.answer_post": "review",
}
"""The step at which an endpoint is asked for by everybody, where it is not the latest at which it opens."""
NO_WAY_IN = {
    "people.provider": "there where the installation names an identity provider: tests/rooms/people",
    "people.provider_back": "the same",
    "people.link_provider": "the same",
    "council_desk.amendment": "needs a session that amended a project: tests/rooms/council",
    "council_desk.write_amendment": "the same",
}
"""What nobody can come to on this ground, and why; that others cannot either is looked at all the same."""
WHOLE = {
    "decision": "publish", "remove": "1", "text": "Un texte assez long pour chaque champ.", "reason": "privacy",
    "facts": "Un texte assez long.", "body": "Un texte assez long pour chaque champ.", "outcome": "accepted",
    "title_ar": "عنوان", "title_fr": "Titre", "name_ar": "اسم", "confirm": "y", "fate": "retained", "text_ar": "نص",
    "text_fr": "Un texte assez long.", "reason_ar": "سبب", "value": "1", "on": "1", "choice": "1", "why": "privacy",
}  # fmt: skip
"""What makes most forms whole, so that they are not sent back before they look for what they act on."""
FEW = ("anonymous", "citizen", "suspended", "unproved", "elsewhere")
"""Who asks for what is open to everybody, in the short run."""


def key_of(rule: Rule, method: str) -> str:
    """Return the name under which the table declares an endpoint and method."""
    return rule.endpoint if rule.endpoint in RIGHTS else f"{rule.endpoint}:{method}"


def decisive(key: str, right: Right) -> str:
    """Return the step at which everybody asks for an endpoint."""
    return AT.get(key) or next(step for step in LATEST_FIRST if step in right.when)


class Cells:
    """Asks, counts and compares."""

    def __init__(self, made: Ground) -> None:
        self.made = made
        self.asked = self.last = 0
        self.wrong: list[str] = []

    def comes_in(self, viewer: str, author: int | None, rule: Rule, method: str, path: str) -> bool:
        """Whether somebody comes in; an answer of 500 counts as wrong, whoever asks."""
        self.asked += 1
        person = author if viewer == "author" else self.made.people.get(viewer)
        data = {"data": self.made.fields.get(rule.endpoint, {})} if method == "POST" else {}
        answer = self.made.ask(person, method, path, **data)
        self.last = answer.status_code
        if answer.status_code >= 500:
            self.wrong.append(f"{method} {path} as {viewer} answered {answer.status_code}")
        return not refused(answer)

    def way_in(self, right: Right, rule: Rule, method: str) -> tuple[str, int | None] | None:
        """Return an address at which somebody who may comes in, with its author."""
        holders = [one for one in (*VIEWERS, "author") if right.opens(one, self.made.step)]
        for path, author in self.made.addresses(rule):
            if holders == ["author"] and author is None:
                continue
            if holders and self.comes_in(holders[0], author, rule, method, path):
                return path, author
        return None

    def compare(self, rule: Rule, method: str, viewers: tuple[str, ...]) -> None:
        """Let everybody ask for one endpoint, and hold each answer against the table."""
        right = RIGHTS[key_of(rule, method)]
        step = self.made.step
        found = self.way_in(right, rule, method)
        if found is None and step == decisive(key_of(rule, method), right) and rule.endpoint not in NO_WAY_IN:
            self.wrong.append(f"{method} {rule.endpoint}: nobody comes in at {step}")
        addresses = [found] if found else self.made.addresses(rule)[:1]
        for path, author in addresses:
            for viewer in (*viewers, *(["author"] if author and "author" in right.who else [])):
                may = right.opens(viewer, step) and found is not None
                if self.comes_in(viewer, author, rule, method, path) != may:
                    self.wrong.append(
                        f"{step}: {viewer} {'is kept from' if may else 'comes in to'} {method} {path} ({rule.endpoint})"
                    )

    def compare_shortly(self, rule: Rule, method: str) -> None:
        """Ask with everybody at one step; at a step that opens it to nobody, with whoever may at another."""
        key = key_of(rule, method)
        right = RIGHTS[key]
        if self.made.step == decisive(key, right):
            self.compare(rule, method, FEW if right.who == GROUPS["everybody"] else VIEWERS)
        elif self.made.step not in right.when:
            self.compare(rule, method, tuple(sorted(right.who - {"author"}))[:2])


@pytest.fixture
def undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A patch that a test lays on once the ground is there."""
    with monkeypatch.context() as patch:
        yield patch


def test_every_page_and_form_is_declared(tmp_path: Path) -> None:
    app = create_app(settings(f"sqlite:///{tmp_path}/none.sqlite", tmp_path, demo=True))
    there = {key_of(rule, method) for rule, method in rules_of(app)}
    assert sorted(there - set(RIGHTS)) == [], "say in tests/reach/rights.py who may come to these, and when"
    assert sorted(set(RIGHTS) - there) == [], "declared, but not there"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("step", STEPS)
def test_everybody_comes_in_where_it_is_declared_and_nowhere_else(
    step: str, tmp_path: Path, undone: pytest.MonkeyPatch
) -> None:
    with ground(step, tmp_path / "instance") as made:
        keep_nothing(undone)
        cells = Cells(made)
        for rule, method in rules_of(made.app):
            if SOAKING:
                cells.compare(rule, method, VIEWERS)
            else:
                cells.compare_shortly(rule, method)
        if SOAKING:
            note(f"rights at {step}", cells=cells.asked, wrong=len(cells.wrong))
        assert cells.wrong == [], "\n".join(cells.wrong)


@pytest.mark.parametrize("step", STEPS if SOAKING else ("review", "council", "implementation"))
def test_what_belongs_to_one_commune_is_not_found_under_the_name_of_another(
    step: str, tmp_path: Path, undone: pytest.MonkeyPatch
) -> None:
    with ground(step, tmp_path / "instance") as made:
        keep_nothing(undone)
        cells = Cells(made)
        for rule, method in rules_of(made.app):
            names = rule.arguments - {"lang", "slug", "cycle", "number", "which", "kind"}
            if "slug" not in rule.arguments or not names:
                continue
            made.fields.setdefault(rule.endpoint, WHOLE)
            for path, author in made.addresses(rule)[: None if SOAKING else 6]:
                moved = path.replace(f"/{HERE}/", f"/{ELSEWHERE}/")
                # A form that is sent back did nothing; what it asked for is looked for when it is whole.
                if cells.comes_in("elsewhere", author, rule, method, moved) and cells.last < 400:
                    cells.wrong.append(f"{step}: {method} {moved} ({rule.endpoint})")
        assert cells.wrong == [], "\n".join(cells.wrong)


def test_a_number_that_no_database_holds_names_nothing(tmp_path: Path, undone: pytest.MonkeyPatch) -> None:
    with ground("review", tmp_path / "instance") as made:
        keep_nothing(undone)
        wrong = []
        for rule, method in rules_of(made.app):
            for name, converter in rule._converters.items():
                if type(converter).__name__ != "IntegerConverter":
                    continue
                for huge in ("9" * 5, "9" * 19, "9" * 40):
                    made.rows[f"{rule.endpoint}:{name}"] = [(huge, None)]
                    path = f"/{made.addresses(rule)[0][0].lstrip('/')}" if made.addresses(rule) else ""
                    if path and made.ask(made.people["officer"], method, path).status_code >= 500:
                        wrong.append(f"{method} {path}")
                made.rows.pop(f"{rule.endpoint}:{name}")
        assert wrong == []
