"""What holds for all tests."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from cratejoy_tui import logs

# The same examples every time, on however slow a machine; `HYPOTHESIS_PROFILE=explore` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "steady")
EXPLORES = PROFILE == "explore"
settings.load_profile(PROFILE)


@pytest.fixture(autouse=True)
def no_logging_left_behind() -> Iterator[None]:
    """What a test logs to, and how much, ends with it."""
    yield
    root = logging.getLogger()
    for ours in [handler for handler in root.handlers if getattr(handler, "is_ours", False)]:
        root.removeHandler(ours)
        ours.close()
    root.setLevel(logging.WARNING)
    logs.CALLS.setLevel(logging.NOTSET)
