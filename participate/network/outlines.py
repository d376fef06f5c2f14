"""The twelve regions as simple shapes: enough to find one's own, drawn by hand for this and for nothing else.

Corners are degrees of longitude and latitude, rounded to a tenth; neighbours share them, so no gap shows. They are no
source for where a boundary runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Final

Corner = tuple[float, float]

_TANGIER, _CEUTA, _NEKOR = (-5.9, 35.8), (-5.3, 35.9), (-3.8, 35.2)
_LOUKKOS, _OUEZZANE, _TAOUNATE = (-6.3, 34.9), (-5.6, 34.7), (-4.3, 34.8)
_TAZA, _MISSOUR, _BEGGAR, _GUIR = (-3.3, 34.2), (-3.6, 33.3), (-3.4, 32.6), (-2.9, 32.0)
_MIDELT, _AGHBALA, _KHENIFRA, _ROMMANI = (-5.0, 32.8), (-4.0, 32.9), (-5.6, 33.3), (-6.5, 33.3)
_TIFLET, _SKHIRAT, _OUED_ZEM, _TADLA = (-5.9, 33.9), (-7.1, 33.8), (-6.9, 33.0), (-7.0, 32.6)
_IMILCHIL, _MGOUN, _DEMNATE, _SRAGHNA = (-5.3, 32.2), (-6.0, 31.7), (-6.8, 31.5), (-7.1, 32.0)
_OUALIDIA, _RHAMNA, _BENGUERIR = (-9.0, 32.7), (-8.5, 32.3), (-7.8, 32.2)
_TAMRI, _TIZI, _TOUBKAL, _SIROUA = (-9.8, 30.9), (-9.0, 31.0), (-8.2, 30.9), (-7.3, 31.1)
_TALIOUINE, _FOUM, _ZAGORA = (-7.3, 30.5), (-6.8, 30.2), (-6.5, 29.6)
_MIRLEFT, _ANEZI, _AKKA, _BANI = (-10.0, 29.6), (-9.3, 29.5), (-8.5, 29.2), (-8.3, 28.9)
_DRAA_MOUTH, _DRAA, _ANGLE = (-11.6, 28.2), (-11.5, 27.7), (-8.7, 27.7)
_BOUJDOUR, _GUELTA = (-14.7, 25.4), (-12.0, 25.0)

OUTLINES: Final[dict[str, tuple[Corner, ...]]] = {
    "TTA": (_TANGIER, _CEUTA, (-4.7, 35.3), _NEKOR, _TAOUNATE, _OUEZZANE, _LOUKKOS),
    "OR": (_NEKOR, (-2.9, 35.4), (-2.2, 35.1), (-1.8, 34.4), (-1.7, 33.3), (-1.2, 32.1), _GUIR, _BEGGAR, _MISSOUR,
           _TAZA, _TAOUNATE),
    "FM": (_TAOUNATE, _TAZA, _MISSOUR, _AGHBALA, _MIDELT, _KHENIFRA, _TIFLET, _OUEZZANE),
    "RSK": (_LOUKKOS, _OUEZZANE, _TIFLET, _KHENIFRA, _ROMMANI, _SKHIRAT),
    "BMK": (_KHENIFRA, _MIDELT, _IMILCHIL, _MGOUN, _DEMNATE, _SRAGHNA, _TADLA, _OUED_ZEM, _ROMMANI),
    "CS": (_SKHIRAT, _ROMMANI, _OUED_ZEM, _TADLA, _BENGUERIR, _RHAMNA, _OUALIDIA, (-8.5, 33.3), (-7.6, 33.6)),
    "MS": (_OUALIDIA, _RHAMNA, _BENGUERIR, _TADLA, _SRAGHNA, _DEMNATE, _SIROUA, _TOUBKAL, _TIZI, _TAMRI,
           (-9.8, 31.5), (-9.2, 32.3)),
    "DT": (_AGHBALA, _MISSOUR, _BEGGAR, _GUIR, (-3.6, 31.0), (-5.0, 30.1), _ZAGORA, _FOUM, _TALIOUINE, _SIROUA,
           _DEMNATE, _MGOUN, _IMILCHIL, _MIDELT),
    "SM": (_TAMRI, _TIZI, _TOUBKAL, _SIROUA, _TALIOUINE, _FOUM, _ZAGORA, (-7.4, 29.4), _BANI, _AKKA, _ANEZI, _MIRLEFT,
           (-9.6, 30.4)),
    "GON": (_MIRLEFT, _ANEZI, _AKKA, _BANI, (-8.7, 28.7), _ANGLE, _DRAA, _DRAA_MOUTH, (-11.1, 28.5), (-10.2, 29.3)),
    "LSH": (_DRAA_MOUTH, _DRAA, _ANGLE, (-8.7, 26.0), (-12.0, 26.0), _GUELTA, _BOUJDOUR, (-14.5, 26.1), (-13.2, 27.1),
            (-12.9, 27.9)),
    "DOD": (_BOUJDOUR, _GUELTA, (-12.0, 23.4), (-13.1, 22.8), (-13.0, 21.3), (-17.0, 21.3), (-16.9, 21.9),
            (-15.9, 23.7)),
}  # fmt: skip
"""The corners of each region by its code, clockwise from the north-west."""

WIDTH, HEIGHT = 580, 600
_WEST, _NORTH, _UNIT = -17.3, 36.2, 40.0
_NARROW = cos(radians(29))
"""A degree of longitude is this much shorter than one of latitude, half way down the country."""


@dataclass(frozen=True)
class Shape:
    """A region on a map of WIDTH x HEIGHT: its corners as SVG takes them, and where its figure stands."""

    code: str
    points: str
    x: int
    y: int


def _on_paper(corner: Corner) -> tuple[float, float]:
    return (corner[0] - _WEST) * _NARROW * _UNIT, (_NORTH - corner[1]) * _UNIT


def _centre(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the centre of gravity of a polygon (shoelace formula)."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        area, x, y = area + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return x / (3 * area), y / (3 * area)


def _shape(code: str, corners: tuple[Corner, ...]) -> Shape:
    points = [_on_paper(corner) for corner in corners]
    x, y = _centre(points)
    return Shape(code, " ".join(f"{px:.0f},{py:.0f}" for px, py in points), round(x), round(y))


SHAPES: Final = tuple(_shape(code, corners) for code, corners in OUTLINES.items())
