"""What a run tells while it goes on: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cratejoy_tui.cli.desks import narrator
from cratejoy_tui.cli.output import Output
from cratejoy_tui.text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from cratejoy_tui.sync.flows.desk import Told


@contextmanager
def progress(output: Output) -> Iterator[Callable[[Told], None]]:
    """Give what a desk should tell; bars vanish when the run is over."""
    if output.quiet or not output.talk.isatty():
        yield _in_lines(output)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=output.talk, markup=False), transient=True) as bars:
        yield _in_bars(bars, output)


def _in_lines(output: Output) -> Callable[[Told], None]:
    say = narrator(output)

    def tell(thing: Told) -> None:
        from cratejoy_tui.logs import RECORD
        from cratejoy_tui.sync.domain.plan import Outcome, Result

        if isinstance(thing, Outcome):
            # Reasons stay out of the file: a remote's own words may name a person.
            RECORD.info("%s %s %s: %s", thing.kind, thing.shipment_id, thing.number, thing.result)
        if isinstance(thing, Outcome) and thing.result is not Result.DONE:
            output.say(f"{thing.kind} {thing.number or thing.shipment_id}: {thing.result}. {thing.reason}")
        else:
            say(thing)

    return tell


def _in_bars(bars: Progress, output: Output) -> Callable[[Told], None]:
    tasks: dict[str, TaskID] = {}
    in_lines = _in_lines(output)

    def tell(thing: Told) -> None:
        from cratejoy_tui.sync.flows.desk import Step

        if not isinstance(thing, Step):
            in_lines(thing)
            return
        if thing.name not in tasks:
            tasks[thing.name] = bars.add_task(one_line(thing.name, 60), total=thing.total)
        bars.update(tasks[thing.name], completed=thing.done, total=thing.total)

    return tell
