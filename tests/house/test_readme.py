"""The README promises what the program does: its settings, its commands and its pictures exist as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import rich_click as click

from cratejoy_tui.cli.root import root
from cratejoy_tui.settings import parse, shown_rules
from cratejoy_tui.sync.domain.rules import Rules
from tests.house.places import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for named, text in found if named == language]


def test_the_settings_in_the_readme_are_read_as_they_stand() -> None:
    examples = [text for text in blocks("toml") if "[stores." in text]
    examples += re.findall(r"cat > \S+\.toml <<END\n(.*?)\nEND", README, re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        assert parse(example).stores


def test_every_setting_stands_in_the_readme_under_its_own_name() -> None:
    [table] = re.findall(r"\| setting \| options \| default \|\n(.*?)\n\n", README, re.DOTALL)
    named = {name for line in table.splitlines() for name in re.findall(r"`([^`]+)`", line.split("|")[1])}
    assert named == set(shown_rules(Rules()))


def test_every_command_in_the_readme_is_one_the_program_knows() -> None:
    written = [line for text in [*blocks("sh"), *blocks("")] for line in text.replace("\\\n", " ").splitlines()]
    written += re.findall(r"`(cratejoy-tui [^`\n]+)`", README)
    commands = [found[1] for line in written if (found := re.search(r"cratejoy-tui( [^#&|<>;$]*|$)", line))]
    assert len(commands) > 30
    for command in commands:
        _is_understood(command.split())


def _is_understood(words: list[str]) -> None:
    context = click.Context(root, info_name="cratejoy-tui")
    known = _options(root, context)
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in known, f"{' '.join(words)}: no option {word}"
        elif isinstance(verb := root.get_command(context, word), click.Command):
            known |= _options(verb, click.Context(verb, info_name=word))


def _options(command: click.Command, context: click.Context) -> set[str]:
    return {name for parameter in command.get_params(context) for name in [*parameter.opts, *parameter.secondary_opts]}


def test_every_picture_and_file_the_readme_points_to_is_there() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert linked
    assert [path for path in linked if not (ROOT / Path(path)).exists()] == []
