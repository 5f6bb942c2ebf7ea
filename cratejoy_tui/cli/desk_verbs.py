"""Commands whose work is done at a desk: at that of every chosen store, or at one store's only."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from cratejoy_tui.cli.desks import at_each_desk, at_one_desk
from cratejoy_tui.cli.options import Options, shared, verb

if TYPE_CHECKING:
    import click

    from cratejoy_tui.cli.exit_codes import ExitCode

Work = Callable[..., Awaitable["ExitCode | None"]]


def desk_verb(
    name: str, *, examples: Sequence[str], one: bool = False, shares: Callable[..., object] = shared
) -> Callable[[Work], click.Command]:
    """Declares a command that is done at each chosen store's desk, or (`one`) makes sense at one store only.

    The function is given the desk, the output, and its own values by name.
    """
    at_desks = at_one_desk if one else at_each_desk

    def declare(work: Work) -> click.Command:
        @functools.wraps(work)
        def call(options: Options, **given: object) -> ExitCode:
            output = options.output()
            return at_desks(options, name, lambda desk: work(desk, output, **given))

        return verb(name, examples=examples, shares=shares)(call)

    return declare
