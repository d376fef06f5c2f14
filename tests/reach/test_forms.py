"""Whatever is sent to any form of any page, nobody sees an error of ours."""

import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from participate.app import create_app
from participate.db import db
from tests import clients
from tests.conftest import settings as of_a_test
from tests.reach.test_links import RESIDENTS, begin, crawl
from tests.support.demo import DATABASE, demo_at

PEOPLE: dict[str, tuple[str | None, ...]] = {
    "call_for_ideas": ("officer1", "admin2", "desk1", "citizen1"),
    "draft_review": (None, "citizen1", "moderator1", "moderator2", "officer1", "advisory1", "admin1"),
    "synthesis": ("officer1", "committee1", "secretary1"),
    "council": ("secretary1", "president1"),
    "implementation": ("officer1", "citizen1"),
}
"""Whoever together meets the forms."""
ELSEWHERE = {
    # forms of a moment at which no step of the demo stops: the rooms' own tests send them anything
    "consultations.keep_facts", "contributions.edit", "contributions.withdraw",
    "council_desk.record_deliberation", "council_desk.write_amendment", "evaluation_desk.record",
    "lifecycle_desk.adopt_now", "lifecycle_desk.announce_now", "lifecycle_desk.close_consultation",
    "lifecycle_desk.close_plan_now", "lifecycle_desk.open_consultation", "lifecycle_desk.override_notice",
    "lifecycle_desk.reschedule", "lifecycle_desk.return_now", "lifecycle_desk.start_evaluation",
    "lifecycle_desk.transmit_now", "moderation.appeal", "moderation.removal", "moderation.undo",
    "monitoring_desk.decide", "people.sign_out", "people.use_code", "people.use_link",
    "people.verify_association", "positions.mail_receipt", "positions.set_project_priority",
    "responses.remove_theme", "responses.write_theme",
}  # fmt: skip
TRIES = 5
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
"""What no page may hold, whatever was typed."""
ODD = (
    "", "0", "-1", "9" * 30, "1e999", "NaN", "٣", "2023-13-45", "2023-02-30", "25:61", "\x00", "\u202ex",
    "😀" * 40, "أ" * 6000, "<b>", "../..", "on", "y", "true", "null", "{}", "http://example.org", "a@b", "\r\n",
)  # fmt: skip


@dataclass
class Sent:
    """A form as a page showed it: where it goes, what it holds, who saw it."""

    action: str
    kept: dict[str, str]
    names: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)


class Forms(clients._Form):
    """The forms of a page, with every name a field has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Sent] = []
        self._open: Sent | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.fields = {}
        super().handle_starttag(tag, attrs)
        if tag == "form":
            self._open = Sent(self.action or "", self.fields) if self.method == "post" else None
        elif self._open and told.get("name"):
            names = self._open.files if told.get("type") == "file" else self._open.names
            names.add(str(told["name"]))

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if tag == "form" and self._open:
            self.found.append(self._open)
            self._open = None


def forms_of(response: TestResponse) -> Iterator[Sent]:
    """The forms that post on a page of ours."""
    if response.mimetype != "text/html":
        return
    parser = Forms()
    parser.feed(response.get_data(as_text=True))
    for one in parser.found:
        one.action = one.action or response.request.path
        yield one


def values(form: Sent) -> st.SearchStrategy[dict[str, Any]]:
    """Anything for every field of a form, what it held before included."""
    one = st.one_of(st.sampled_from(ODD), st.text(max_size=40))
    fields: dict[str, st.SearchStrategy[Any]] = {
        name: st.one_of(st.just(form.kept.get(name, "")), one, st.lists(one, max_size=3))
        for name in sorted(form.names - {"csrf_token"})
    }
    for name in sorted(form.files):
        fields[name] = st.binary(max_size=60).map(lambda body: (io.BytesIO(body), "x.pdf"))
    return st.fixed_dictionaries({}, optional=fields)


class Stage:
    """A copy of the demo at a step that is put back to how it was before each form."""

    def __init__(self, step: str, folder: Path) -> None:
        self.folder = demo_at(step, folder)
        self.app = create_app(of_a_test(f"sqlite:///{folder / DATABASE}", folder, testing=False))
        self.app.test_client_class = clients.Client
        self.kept = folder / "kept.sqlite"

    def keep(self) -> None:
        """Remember how the database is now."""
        self._copy(self.folder / DATABASE, self.kept)

    def put_back(self) -> None:
        """Undo everything since `keep`."""
        db.session.remove()
        db.engine.dispose()
        self._copy(self.kept, self.folder / DATABASE)

    @staticmethod
    def _copy(source: Path, to: Path) -> None:
        with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(to)) as other:
            one.backup(other)


def endpoint_of(app: Flask, action: str) -> str | None:
    """The endpoint a form goes to."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(action.split("?", maxsplit=1)[0], method="POST")
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)


def attacked(step: str, folder: Path) -> tuple[set[str], set[str], list[str]]:
    """Send anything to each form that people meet at a step: endpoints met, endpoints there are, faults."""
    stage = Stage(step, folder)
    met: dict[str, tuple[clients.Client, Sent]] = {}
    faults: list[str] = []
    with stage.app.app_context():
        for role in PEOPLE[step]:
            client = stage.app.test_client()
            client.inspects = False

            def note(response: TestResponse, client: clients.Client = client) -> None:
                for form in forms_of(response):
                    endpoint = endpoint_of(stage.app, form.action)
                    if endpoint and endpoint not in {"people.sign_out", *met}:
                        met[endpoint] = (client, form)

            for start in begin(client, role):
                crawl(stage.app, client, start, staff=role is not None and role not in RESIDENTS, note=note)
        db.session.commit()
        stage.keep()
        for endpoint, (client, form) in sorted(met.items(), key=lambda one: one[0]):
            stage.put_back()
            faults.extend(f"{endpoint}: {fault}" for fault in sent_anything(client, form))
        rules = stage.app.url_map.iter_rules()
        there = {rule.endpoint for rule in rules if "POST" in (rule.methods or ())}
        db.session.remove()
        db.engine.dispose()
    return set(met), there, faults


def sent_anything(client: clients.Client, form: Sent) -> list[str]:
    """What answered with an error of ours."""
    faults: list[str] = []

    @settings(
        max_examples=TRIES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(values(form))
    def send(typed: dict[str, Any]) -> None:
        data = {"csrf_token": form.kept.get("csrf_token", ""), **typed}
        answer = client.post(
            form.action, data=data, content_type="multipart/form-data" if form.files else None
        )
        if answer.status_code >= 500 or CONTROL.search(answer.get_data(as_text=True)):
            faults.append(f"{answer.status_code} for {str(typed)[:300]}")

    send()
    return faults


@pytest.mark.timeout(300)
def test_no_form_of_any_page_answers_with_an_error_of_ours(tmp_path: Path) -> None:
    met: set[str] = set()
    faults: list[str] = []
    there: set[str] = set()
    for step in PEOPLE:
        found, there, wrong = attacked(step, tmp_path / step)
        met |= found
        faults += [f"{step}: {one}" for one in wrong]
    assert faults == []
    assert there - met == ELSEWHERE, "let somebody in PEOPLE meet these forms, or say that a room's tests do"
