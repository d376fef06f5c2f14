"""What a password of staff may be."""

import pytest

from participate.rules.passwords import LONGEST, Weakness, normal, weakness

EMAIL = "nadia.idrissi@example.ma"
PLACES = ("Béni Mellal", "بني ملال")


@pytest.mark.parametrize(
    "password",
    [
        "trois chaises sous le figuier",
        "تحت شجرة التين ثلاثة كراس",
        "xk7#Qp2!vM9$wL4",
        "a" * 5 + "بcdefgh klmn ذ",
    ],
)
def test_a_long_sentence_of_ones_own_is_taken_whatever_signs_it_has(password):
    assert weakness(password, EMAIL, PLACES) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("fourteen chars", Weakness.SHORT),
        ("", Weakness.SHORT),
        ("x" * (LONGEST + 1), Weakness.LONG),
        ("ﷺ" * LONGEST + "x", Weakness.LONG),
        ("Correct Horse Battery Staple!", Weakness.COMMON),
        ("motdepasse123456!", Weakness.COMMON),
        ("السلام عليكم ورحمة الله", Weakness.COMMON),
        ("abcabcabcabcabcabc", Weakness.REPEATED),
        ("zzzzzzzzzzzzzzzzzz", Weakness.REPEATED),
        ("abcdefghijklmnopqrs", Weakness.REPEATED),
        ("!!!!!!!!!!!!!!!!!!!!", Weakness.REPEATED),
        ("chez nadia.idrissi on rit", Weakness.TELLING),
        ("la mairie de beni mellal", Weakness.TELLING),
        ("BÉNI-MELLAL toujours là", Weakness.TELLING),
        ("نحن في بَنِي مَلَّال دائما", Weakness.TELLING),
    ],
)
def test_what_others_try_first_is_refused(password, why):
    assert weakness(password, EMAIL, PLACES) is why


def test_a_short_piece_of_an_address_does_not_forbid_a_sentence():
    assert weakness("un âne et deux moutons blancs", "an@example.ma", ("Ait",)) is None


def test_the_same_letters_composed_in_two_ways_are_one_password():
    assert normal("caf\u0065\u0301") == normal("caf\u00e9")
