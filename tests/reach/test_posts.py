"""Whatever is typed into a form, by whoever may send it, the platform has an answer: never its own error page.

The forms are those of the application's own map of addresses. Each is sent at a step of the demo where
somebody may send it, with an address made of rows that are there: first as its page proposes, then with
fields left out, sent twice, or holding what no browser would send.
"""

from __future__ import annotations

import importlib
import io
import os
import pkgutil
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from gettext import GNUTranslations
from html.parser import HTMLParser
from itertools import islice, product
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote_plus

import pytest
import sqlalchemy as sa
import wtforms
from flask import Flask
from hypothesis import example, given, note, settings
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from participate import rules
from participate.app import create_app
from participate.consultations.models import Participant
from participate.contributions.models import Contribution
from participate.db import db
from participate.letters import receipts
from participate.moderation.models import Appeal, ModerationDecision
from participate.people.models import Person, RoleGrant
from participate.plans.models import ActionPlan
from participate.positions.models import Receipt
from participate.post.models import Mail
from participate.rules.outcomes import Accepts, ConsultationState
from participate.rules.policy import Act, Actor, Place, Role, may
from tests import clients
from tests.conftest import settings as settings_of
from tests.support.demo import demo_at
from tests.support.soak import much

DESK = "/fr/desk/beni-mellal/plan/2024-2025"
Sending = tuple[str, str, dict[str, str]]
PLAYED: tuple[tuple[str, tuple[Sending, ...]], ...] = (
    (
        "draft_review",
        (
            ("citizen1", "/fr/beni-mellal/associations/new", {"name_ar": "جمعية تنتظر"}),
            ("moderator2", "/fr/me/lost", {"where": "beni-mellal"}),
        ),
    ),
    ("synthesis", ()),
    ("council", ()),
    (
        "council",
        (
            ("secretary1", "/dev/clock", {"to": "", "minutes": "", "days": "", "day": "2023-10-02"}),
            (
                "secretary1",
                f"{DESK}/council/sitting",
                {"held_on": "2023-10-02", "in_office": "35", "present": "27", "excused": "5"},
            ),
        ),
    ),
    ("implementation", ()),
    (
        "implementation",
        (
            ("officer1", "/dev/clock", {"to": "", "minutes": "", "days": "", "day": "2026-01-05"}),
            ("officer1", f"{DESK}/calendar/evaluation", {}),
        ),
    ),
    ("call_for_ideas", ()),
)
"""Where a form looks, in this order, for a moment at which it can be sent: a step, and what is done there first."""
EXAMPLES = int(os.environ.get("EXAMPLES", much(4, 60)))
"""Random tries for each form; `EXAMPLES=600` searches deeper still."""
TRIES = 60
"""People and addresses tried for a form at a step, before the next step is."""
NO_WAY_IN = {
    "council_desk.withdraw_question": "needs one's own question that waits: sent in tests/rooms/council",
    "council_desk.write_amendment": "needs a session that amended a project: sent in tests/rooms/council and the council's walk",
    "people.refuse_recovery": "a second button of the form of approve_recovery, which is sent: see tests/rooms/people",
}
"""Forms that nobody can send at any of these moments, and why."""
ASKING = "asks-for-a-link@demo.test"
RESIDENTS = ("citizen1@demo.test", "delegate1@demo.test")


class Noting(ImmutableMultiDict[str, Any]):
    """The fields of a request, which note what a view asks for: so its form is known without a list."""

    asked: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, type: Any = None) -> list[Any]:  # noqa: A002
        self.asked.add(key)
        return super().getlist(key, type) if type else super().getlist(key)


@dataclass
class Control:
    """What a page offers for one field: the kind of control, and the values one could pick."""

    kind: str
    values: list[str] = field(default_factory=list)
    limit: int = 4000


class Controls(HTMLParser):
    """Every named control of a page's forms that post to an address; a control outside belongs to the page."""

    def __init__(self, page: str, target: str) -> None:
        super().__init__()
        self.found: dict[str, Control] = {}
        self._page, self._target = page, target
        self._inside = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = (has.get("action") or self._page).split("?")[0] == self._target
        if tag == "option" and self._select:
            self.found[self._select].values.append(has.get("value", ""))
        name = has.get("name", "")
        if not self._inside or not name or tag not in {"input", "select", "textarea", "button"}:
            return
        kind = has.get("type", "text") if tag == "input" else tag
        control = self.found.setdefault(name, Control(kind, limit=int(has.get("maxlength", 4000))))
        if tag == "select":
            self._select = name
        elif has.get("value"):
            control.values.append(has["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "form":
            self._inside = False


SENTENCE = "نريد إنارة كافية قرب المدرسة وموعدا معلنا للأشغال في كل حي من أحياء المدينة."
TYPICAL = {
    "date": "2023-09-05",
    "time": "10:00",
    "datetime-local": "2023-09-05T10:00",
    "number": "3",
    "email": "somebody@demo.test",
    "url": "https://example.org/",
    "checkbox": "y",
}


NAMED = {
    "slug": "something-new",
    "cycle": "2032-2033",
    "starts_on": "2032-01-01",
    "ends_on": "2033-12-31",
    "opens_on": "2023-10-02",
    "held_on": "2023-10-02",
    "last_day": "2023-09-06",
    "name_ar": "اسم لا يحمله أحد",
}
"""What fits a field by its name, where its kind does not say enough."""


def typical(name: str, control: Control) -> str:
    """What a person would send: what stands there, the first choice, or a text that fits."""
    first = next((value for value in control.values if value), "")
    return NAMED.get(name) or first or TYPICAL.get(control.kind, SENTENCE[: control.limit])


def words_of_the_law() -> list[str]:
    """Every value of every enumeration of the rules: outcomes, stances, reasons, roles …"""
    found: set[str] = set()
    for module in pkgutil.iter_modules(rules.__path__):
        for one in vars(importlib.import_module(f"participate.rules.{module.name}")).values():
            if isinstance(one, type) and issubclass(one, StrEnum):
                found.update(str(member) for member in one)
    return sorted(found)


HOSTILE = (
    "", " ", "\x00", "a\x00b", "\ud800", "\u202e\u2066", "\u0000\uffff", "<script>", "%", "'", '"', "\\", "{}",
    "[]", "null", "0", "-1", "1", "2", "007", "١٢", "²", "1.5", "1e400", "NaN", "inf", "9" * 19, "9" * 5000,
    "-" + "9" * 40, "0001-01-01", "9999-12-31", "2023-02-30", "2023-8-1", "20230901", "2023-W35-2",
    "9999-12-31T23:59:59", "2023-09-05T10:00:00+99:00", "2023-09-05T10:00:00+00:00", "24:00", "25:61", "on",
    "//elsewhere.test/", "javascript:x", "../../etc/passwd", "a@b", "@", "a" * 300 + "@demo.test", "é" * 5000,
    "BM-0000-0000", "\r\nBcc: x@y.test", "ar", "zz",
)  # fmt: skip


def words_of_wtforms() -> re.Pattern[str]:
    """What WTForms says by itself, in English: every message of its own catalogue, up to a placeholder."""
    with (Path(wtforms.__file__).parent / "locale/fr/LC_MESSAGES/wtforms.mo").open("rb") as source:
        ids = GNUTranslations(source)._catalog  # type: ignore[attr-defined]
    said = {(one[0] if isinstance(one, tuple) else one) for one in ids} - {""}
    longest = {max(re.split(r"%\(\w+\)[sd]|'?%s'?", one), key=len).strip("' .") for one in said}
    return re.compile("|".join(re.escape(one) for one in sorted(longest)))


ENGLISH = words_of_wtforms()


@dataclass(frozen=True)
class Door:
    """A form that somebody may send: who, to which address, and what it asks for."""

    endpoint: str
    email: str | None
    path: str
    controls: dict[str, Control] = field(compare=False)
    names: tuple[str, ...] = field(compare=False)


class Platform:
    """The application on a copy of the demo, brought back to what it was after each form that changed it."""

    def __init__(self, step: str, played: tuple[Sending, ...], folder: Path) -> None:
        demo_at(step, folder)
        self.path = folder / "demo.sqlite"
        self.kept = folder / "kept.sqlite"
        wanted = settings_of(f"sqlite:///{self.path}", folder, testing=False, demo=True)
        self.played = played
        self.app: Flask = create_app(wanted)
        self.app.test_client_class = clients.Client
        self.app.config["PROPAGATE_EXCEPTIONS"] = True
        kept = {"parameter_storage_class": Noting}
        self.app.request_class = type("NotingRequest", (self.app.request_class,), kept)

    def ready(self) -> None:
        """Sign everybody in, do what is done first, read what addresses are made of, and keep a copy of that."""
        people = db.session.scalars(db.select(Person).where(Person.email.is_not(None)))
        self.ids = {str(person.email): person.id for person in people}
        self.emails = {number: email for email, number in self.ids.items()}
        part = db.session.scalars(db.select(Participant.person_id).order_by(Participant.id.desc()).limit(3))
        took_part = [self.emails[person] for person in part if person in self.emails]
        self.holders: dict[Role | None, list[str]] = {None: [*RESIDENTS, *took_part]}
        for grant in db.session.scalars(db.select(RoleGrant).order_by(RoleGrant.id)):
            self.holders.setdefault(grant.role, []).append(self.emails[grant.person_id])
        self._browsers: dict[str | None, tuple[clients.Client, str, str]] = {}
        for who, path, changes in self.played:
            email = f"{who}@demo.test"
            fields = {**dict(whole(self.form(email, path))), **changes}
            client, csrf = self.client(email)
            answer = client.post(path, data={**fields, "csrf_token": csrf})
            assert answer.status_code == 303, f"{path} answered {answer.status_code}"
        self.stage = db.session.scalars(sa.select(ActionPlan.stage)).one()
        self.rows = self._rows()
        self.rows["token"] = [(self._link(), None)]
        self.rows["proof"] = [(receipts.token_of(self.ids[RESIDENTS[0]]), None)]
        for email in {one for values in self.rows.values() for _value, one in values if one}:
            self.client(email)
        for email in {one for many in self.holders.values() for one in many}:
            self.client(email)
        db.session.remove()
        db.engine.dispose()
        shutil.copy(self.path, self.kept)

    def _link(self) -> str:
        """Ask for a code, and return the token of the link in its mail."""
        client, csrf = self.client(None)
        client.post("/fr/sign-in", data={"csrf_token": csrf, "email": ASKING})
        mail = db.session.scalars(db.select(Mail.body).where(Mail.address == ASKING)).first() or ""
        found = re.search(r"/sign-in/link/([0-9A-Za-z-]+)", mail)
        assert found, f"no link in {mail!r}"
        return found.group(1)

    def client(self, email: str | None) -> tuple[clients.Client, str]:
        """Somebody's browser, signed in again if a form signed it out, and what makes their forms their own."""
        if email not in self._browsers:
            self._browsers[email] = self._browser(email)
        client, sid, csrf = self._browsers[email]
        client.set_cookie("participate", sid, domain="localhost")
        return client, csrf

    def _browser(self, email: str | None) -> tuple[clients.Client, str, str]:
        """Open a browser for somebody: the browser, its session and its token."""
        client = self.app.test_client()
        assert isinstance(client, clients.Client)
        client.inspects = False  # what is typed comes back as typed, control characters too
        if email:
            client.sign_in(self.ids[email])
        page = client.get("/fr/me/settings" if email else "/fr/sign-in").get_data(as_text=True)
        csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        cookie = client.get_cookie("participate", domain="localhost")
        assert csrf
        assert cookie
        assert isinstance(csrf.group(1), str)
        return client, cookie.value, csrf.group(1)

    def restore(self) -> None:
        """Bring the database back to what it was."""
        db.session.remove()
        db.engine.dispose()
        for left in self.path.parent.glob(f"{self.path.name}-*"):
            left.unlink()
        shutil.copy(self.kept, self.path)

    def send(
        self, email: str | None, path: str, fields: list[tuple[str, str]], file: str = ""
    ) -> TestResponse:
        """Send a form, as bytes no browser would refuse to send; undo what it did."""
        client, csrf = self.client(email)
        pairs = [*fields, ("csrf_token", csrf)]
        if file:
            data: dict[str, Any] = {}
            for name, value in pairs:
                data.setdefault(name, []).append(
                    value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
                )
            data[file] = (io.BytesIO(b"%PDF-1.7 \x00\xff no document"), "plan\x00.pdf")
            answer = client.post(path, data=data)
        else:
            body = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
            answer = client.post(path, data=body, content_type="application/x-www-form-urlencoded")
        if answer.status_code < 400:
            self.restore()
        return answer

    def form(self, email: str | None, path: str) -> dict[str, Control]:
        """What a form offers on its own page, or on one above it that holds it; nothing if it is elsewhere."""
        above = path
        while above:
            answer = self.client(email)[0].get(above, follow_redirects=True)
            controls = Controls(answer.request.path, path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                controls.feed(answer.get_data(as_text=True))
            if controls.found:
                return controls.found
            above = above.rsplit("/", 1)[0]
        return {}

    def _rows(self) -> dict[str, list[tuple[str, str | None]]]:
        """For each argument of an address the values to try, with whoever wrote what they name."""
        tables = db.metadata.tables
        here = sa.select(tables["collectivity"].c.slug).where(
            tables["collectivity"].c.id.in_(sa.select(RoleGrant.collectivity_id))
        )
        found: dict[str, list[tuple[str, str | None]]] = {
            "lang": [("fr", None)],
            "slug": [(slug, None) for slug in db.session.scalars(here)],
        }
        for name, table, column in (
            ("cycle", "action_plan", "cycle"),
            ("number", "project", "number"),
            ("meeting", "meeting", "slug"),
        ):
            values = db.session.scalars(sa.select(tables[table].c[column]).limit(3))
            found[name] = [(str(value), None) for value in values]
        for rule in posting(self.app):
            for name in rule.arguments - set(found):
                if name.endswith("_id"):
                    key = tables[name.removesuffix("_id")].c.id
                    values = db.session.scalars(sa.select(key).order_by(key.desc()).limit(6))
                    found[name] = [(str(value), None) for value in values]
        found["ref"] = [*self._texts(), *self._decisions()]
        codes = db.session.execute(
            db.select(Receipt.code, Participant.person_id)
            .join(Participant, Participant.id == Receipt.participant_id)
            .where(Participant.person_id.is_not(None), Receipt.replaced_by.is_(None))
            .limit(2)
        )
        found["code"] = [(code, self.emails.get(person)) for code, person in codes]
        return found

    def _texts(self) -> Iterator[tuple[str, str | None]]:
        """One text of each kind and state, and the two newest of each; what is public comes first, then what was appealed."""
        appealed = set(db.session.scalars(db.select(Appeal.contribution_id)))
        texts = list(db.session.scalars(db.select(Contribution).order_by(Contribution.submitted_at.desc())))
        seen: dict[tuple[object, ...], int] = {}
        for text in sorted(texts, key=lambda text: (text.state != "published", text.id not in appealed)):
            kind = (text.kind, text.state, text.reply_count > 0, text.id in appealed)
            seen[kind] = seen.get(kind, 0) + 1
            if seen[kind] <= 2:
                yield text.ref, self.emails.get(text.acting_person_id or 0)

    def _decisions(self) -> Iterator[tuple[str, str | None]]:
        """What was appealed, newest first, then the newest decision of each moderator."""
        asked = db.select(ModerationDecision.ref).join(Appeal, Appeal.decision_id == ModerationDecision.id)
        for code in db.session.scalars(asked.order_by(Appeal.state != "open", Appeal.filed_at.desc())):
            yield code, None
        seen: set[int | None] = set()
        for one in db.session.scalars(
            db.select(ModerationDecision).order_by(ModerationDecision.decided_at.desc())
        ):
            if one.decided_by not in seen:
                seen.add(one.decided_by)
                yield one.ref, self.emails.get(one.decided_by or 0)


def quote(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def posting(app: Flask) -> list[Rule]:
    """Every address that takes a form."""
    return sorted(
        (rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())),
        key=lambda rule: rule.endpoint,
    )


def people_for(platform: Platform, act: Act) -> list[str | None]:
    """Ask the law who could do this at this stage of the plan: residents, holders of a role, anybody."""
    ways = [
        Place(1, stage=platform.stage, window_open=True, consultation_state=ConsultationState.OPEN,
              accepts=frozenset(Accepts), owner_person_id=owner, decided_by=owner)
        for owner in (1, 2)
    ]  # fmt: skip
    found: list[str | None] = []
    for role in (None, *Role):
        actor = Actor(1, frozenset({(1, role)}) if role else frozenset(), level=9, named=True)
        if any(may(actor, act, way) for way in ways):
            found.extend(platform.holders.get(role, []))
    if may(Actor(), act, ways[0]):
        found.append(None)
    return found


def candidates(platform: Platform, rule: Rule) -> Iterator[tuple[str | None, str]]:
    """People who may do what a form does, each with addresses of that form made of real rows."""
    people = people_for(platform, vars(platform.app.view_functions[rule.endpoint])["guard_act"])
    names = sorted(rule.arguments)
    adapter = platform.app.url_map.bind("localhost")
    if not people:
        return
    for chosen in product(*(platform.rows.get(name, []) for name in names)):
        values = {name: value for name, (value, _) in zip(names, chosen, strict=True)}
        path = adapter.build(rule.endpoint, values, "POST")
        authors = [author for _, author in chosen if author]
        for email in dict.fromkeys([*authors, *people]):
            yield email, path


def door(platform: Platform, rule: Rule) -> Door | None:
    """Return a way to send a form that is not refused at once, and what the form asks for; None if none is."""
    nothing_at: set[str] = set()
    names = set(rule.arguments)
    for email, path in islice(candidates(platform, rule), TRIES):
        if path in nothing_at:
            continue
        Noting.asked.clear()
        empty = platform.send(email, path, [])
        if refused(empty) and empty.status_code != 404:
            continue
        # Some forms name in a field what they act on; the page that lists it says how.
        controls = (
            platform.form(email, path) if empty.status_code != 404 or not names - {"lang", "slug"} else {}
        )
        if empty.status_code == 404 and not controls:
            nothing_at.add(path)
            continue
        if refused(platform.send(email, path, whole(controls))):
            continue
        asked = (Noting.asked | set(controls)) - {"csrf_token"}
        return Door(rule.endpoint, email, path, controls, tuple(sorted(asked)))
    return None


def refused(answer: TestResponse) -> bool:
    """Whether somebody may not send this here, or nothing is here."""
    return answer.status_code in {403, 404} or "/sign-in?" in answer.headers.get("Location", "")


def whole(controls: dict[str, Control]) -> list[tuple[str, str]]:
    """What a person sends who fills in everything."""
    return [(name, typical(name, one)) for name, one in controls.items() if name != "csrf_token"]


def usual(door: Door) -> list[tuple[str, str]]:
    """What a browser sends of a form that was filled in, before one of its buttons adds its own name."""
    return [(name, value) for name, value in whole(door.controls) if door.controls[name].kind != "button"]


def pieces(door: Door, pool: list[str]) -> st.SearchStrategy[tuple[list[tuple[str, str]], str]]:
    """What is sent through a door: mostly what one would send, a few fields broken, perhaps a file."""

    @st.composite
    def drawn(draw: Callable[..., Any]) -> tuple[list[tuple[str, str]], str]:
        fields = {name: [value] for name, value in usual(door)}
        strange = st.one_of(st.sampled_from(HOSTILE), st.sampled_from(pool), st.text(max_size=30))
        for name in draw(st.lists(st.sampled_from(door.names or ("x",)), max_size=3, unique=True)):
            choices = door.controls[name].values if name in door.controls else []
            one = st.one_of(st.sampled_from(choices), strange) if choices else strange
            fields[name] = draw(st.lists(one, max_size=3))
        file = draw(st.sampled_from(["", "", "", *door.names]))
        return [(name, value) for name, values in fields.items() for value in values], file

    return drawn()


STRIKES = {
    "date": (" ", "²", "0001-01-01", "9999-12-31"),
    **dict.fromkeys(("radio", "checkbox", "select", "button"), (" ", "²")),
}
"""What each kind of field that no person types is broken with; the others with these three."""
NO_NUMBER = (" ", "²", "9" * 30)


def strikes(door: Door) -> Iterator[tuple[list[tuple[str, str]], str]]:
    """Break each field that no person types: blank, no number, no choice, the ends of the calendar.

    Of fields that differ by a number only (each milestone's, each project's) the first stands for all.
    """
    seen: set[str] = set()
    for name in door.names:
        kind = door.controls[name].kind if name in door.controls else "hidden"
        if kind in {"text", "textarea", "email"} or (alike := re.sub(r"\d+", "0", name)) in seen:
            continue
        seen.add(alike)
        for wrong in STRIKES.get(kind, NO_NUMBER):
            yield [*((other, value) for other, value in usual(door) if other != name), (name, wrong)], ""


def fuzz(platform: Platform, door: Door, pool: list[str]) -> None:
    """Send a form many times, and let every answer be one that was meant."""

    @settings(max_examples=EXAMPLES, derandomize=True)
    @given(pieces(door, pool))
    def tried(sent: tuple[list[tuple[str, str]], str]) -> None:
        note(f"{door.email} sends {door.path}")
        answer = platform.send(door.email, door.path, *sent)
        assert answer.status_code < 500
        assert not ENGLISH.findall(answer.get_data(as_text=True)), (
            "name it in WORDS_OF_WTFORMS, and translate it"
        )

    client, csrf = platform.client(door.email)
    client.post(door.path, json=[1], headers={"X-CSRFToken": csrf})  # no form at all
    platform.restore()
    for strike in strikes(door):
        tried = example(strike)(tried)
    tried()


@pytest.mark.timeout(much(400, 7200))
def test_no_form_breaks_whatever_is_sent(tmp_path: Path) -> None:
    waiting: set[str] | None = None
    for number, (step, played) in enumerate(PLAYED):
        platform = Platform(step, played, tmp_path / str(number))
        with platform.app.app_context():
            platform.ready()
            pool = [*words_of_the_law(), *(value for values in platform.rows.values() for value, _ in values)]
            waiting = {rule.endpoint for rule in posting(platform.app)} if waiting is None else waiting
            for rule in posting(platform.app):
                found = door(platform, rule) if rule.endpoint in waiting else None
                if found:
                    waiting.discard(rule.endpoint)
                    fuzz(platform, found, pool)
            db.session.remove()
            db.engine.dispose()
    assert waiting == set(NO_WAY_IN), "a form that nobody can send, or one that now can be"
