"""The directory finds what people type; the charter and news come in order."""

from datetime import date, timedelta

import pytest
from flask import Flask

from participate.db import clock, db, writing
from participate.network import actions, queries
from participate.network.models import Collectivity, Region
from participate.rules.policy import Actor, RefusedError, Role
from tests import makers

ROOT = Actor(network_administrator=True)


@pytest.fixture
def members(app: Flask) -> None:
    with writing():
        for position, (code, ar, fr) in enumerate(
            [("FM", "فاس-مكناس", "Fès-Meknès"), ("OR", "الشرق", "L’Oriental")], 1
        ):
            actions.name_region(ROOT, code, position, {"ar": ar, "fr": fr})
        for slug, ar, fr, region in [
            ("azrou", "أزرو", "Azrou", "FM"),
            ("fes", "فاس", "Fès", "FM"),
            ("berkane", "بركان", "Berkane", "OR"),
        ]:
            actions.admit(ROOT, slug=slug, name={"ar": ar, "fr": fr}, region_code=region)
        db.session.commit()


@pytest.mark.parametrize("typed", ["Fès", "fes", "FES", "فاس"])
def test_the_search_forgives_accents_and_case(members: None, typed: str) -> None:
    found = queries.directory(typed)
    assert [m.slug for region in found.regions for m in region.members] == ["fes"]


def test_the_search_forgives_the_hamza(members: None) -> None:
    assert queries.directory("ازرو").found == 1


def test_regions_come_from_north_to_south_with_their_members(members: None) -> None:
    found = queries.directory()
    assert [region.code for region in found.regions] == ["FM", "OR"]
    assert found.communes == 3


def test_a_region_without_a_member_found_is_left_out(members: None) -> None:
    assert [region.code for region in queries.directory("berkane").regions] == ["OR"]


def test_only_the_network_admits_members(app: Flask) -> None:
    with pytest.raises(RefusedError):
        actions.admit(Actor(person_id=1), slug="x-y", name={"ar": "س"}, region_code="FM")


def test_an_address_is_taken_once(members: None) -> None:
    with writing(), pytest.raises(actions.AddressTakenError):
        actions.admit(ROOT, slug="fes", name={"ar": "فاس"}, region_code="FM")


def test_opening_a_space_begins_its_record(members: None) -> None:
    with writing():
        row = actions.open_space(ROOT, "fes", code="FE", description={"ar": "مدينة"})
        db.session.commit()
    assert [one.slug for one in queries.hosted()] == ["fes"]
    assert queries.collectivity_place("fes").collectivity_id == row.id


def test_the_charter_keeps_its_order(app: Flask) -> None:
    with writing():
        row = actions.found_network(
            ROOT,
            name={"ar": "شبكة"},
            acronym={"ar": "ش"},
            description={"ar": "و"},
            charter_intro={"ar": "م"},
            founded_on=date(2022, 10, 21),
            partners=[{"ar": "شريك"}],
            regions_counted=12,
            provinces_counted=4,
        )
        actions.write_charter(
            ROOT, row.id, "value", [("b", {"ar": "ب"}, None), ("a", {"ar": "أ"}, {"ar": "نص"})]
        )
        db.session.commit()
    assert [line.slug for line in queries.charter().values] == ["b", "a"]
    found = queries.the_network()
    assert found is not None
    assert (found.regions_counted, found.provinces_counted) == (12, 4)


def test_news_not_yet_out_is_not_shown(app: Flask) -> None:
    with writing():
        where = makers.a_collectivity()
        officer = makers.actor_of(makers.staff(where, Role.OFFICER))
        actions.publish_news(officer, where.id, slug="now-out", title={"ar": "خبر"}, body={"ar": "نص"})
        actions.publish_news(
            officer,
            where.id,
            slug="later",
            title={"ar": "غدا"},
            body={"ar": "نص"},
            at=clock() + timedelta(days=1),
        )
        db.session.commit()
    assert [one.slug for one in queries.news_of(where.id, clock())] == ["now-out"]
    assert queries.news_one(where.id, "later", clock()) is None


def test_a_resident_publishes_no_news(app: Flask) -> None:
    with writing():
        where = makers.a_collectivity()
        person = makers.actor_of(makers.a_person())
        with pytest.raises(RefusedError):
            actions.publish_news(person, where.id, slug="x-y", title={"ar": "خ"}, body={"ar": "ن"})


def test_tables_hold_what_was_entered(members: None) -> None:
    assert db.session.get(Region, "FM") is not None
    assert db.session.query(Collectivity).filter_by(hosted=True).count() == 0
