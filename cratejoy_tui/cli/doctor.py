"""Is everything in place? `doctor`."""

from __future__ import annotations

from collections import Counter

import rich_click as click

from cratejoy_tui.cli.desks import start_log
from cratejoy_tui.cli.exit_codes import ExitCode, most_serious
from cratejoy_tui.cli.options import Options, verb
from cratejoy_tui.cli.output import Output, fields_of
from cratejoy_tui.setup.findings import Finding, Level
from cratejoy_tui.text import clean

MARKS = {Level.OK: "ok  ", Level.WARN: "warn", Level.FAIL: "FAIL"}


@verb("doctor", examples=["cratejoy-tui doctor", "cratejoy-tui doctor --store main --json"])
def doctor_verb(options: Options) -> ExitCode:
    """Check settings, keys, both remotes, clock, ledger, disk and permissions. Changes nothing; 0 when runs can go."""
    from cratejoy_tui.cli.running import run

    if options.demo:
        raise click.UsageError("The demonstration needs no doctor.")
    start_log(options)
    output = options.output()
    return run(lambda _: _examined(options, output), output.warn)


async def _examined(options: Options, output: Output) -> ExitCode:
    from cratejoy_tui import settings
    from cratejoy_tui.setup.doctor import examine
    from cratejoy_tui.setup_wiring import setup_parts

    parts = setup_parts(options.who, person_present=output.talk.isatty())
    stores = () if "all" in options.stores else options.stores
    found: list[Finding] = []
    async for finding in examine(parts, settings.find_path(options.config), stores):
        found.append(finding)
        _tell(output, finding)
    code = most_serious(finding.code for finding in found)
    counts = Counter(finding.level for finding in found)
    output.record("summary", exit_code=int(code), **{level.value: counts[level] for level in Level})
    return code


def _tell(output: Output, finding: Finding) -> None:
    output.record("finding", **fields_of(finding))
    if output.quiet and finding.level is Level.OK:
        return
    where = f"{finding.store} " if finding.store else ""
    output.document(f"{MARKS[finding.level]}  {where}{finding.name}: {clean(finding.text)}")
    if finding.next_step and finding.level is not Level.OK:
        output.document(f"      -> {clean(finding.next_step)}")
