"""What one rule said of one box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cratejoy_tui.sync.domain.reason import Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule, the value it looked at, and whether the box gets past it."""

    rule: int
    """Its number in the list of rules, 0 to 9."""
    name: str
    value: str
    passed: bool
    reason: str = ""
    """Why it failed, or which reason a person has released; "" for a plain pass."""
    detail: str = ""
    until: datetime | None = None
    """When time alone will let the box past this rule; None when only something else can."""
    flag: str = ""
    """Worth seeing although the rule passed."""


@lru_cache(maxsize=4096)
def passed(rule: int, name: str, value: str = "", detail: str = "", flag: str = "") -> Verdict:
    """The box gets past this rule. Equal verdicts are shared: a cycle gives the same few to thousands of boxes."""
    return Verdict(rule, name, value, True, "", detail, None, flag)


def failed(
    rule: int, name: str, reason: Reason, value: str = "", detail: str = "", until: datetime | None = None
) -> Verdict:
    """The box does not get past this rule."""
    return Verdict(rule, name, value, False, reason.value, detail, until)
