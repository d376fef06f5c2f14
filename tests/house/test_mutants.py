"""The faults that `make mutants` plants can still be planted."""

import pytest

from tests.support.mutants import ROOT, Mutant, mutants


@pytest.mark.parametrize("one", mutants(), ids=lambda one: one.name)
def test_the_text_to_replace_is_there_once(one: Mutant) -> None:
    assert one.old != one.new
    assert one.file_in(ROOT).is_file()


def test_no_two_faults_have_one_name() -> None:
    names = [one.name for one in mutants()]
    assert len(set(names)) == len(names)
