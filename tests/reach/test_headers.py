"""What every answer carries, whatever room made it; where no answer may lead; what no form is taken without."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from tests.reach.ground import Ground, ground, keep_nothing, rules_of
from tests.reach.rights import VIEWERS, declared
from tests.reach.test_rights import key_of
from tests.support.soak import SOAKING

RIGHTS = declared()
STEP = "implementation"
EVERYWHERE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
KEPT_FOR_MINUTES = "public, max-age=300"
PUBLIC = {
    "static": "public, max-age=3600",
    **dict.fromkeys(
        ("api.contributions_csv", "api.contributions_json", "api.journal", "api.projects", "api.results"),
        KEPT_FOR_MINUTES,
    ),
    **dict.fromkeys(
        ("record.archive", "record.feed", "synthesis.download", "synthesis.paper", "synthesis.table"),
        KEPT_FOR_MINUTES,
    ),
    **dict.fromkeys(("portal.plan_card", "portal.project_card"), "public, max-age=600"),
}
"""What others may keep a copy of, and how long: files that are the same for every reader."""
OTHERWISE = {
    "contributions.idea_file": {"Content-Security-Policy": "default-src 'none'; sandbox"},
    "synthesis.paper": {"Content-Security-Policy": "default-src 'none'; sandbox"},
    **{
        name: {"Cross-Origin-Resource-Policy": "cross-origin"}
        for name in PUBLIC
        if name.startswith(("api.", "portal."))
    },
}
"""A file to be saved runs nothing; open data and pictures may be shown by other sites."""
NOT_KEPT = frozenset(
    [
        "people.app_form",
        "people.lost",
        "people.own_factors",
        "people.password_form",
        "people.recovery_codes",
        "people.second",
        "people.recoveries",
        "people.roles",
        "people.verify",
        "portal.my_data",
    ]
)
"""What no browser may keep: secrets shown once, a person's data, who holds what."""
ELSEWHERE = ("//evil.test/", "/\\evil.test/", "https://evil.test/", "/\tevil", "javascript:alert(1)")


def first_way(made: Ground, rule: Rule, method: str) -> tuple[int | None, str] | None:
    """Return somebody who may come in, and an address."""
    right = RIGHTS[key_of(rule, method)]
    holder = next((one for one in VIEWERS if right.opens(one, made.step)), "author")
    for path, author in made.addresses(rule)[:1]:
        return (author if holder == "author" else made.people.get(holder)), path
    return None


def test_every_answer_carries_the_headers_and_is_kept_no_longer_than_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = []
    with ground(STEP, tmp_path / "instance", tokens=True) as made:
        keep_nothing(monkeypatch)
        for rule, method in rules_of(made.app):
            way = first_way(made, rule, method)
            if way is None:
                continue
            for person in {way[0], None} if SOAKING else {way[0]}:
                answer = made.ask(person, method, way[1])
                good = answer.status_code == 200
                carried = {**EVERYWHERE, **(OTHERWISE.get(rule.endpoint, {}) if good else {})}
                missing = [name for name, value in carried.items() if answer.headers.get(name) != value]
                kept = answer.headers.get("Cache-Control")
                usual = PUBLIC.get(rule.endpoint, "private, no-cache") if good else "private, no-cache"
                if kept not in {"no-store", usual} or (
                    rule.endpoint in NOT_KEPT and good and kept != "no-store"
                ):
                    missing.append(f"kept {kept}")
                if missing:
                    wrong.append(f"{method} {way[1]} ({rule.endpoint}) {answer.status_code}: {missing}")
    assert wrong == [], "\n".join(wrong)


class Leading(ImmutableMultiDict[str, Any]):
    """The fields of a request in which whatever is asked for leads elsewhere."""

    to: ClassVar[str] = ""

    def __getitem__(self, _key: str) -> Any:
        return self.to

    def __contains__(self, key: object) -> bool:
        return True

    def getlist(self, _key: str, type: Any = None) -> list[Any]:  # noqa: A002
        return [self.to]


def test_nothing_that_is_asked_leads_to_another_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, led = [], 0
    with ground("review", tmp_path / "instance") as made:
        keep_nothing(monkeypatch)
        leading = {"parameter_storage_class": Leading}
        made.app.request_class = type("LeadingRequest", (made.app.request_class,), leading)
        for rule, method in rules_of(made.app):
            way = first_way(made, rule, method)
            for to in ELSEWHERE[: None if SOAKING else 1] if way else ():
                monkeypatch.setattr(Leading, "to", to)
                assert way
                data = {"data": made.fields.get(rule.endpoint, {"x": "x"})} if method == "POST" else {}
                answer = made.ask(way[0], method, f"{way[1]}?x=x", **data)
                for name in ("Location", "HX-Redirect", "HX-Location", "Refresh"):
                    where = answer.headers.get(name, "")
                    led += bool(where)
                    parts = urlsplit(where.replace("\\", "/"))
                    if (
                        parts.netloc not in {"", "localhost"}
                        or parts.scheme not in {"", "http"}
                        or "\t" in where
                    ):
                        wrong.append(f"{method} {way[1]} ({rule.endpoint}) leads to {where!r}")
    assert wrong == [], "\n".join(wrong)
    assert led > 30


def test_no_form_is_taken_without_its_token_or_from_another_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = []
    with ground("review", tmp_path / "instance", tokens=True) as made:
        keep_nothing(monkeypatch)
        elsewhere = (
            {"Origin": "https://evil.test"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        )
        for number, (rule, method) in enumerate(rules_of(made.app)):
            way = first_way(made, rule, method)
            if method == "GET" or way is None:
                continue
            for headers in ({}, *(elsewhere if SOAKING else elsewhere[number % 3 :][:1])):
                made.app.config["WTF_CSRF_ENABLED"] = not headers
                answer = made.ask(way[0], method, way[1], data={"x": "x"}, headers=headers)
                if answer.status_code != 400:
                    wrong.append(f"{way[1]} ({rule.endpoint}) with {headers} answers {answer.status_code}")
    assert wrong == [], "\n".join(wrong)
