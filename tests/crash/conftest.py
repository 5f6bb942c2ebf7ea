from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crash.day import Day, a_day

MakeDay = Callable[..., Day]


@pytest.fixture
def make_day(tmp_path: Path) -> Iterator[MakeDay]:
    """Begin a day; all its processes are gone after the test."""
    with ExitStack() as stack:
        yield lambda **about: stack.enter_context(a_day(tmp_path, **about))
