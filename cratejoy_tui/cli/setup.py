"""Connecting a store and letting go of its keys: `setup`, `forget`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import rich_click as click

from cratejoy_tui.cli.desks import start_log
from cratejoy_tui.cli.exit_codes import ExitCode
from cratejoy_tui.cli.options import Options, verb
from cratejoy_tui.errors import SetupError
from cratejoy_tui.settings.tables import looks_secret

if TYPE_CHECKING:
    from cratejoy_tui.cli.output import Output
    from cratejoy_tui.cli.setup_screens import Begin
    from cratejoy_tui.cli.setup_unattended import Given
    from cratejoy_tui.setup.wizard import Wizard


def _pairs(context: click.Context, option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE flags; a key among them is refused without being repeated."""
    pairs = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter("write it as NAME=VALUE.", context, option)
        if looks_secret(name.strip()):
            raise click.UsageError(
                f"{name.strip()} is a key: other users of this computer can read the arguments of a command. Make a "
                "new one, and give it by the environment, --secrets-stdin or --secrets-fd.",
                context,
            )
        spelled = ("-", "_") if option.name == "settings" else ("_", "-")
        pairs[name.strip().replace(*spelled)] = value.strip()
    return pairs


@verb(
    "setup",
    examples=[
        "cratejoy-tui setup",
        "cratejoy-tui setup --plain --store tea",
        "cratejoy-tui setup --from-env --warehouse folder --set root=/srv/wms --earliest-order-date none --adopt none",
        "pass show cratejoy | cratejoy-tui setup --secrets-stdin --store tea --warehouse shipstation",
    ],
)
@click.option("--plain", is_flag=True, help="Ask line by line; for ssh, dumb terminals and screen readers.")
@click.option("--from-env", is_flag=True, help="Ask nothing; keys come from the environment.")
@click.option("--secrets-stdin", is_flag=True, help="Ask nothing; keys come from stdin, as name=value lines or JSON.")
@click.option("--secrets-fd", type=click.IntRange(min=3), metavar="N", help="Keys come from this file descriptor.")
@click.option("--keys", type=click.Choice(["keyring", "elsewhere"]), help="Where keys are kept. [default: keyring]")
@click.option("--credentials-file", metavar="FILE", help="Each run reads the keys from this file (mode 600).")
@click.option("--credential-command", metavar="COMMAND", help="Each run takes the keys from what this command prints.")
@click.option("--time-zone", metavar="ZONE", help="The store's time zone, such as America/New_York.")
@click.option("--api-url", metavar="URL", help="Cratejoy's address, to try things out on a simulator.")
@click.option("--warehouse", metavar="KIND", help="The kind of warehouse, such as folder.")
@click.option("--set", "settings", metavar="NAME=VALUE", multiple=True, callback=_pairs, help="A warehouse setting.")
@click.option("--rule", "rules", metavar="NAME=VALUE", multiple=True, callback=_pairs, help="A rule of the store.")
@click.option("--earliest-order-date", metavar="DAY", help="Never send boxes of older sales; a day, or none.")
@click.option("--adopt", metavar="LIST", help="Orders at the warehouse already: none, later, or a file of numbers.")
@click.option("--no-preview", is_flag=True, help="Do not look at the first pull.")
@click.option("--untested", is_flag=True, help="Do not test the connections.")
def setup_verb(
    options: Options, plain: bool, from_env: bool, secrets_stdin: bool, secrets_fd: int | None, **given: Any
) -> ExitCode:
    """Connect a Cratejoy store to a warehouse, or change one that is connected.

    Everything is tested by reading only, and nothing is kept before the end. Keys never stand in arguments.
    """
    from cratejoy_tui.cli import setup_unattended
    from cratejoy_tui.cli.setup_screens import on_screens
    from cratejoy_tui.tui.door import why_no_console

    start_log(options)
    name = options.stores[0] if options.stores else ""
    keys = setup_unattended.keys_from(secrets_fd, name or "main") if secrets_stdin or secrets_fd is not None else {}
    told = _told(given, keys, from_environment=from_env)
    begin = partial(_begun, options, given, told)
    if from_env or secrets_stdin:
        return _unattended(begin, told, options.output())
    if plain or why_no_console():
        return _plainly(begin, may_look=told.is_looked_at)
    return on_screens(begin, may_look=told.is_looked_at)


@verb("forget", examples=["cratejoy-tui forget --store tea", "cratejoy-tui forget --store all --yes"])
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget_verb(options: Options, *, yes: bool) -> ExitCode:
    """Remove a store's keys from this computer's keyring. Settings and ledger stay; `setup` connects it again."""
    from cratejoy_tui.settings import find_path
    from cratejoy_tui.setup.draft import new_draft
    from cratejoy_tui.setup.saving import all_key_names, forget, settings_in
    from cratejoy_tui.setup_wiring import setup_parts

    start_log(options)
    if not options.stores:
        raise click.UsageError("Say which store: --store NAME, or --store all.")
    if not yes:
        click.confirm("Runs of this store will stop until it is connected again. Go on?", abort=True, err=True)
    output, parts, settings = options.output(), setup_parts(options.who), settings_in(find_path(options.config))
    names = tuple(settings.stores) if "all" in options.stores else dict.fromkeys(options.stores)
    for name in names:
        gone = forget(parts.keyring, name, all_key_names(parts))
        # A kill in the middle of saving can leave keys of a store that the settings do not name.
        store = new_draft(name).store if gone and name not in settings.stores else settings.store(name)
        still = parts.find_keys(settings, store, all_key_names(parts)).sources
        output.record("forgotten", store=name, keys=gone, still=dict(still))
        output.line(f"{name}: {', '.join(gone) or 'no key'} removed from the keyring.")
        for key, source in still.items():
            output.warn(f"{name}: {key} still comes from: {source}. Remove it there.")
    return ExitCode.WELL


def _told(given: Mapping[str, Any], keys: Mapping[str, Any], *, from_environment: bool) -> Given:
    from cratejoy_tui.cli.setup_unattended import Given

    answers: dict[str, dict[str, str]] = {"rules": given["rules"], "connection": given["settings"]}
    places = {
        "time_zone": ("store", "time-zone"),
        "api_url": ("store", "api-url"),
        "keys": ("keys", "keys"),
        "warehouse": ("warehouse", "kind"),
        "earliest_order_date": ("first-pull", "earliest-order-date"),
        "adopt": ("first-pull", "adopt"),
    }
    for option, (step, field) in places.items():
        if given[option] is not None:
            answers.setdefault(step, {})[field] = str(given[option])
    return Given(
        answers=answers,
        keys=keys,
        from_environment=from_environment,
        is_tested=not given["untested"],
        is_looked_at=not given["no_preview"] and not given["untested"],
    )


async def _begun(options: Options, given: Mapping[str, Any], told: Given) -> Wizard:
    """A sitting, with what the command line said already filled in."""
    import shlex

    from cratejoy_tui.cli.setup_screens import sitting

    wizard = await sitting(options)
    store = wizard.draft.store
    if given["credentials_file"] is not None:
        store = replace(store, credentials_file=given["credentials_file"])
    if given["credential_command"] is not None:
        store = replace(store, credential_command=tuple(shlex.split(given["credential_command"])))
    wizard.draft = replace(wizard.draft, store=store).with_secrets(told.keys)
    await wizard.find_keys()
    wizard.preset(told.answers)
    return wizard


def _unattended(begin: Begin, told: Given, output: Output) -> ExitCode:
    from cratejoy_tui.cli.running import run
    from cratejoy_tui.cli.setup_unattended import set_up

    async def work(_: object) -> ExitCode:
        wizard = await begin()
        try:
            return await set_up(wizard, told, output)
        finally:
            await wizard.close()

    return run(work, output.warn)


def _plainly(begin: Begin, *, may_look: bool) -> ExitCode:
    from cratejoy_tui.cli.setup_plain import Conversation
    from cratejoy_tui.cli.setup_prompts import Prompts, Stopped, signals_raised

    if not sys.stdin.isatty():
        raise SetupError(
            "There is no terminal to answer questions at.",
            next_step="Give everything by flags: `cratejoy-tui setup --from-env --help` shows them.",
        )
    prompts = Prompts()

    async def talk() -> ExitCode:
        wizard = await begin()
        try:
            return await Conversation(wizard, prompts, may_look=may_look).lead()
        finally:
            await wizard.close()

    try:
        with signals_raised():
            return asyncio.run(talk())
    except Stopped as stopped:
        prompts.say("\nLeft. What was not saved is kept nowhere.")
        return stopped.code
