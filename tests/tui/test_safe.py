"""Nothing that is not a constant of ours may reach a place where Textual reads markup."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from textual.content import Content

import cratejoy_tui.tui
from cratejoy_tui.tui.safe import as_it_is, joined, lines, words

FOLDER = Path(cratejoy_tui.tui.__file__).parent
SINKS = {
    "Static", "Label", "Button", "Checkbox", "RadioButton", "Option", "OptionList", "Tree", "TabPane", "Collapsible",
    "SelectionList", "Select", "Placeholder", "Link", "notify", "update", "add_option", "from_markup",
    "DataTable", "Digits",
}  # fmt: skip
SAFE_CALLS = {
    "words",
    "lines",
    "as_it_is",
    "joined",
    "Content",
    "content",
    "styled",
    "assemble",
    "join",
    "help_content",
    "plan_content",
}
ATTRIBUTES = {"border_title", "border_subtitle", "tooltip"}


def faults_of(tree: ast.AST) -> list[int]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in SINKS and not _is_literal_call(node):
            found += [node.lineno for argument in node.args[:1] if not _is_safe(argument)]
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in ATTRIBUTES:
                    found.append(node.lineno)
    return found


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _is_literal_call(node: ast.Call) -> bool:
    """`markup=False` makes a sink literal; what is a dict's or a set's `update` takes no text."""
    literal = any(
        k.arg == "markup" and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords
    )
    plain_update = (
        _name(node.func) == "update" and isinstance(node.func, ast.Attribute) and _owner(node.func) in OWN_UPDATES
    )
    return literal or plain_update


OWN_UPDATES = {"ids", "_rows", "heading", "body"}
"""Sets, dicts, and two widgets that are made with markup=False and are handed Content."""


def _owner(func: ast.Attribute) -> str:
    return func.value.attr if isinstance(func.value, ast.Attribute) else getattr(func.value, "id", "")


def _is_safe(argument: ast.expr) -> bool:
    if isinstance(argument, ast.Constant):
        return not isinstance(argument.value, str) or "[" not in argument.value
    if isinstance(argument, ast.Starred):
        return True
    return isinstance(argument, ast.Call) and _name(argument.func) in SAFE_CALLS


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_text_from_outside_is_read_as_markup(path: Path) -> None:
    assert faults_of(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "Static(f'{name}')",
        "Static(row.name)",
        "self.notify(str(error))",
        "label.update(text)",
        "Button(name)",
        "Option(prompt + name)",
        "widget.border_title = name",
        "Content.from_markup(name)",
        "Static('[b]x')",
    ],
)
def test_the_guard_sees_what_it_is_there_for(source: str) -> None:
    assert faults_of(ast.parse(source)) == [1]


@pytest.mark.parametrize(
    "source",
    ["Static(words(name))", "Static('Ready')", "self.notify(text, markup=False)", "x.update(joined('a', name))"],
)
def test_the_guard_lets_through_what_is_literal(source: str) -> None:
    assert faults_of(ast.parse(source)) == []


@pytest.mark.parametrize(
    "text", ["[/nope]", "[@click=app.quit]Bob[/]", "[link=https://x]y[/]", "[$primary]z[/]", "x\\[/"]
)
def test_markup_is_text(text: str) -> None:
    assert words(text).plain == text
    assert joined("a ", (text, "bold"), words(text)).plain == f"a {text}{text}"
    assert words(text).spans == Content(text).spans


@pytest.mark.parametrize("text", ["\x1b]52;c;aGk=\x07", "\x1b[2J", "a\x9bb", "\u202eabc", "\x00", "\ufeffx", "a\rb"])
def test_nothing_that_acts_on_a_terminal_is_left(text: str) -> None:
    for content in (words(text), lines(text), as_it_is(text), joined(text), joined((text, "bold"))):
        assert all(char.isprintable() or char == "\n" for char in content.plain)


def test_our_own_spaces_and_lines_stay() -> None:
    assert as_it_is("  a  \n b").plain == "  a  \n b"
    assert lines("a\nb").plain == "a\nb"
