"""The map shows each region once, in its place, with its members counted."""

import re
from itertools import permutations

import pytest

from participate.db import db, writing
from participate.network.models import Collectivity, Region
from participate.network.outlines import HEIGHT, OUTLINES, SHAPES, WIDTH
from participate.rules.outcomes import CollectivityKind
from tests.clients import Client

CODES = {"TTA", "OR", "FM", "RSK", "BMK", "CS", "MS", "DT", "SM", "GON", "LSH", "DOD"}


def corners(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


def inside(x: float, y: float, polygon: list[tuple[float, float]]) -> bool:
    """Whether a point is in a polygon: a line from it crosses the edge an odd number of times."""
    crossed = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


def test_the_twelve_regions_are_drawn_within_the_frame() -> None:
    assert set(OUTLINES) == CODES
    for shape in SHAPES:
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in corners(shape.points)), shape.code


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.code)
def test_the_figure_of_a_region_stands_in_it_and_in_no_other(shape) -> None:
    assert [one.code for one in SHAPES if inside(shape.x, shape.y, corners(one.points))] == [shape.code]


def test_neighbours_share_their_boundary_without_overlap() -> None:
    for one, other in permutations(SHAPES, 2):
        theirs = set(corners(other.points))
        within = [
            corner
            for corner in set(corners(one.points)) - theirs
            if inside(corner[0], corner[1], corners(other.points))
        ]
        assert within == [], f"{one.code} reaches into {other.code}"


def test_the_map_counts_the_members_of_each_region(app, client: Client) -> None:
    with writing():
        for number, code in enumerate(sorted(CODES)):
            db.session.add(Region(code=code, name={"fr": code}, position=number))
            db.session.flush()
            for one in range(number):
                slug = f"{code.lower()}-{one}"
                db.session.add(
                    Collectivity(
                        slug=slug,
                        kind=CollectivityKind.COMMUNE,
                        name={"fr": slug},
                        region_code=code,
                        description={},
                    )
                )
        db.session.commit()
    page = client.get("/fr/members/").get_data(as_text=True)
    drawing = page.split('<figure class="region-map"', 1)[1].split("</figure>", 1)[0]
    assert sorted(map(int, re.findall(r">(\d+)</text>", drawing))) == list(range(1, 12))
    assert drawing.count("<polygon") == 12
    assert "region-map" not in client.get("/fr/members/?q=bmk").get_data(as_text=True), (
        "a search shows what it found"
    )
