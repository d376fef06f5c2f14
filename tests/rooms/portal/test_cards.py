"""What a shared link shows: the card of a plan and of a project, and what the head of a page says of it."""

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from flask import Flask

from participate.config import Settings
from participate.db import db, set_clock, writing
from participate.portal import cards
from participate.rules.lifecycle import Stage
from participate.rules.policy import Role
from participate.web import press
from tests import makers
from tests.clients import Client
from tests.rooms.portal.test_views import counted

PLAN = "/{lang}/ville/plans/2024-2025/"
PROJECT = "/{lang}/ville/plans/2024-2025/projects/1/"
BOTH = (PLAN, PROJECT)
PLAIN = (Path(press.PRESS).parent / "static" / "icons" / "share.png").read_bytes()


@pytest.fixture
def instance(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """An instance folder of this test alone, in which nothing was drawn."""
    before: Settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = Settings(**{**vars(before), "instance": tmp_path})
    press._rests.clear()
    yield tmp_path
    press._rests.clear()


@pytest.fixture
def plan(app: Flask, instance: Path) -> makers.APlan:
    with writing():
        made = makers.a_plan(collectivity=makers.a_collectivity("ville"))
        db.session.commit()
    return made


def head(client: Client, address: str) -> dict[str, str]:
    """Return what the head of a page says, by name or property."""
    page = client.get(address)
    assert page.status_code == 200
    document = html5lib.parse(page.get_data(as_text=True), namespaceHTMLElements=False)
    metas = document.findall("./head/meta")
    return {
        meta.get("property") or meta.get("name"): meta.get("content")
        for meta in metas
        if meta.get("property") or meta.get("name")
    }


def pixels(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(press.SIGNATURES["png"])
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def drawn_in(instance: Path) -> list[str]:
    return sorted(path.name for path in (instance / "cards").glob("*"))


# --- the picture -----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", BOTH)
@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
def test_a_card_is_a_picture_of_the_size_that_links_show(
    plan: makers.APlan, client: Client, address: str, lang: str
) -> None:
    card = client.get(address.format(lang=lang) + "card.png")
    assert card.status_code == 200
    assert card.mimetype == "image/png"
    assert pixels(card.data) == (1200, 630)
    assert card.data != PLAIN
    assert card.headers["Cache-Control"] == "public, max-age=600"
    assert card.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in card.headers


def test_a_card_is_drawn_once_and_not_sent_again_to_who_has_it(
    plan: makers.APlan, client: Client, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = PLAN.format(lang="fr") + "card.png"
    first = client.get(address)
    monkeypatch.setattr(press, "DRAWING", instance / "there-is-no-press")
    again = client.get(address)
    assert again.data == first.data
    assert again.headers["ETag"] == first.headers["ETag"]
    held = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (held.status_code, held.data) == (304, b"")
    assert len(drawn_in(instance)) == 1


def test_a_changed_title_changes_the_card_and_the_old_one_goes(
    plan: makers.APlan, client: Client, instance: Path
) -> None:
    page = PLAN.format(lang="ar")
    first, before = client.get(page + "card.png"), head(client, page)["og:image"]
    with writing():
        plan.plan.title = makers.words("another title")
        db.session.commit()
    second = client.get(page + "card.png")
    assert second.data != first.data
    assert second.headers["ETag"] != first.headers["ETag"]
    assert head(client, page)["og:image"] != before, (
        "a site that keeps pictures by address asks for the new one"
    )
    assert len(drawn_in(instance)) == 1


def test_the_card_changes_at_the_moment_of_closing(plan: makers.APlan, client: Client) -> None:
    page = PLAN.format(lang="fr")
    before = head(client, page)
    assert "Ouvert jusqu’au mardi 29 août 2023" in before["og:image:alt"]
    with writing():
        set_clock(makers.CLOSES)
        db.session.commit()
    after = head(client, page)
    assert "Consultation close le mardi 29 août 2023" in after["og:image:alt"]
    assert after["og:image"] != before["og:image"]


def test_the_address_in_the_head_may_be_kept_for_a_year(plan: makers.APlan, client: Client) -> None:
    image = head(client, PROJECT.format(lang="ar"))["og:image"]
    assert image.startswith("http://localhost/ar/ville/plans/2024-2025/projects/1/card.png?v=")
    named = client.get(image.removeprefix("http://localhost"))
    assert "immutable" in named.headers["Cache-Control"]
    other = client.get(PROJECT.format(lang="ar") + "card.png?v=0123456789")
    assert other.data == named.data
    assert other.headers["Cache-Control"] == "public, max-age=600"


def test_a_tamazight_page_shares_the_arabic_card(plan: makers.APlan, client: Client, instance: Path) -> None:
    assert (
        head(client, PLAN.format(lang="zgh"))["og:image"] == head(client, PLAN.format(lang="ar"))["og:image"]
    )
    assert (
        client.get(PLAN.format(lang="zgh") + "card.png").data
        == client.get(PLAN.format(lang="ar") + "card.png").data
    )
    assert len(drawn_in(instance)) == 1


# --- who may see it --------------------------------------------------------------------------------


def test_a_private_plan_has_no_card_but_for_those_who_prepare_it(
    app: Flask, instance: Path, client: Client
) -> None:
    with writing():
        made = makers.a_plan(Stage.PREPARATION, collectivity=makers.a_collectivity("ville"), public=False)
        officer = makers.staff(made.collectivity, Role.OFFICER)
        db.session.commit()
    address = PLAN.format(lang="fr") + "card.png"
    assert client.get(address).status_code == 404
    client.sign_in(officer)
    card = client.get(address)
    assert pixels(card.data) == (1200, 630)
    assert card.headers["Cache-Control"] == "private, no-cache"
    assert card.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "address",
    [
        "/fr/ville/plans/2030-2031/card.png",
        "/fr/ailleurs/plans/2024-2025/card.png",
        "/fr/ville/plans/2024-2025/projects/99/card.png",
        "/de/ville/plans/2024-2025/card.png",
    ],
)
def test_what_has_no_page_has_no_card(
    plan: makers.APlan, client: Client, instance: Path, address: str
) -> None:
    assert client.get(address).status_code == 404
    assert drawn_in(instance) == []


def test_a_project_that_no_version_holds_has_no_card(app: Flask, instance: Path, client: Client) -> None:
    with writing():
        makers.a_plan(Stage.PREPARATION, collectivity=makers.a_collectivity("ville"))
        db.session.commit()
    assert client.get(PROJECT.format(lang="fr") + "card.png").status_code == 404


# --- when it cannot be drawn -----------------------------------------------------------------------

SLOW = "import time\ntime.sleep(30)\n"
CRASH = "raise SystemExit(3)\n"
RUBBISH = "print('not a picture')\n"


@pytest.mark.parametrize("script", [SLOW, CRASH, RUBBISH], ids=["slow", "crash", "rubbish"])
def test_where_a_card_cannot_be_drawn_the_platforms_own_is_shown(
    plan: makers.APlan, client: Client, instance: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    (instance / "press.py").write_text(script)
    monkeypatch.setattr(press, "DRAWING", instance / "press.py")
    monkeypatch.setattr(press, "SECONDS", 1.0)
    card = client.get(PLAN.format(lang="fr") + "card.png")
    assert (card.status_code, card.mimetype) == (200, "image/png")
    assert card.data == PLAIN
    assert "ETag" not in card.headers
    assert card.headers["Cache-Control"] == "public, max-age=60"
    monkeypatch.undo()
    assert client.get(PLAN.format(lang="fr") + "card.png").data == PLAIN, "the press rests for a minute"
    press._rests.clear()
    assert client.get(PLAN.format(lang="fr") + "card.png").data != PLAIN


def test_nobody_waits_behind_a_crowd(plan: makers.APlan, client: Client, instance: Path) -> None:
    for _ in range(press.WAITING):
        assert press._queue.acquire(blocking=False)
    try:
        assert client.get(PLAN.format(lang="fr") + "card.png").data == PLAIN
    finally:
        for _ in range(press.WAITING):
            press._queue.release()
    assert client.get(PLAN.format(lang="fr") + "card.png").data != PLAIN


def test_a_full_disk_hinders_no_card(plan: makers.APlan, client: Client, instance: Path) -> None:
    (instance / "cards").write_text("a file where the folder should be")
    assert pixels(client.get(PLAN.format(lang="fr") + "card.png").data) == (1200, 630)


# --- what the head says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "locale", "state"),
    [
        ("ar", "ar_MA", "مفتوح إلى غاية الثلاثاء 29 غشت 2023"),
        ("fr", "fr_MA", "Ouvert jusqu’au mardi 29 août 2023"),
        ("en", "en_GB", "Open until Tuesday 29 August 2023"),
    ],
)
def test_the_head_of_a_project_tells_what_it_is_and_how_it_stands(
    plan: makers.APlan, client: Client, lang: str, locale: str, state: str
) -> None:
    said = head(client, PROJECT.format(lang=lang))
    title = "title of project 1 (ع)" if lang == "ar" else "title of project 1 (f)"
    assert said["og:title"] == title
    assert said["og:locale"] == locale
    assert said["og:description"].startswith(f"{state} · summary of project 1")
    assert said["description"] == said["og:description"]
    assert said["og:url"] == f"http://localhost{PROJECT.format(lang=lang)}"
    assert said["og:image"].startswith(
        f"http://localhost/{lang}/ville/plans/2024-2025/projects/1/card.png?v="
    )
    assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
    assert title in said["og:image:alt"]
    assert said["og:image:alt"].endswith(state)
    assert said["twitter:card"] == "summary_large_image"


@pytest.mark.parametrize("lang", ["ar", "fr"])
def test_another_page_shows_the_platforms_card(plan: makers.APlan, client: Client, lang: str) -> None:
    said = head(client, f"/{lang}/help")
    assert re.fullmatch(r"http://localhost/static/icons/share\.png\?v=[0-9a-f]{10}", said["og:image"])
    assert client.get(said["og:image"].removeprefix("http://localhost")).data == PLAIN
    assert said["og:title"]
    assert said["og:description"]


def test_words_of_strangers_stay_words(plan: makers.APlan, client: Client) -> None:
    hostile = '"><script>alert(1)</script> #panic("x") $x^2$ *a* #read("/etc/passwd") \\u{41}'
    with writing():
        plan.plan.title = {"fr": hostile}
        plan.collectivity.name = {"fr": "W" * 120}
        db.session.commit()
    said = head(client, PLAN.format(lang="fr"))
    assert said["og:title"] == hostile
    assert hostile in said["og:image:alt"]
    card = client.get(PLAN.format(lang="fr") + "card.png")
    assert card.data != PLAIN
    assert pixels(card.data) == (1200, 630)


def test_the_name_of_the_commune_stays_on_one_line() -> None:
    shown = cards._unbroken({"text": "برنامج جماعة بني ملال"}, "بني ملال")
    assert shown["text"] == "برنامج جماعة بني\N{NO-BREAK SPACE}ملال"


def test_a_card_asks_the_database_little(plan: makers.APlan, client: Client) -> None:
    with counted() as sent:
        client.get(PLAN.format(lang="fr") + "card.png")
    assert len(sent) <= 4


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.PREPARATION, "En préparation"),
        (Stage.SYNTHESIS, "Consultation close le"),
        (Stage.COUNCIL, "Devant le conseil"),
        (Stage.IMPLEMENTATION, "Adopté par le conseil"),
        (Stage.WITHDRAWN, "Le programme est retiré"),
    ],
)
def test_every_stage_has_its_words(
    app: Flask, instance: Path, client: Client, stage: Stage, words: str
) -> None:
    with writing():
        makers.a_plan(stage, collectivity=makers.a_collectivity("ville"))
        db.session.commit()
    assert words in head(client, PLAN.format(lang="fr"))["og:image:alt"]
    assert client.get(PLAN.format(lang="fr") + "card.png").data != PLAIN


# --- icons -----------------------------------------------------------------------------------------


def test_the_icons_and_the_manifest_of_the_head_are_there(app: Flask, client: Client) -> None:
    page = client.get("/ar/").get_data(as_text=True)
    document = html5lib.parse(page, namespaceHTMLElements=False)
    links = {
        (link.get("rel"), link.get("type")): link.get("href") for link in document.findall("./head/link")
    }
    for rel, kind in (
        (("icon", None), "image/vnd.microsoft.icon"),
        (("icon", "image/svg+xml"), "image/svg+xml"),
        (("apple-touch-icon", None), "image/png"),
        (("manifest", None), "application/manifest+json"),
    ):
        answer = client.get(links[rel])
        assert (answer.status_code, answer.mimetype) == (200, kind)
    policy = client.get("/ar/").headers["Content-Security-Policy"]
    assert "manifest-src 'self'" in policy
    assert policy.startswith("default-src 'none'")


def test_the_manifest_speaks_arabic_and_wears_the_colour_of_the_sheet(app: Flask, client: Client) -> None:
    manifest = json.loads(client.get("/static/manifest.webmanifest").data)
    sheet = (press.PRESS.parent / "css" / "20-tokens.css").read_text()
    light = dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]+)", sheet.split("prefers-color-scheme")[0]))
    assert manifest["theme_color"] == light["green"]
    assert (manifest["lang"], manifest["dir"]) == ("ar", "rtl")
    assert re.search(r"[\u0600-\u06FF]", manifest["name"])
    for icon in manifest["icons"]:
        answer = client.get(icon["src"])
        assert (answer.status_code, answer.mimetype) == (200, icon["type"])
        if icon["type"] == "image/png":
            assert "x".join(map(str, pixels(answer.data))) == icon["sizes"]
    assert all(icon["src"].startswith("/static/") for icon in manifest["icons"]), "nothing from another host"
