from __future__ import annotations

import pytest

from cratejoy_tui import errors
from cratejoy_tui.cli.exit_codes import ExitCode, most_serious


def all_errors(cls: type = errors.CratejoyTuiError) -> list[type[errors.CratejoyTuiError]]:
    return [cls, *(leaf for sub in cls.__subclasses__() for leaf in all_errors(sub))]


@pytest.mark.parametrize("error", all_errors(), ids=lambda cls: cls.__name__)
def test_every_error_ends_with_a_code_that_is_explained(error: type[errors.CratejoyTuiError]) -> None:
    assert ExitCode(error.exit_code).sentence


def test_every_code_has_a_sentence_of_its_own() -> None:
    assert len({code.sentence for code in ExitCode}) == len(ExitCode)


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 8], 8),
        ([8, 4], 4),
        ([4, 2], 2),
        ([2, 6], 6),
        ([6, 3], 3),
        ([3, 5], 5),
        ([5, 7], 7),
        ([7, 130], 130),
        ([8, 1, 7, 4], 7),
    ],
)
def test_several_stores_end_with_the_most_serious_code(codes: list[int], worst: int) -> None:
    assert most_serious(codes) == worst
    assert most_serious(reversed(codes)) == worst


def test_every_code_has_its_place_in_the_order() -> None:
    assert {most_serious([code]) for code in ExitCode} == set(ExitCode)
