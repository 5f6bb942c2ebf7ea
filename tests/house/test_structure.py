"""The shape of the code: sizes, names, who may use what. Rules that a reader can rely on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cratejoy_tui import errors
from tests.house.places import PACKAGE, ROOT, SOURCES, TESTS, functions, imported, name, tree

LONGEST_MODULE = 350
LONGEST_FUNCTION = 40
MEAN_FUNCTION = 12
SKIPPED_WORDS = frozenset(
    ("utils", "util", "helpers", "helper", "common", "manager", "base", "misc", "data", "info", "lib", "core")
)

# What acts on the world or asks it for the time; the domain does neither.
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
IMPURE_METHODS = {"now", "utcnow", "today", "monotonic", "perf_counter", "sleep", "read_text", "write_text"}

DOMAIN = [path for path in SOURCES if "sync/domain" in path.as_posix()]
ADAPTERS = [path for path in SOURCES if path.parent == PACKAGE / "warehouses" and path.name != "__init__.py"]
SHARED_BY_ADAPTERS = {"absence", "called", "contract", "declared", "told", "tokens"}


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    long = [f"{f.name} ({length(f)} lines)" for f in functions(path) if length(f) > LONGEST_FUNCTION]
    assert not long


def test_functions_are_short_on_the_whole() -> None:
    lengths = [length(function) for path in SOURCES for function in functions(path)]
    assert sum(lengths) / len(lengths) <= MEAN_FUNCTION


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name)
def test_a_file_is_named_after_what_it_does(path: Path) -> None:
    words = set(path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "_").split("_"))
    assert not words & SKIPPED_WORDS


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_module_and_public_thing_says_what_it_is(path: Path) -> None:
    module = tree(path)
    if not module.body:
        return
    assert ast.get_docstring(module), "the module has no docstring"
    if path.name == "wire.py":  # the shapes of a remote's records: their names are the remote's own
        return
    public = [node for node in module.body if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))]
    silent = [node.name for node in public if not node.name.startswith("_") and not ast.get_docstring(node)]
    assert not silent


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name)
def test_nothing_is_left_for_later(path: Path) -> None:
    if path == Path(__file__):
        return
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK|raise NotImplementedError)\b", text)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_error_is_swallowed_unseen(path: Path) -> None:
    bare = [
        handler.lineno
        for handler in ast.walk(tree(path))
        if isinstance(handler, ast.ExceptHandler) and not handler.type
    ]
    silent = [
        handler.lineno
        for handler in ast.walk(tree(path))
        if isinstance(handler, ast.ExceptHandler)
        and isinstance(handler.type, ast.Name)
        and handler.type.id in ("Exception", "BaseException")
        and all(isinstance(node, (ast.Pass, ast.Continue)) for node in handler.body)
    ]
    assert not bare + silent


@pytest.mark.parametrize("path", DOMAIN, ids=name)
def test_the_domain_neither_acts_nor_looks_at_the_clock(path: Path) -> None:
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    impure = [call.func.id for call in calls if isinstance(call.func, ast.Name) and call.func.id in IMPURE_CALLS]
    impure += [
        call.func.attr for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in IMPURE_METHODS
    ]
    assert not impure
    assert not [node for node in ast.walk(tree(path)) if isinstance(node, (ast.AsyncFunctionDef, ast.Await))]


@pytest.mark.parametrize("path", ADAPTERS, ids=name)
def test_adapters_do_not_know_each_other(path: Path) -> None:
    own = path.stem.split("_")[0]
    for line, module in imported(path):
        if module.startswith("cratejoy_tui.warehouses."):
            other = module.split(".")[2]
            assert other in SHARED_BY_ADAPTERS or other.split("_")[0] == own, f"line {line} imports {module}"


@pytest.mark.parametrize("path", [path for path in SOURCES if "simulator" not in path.parts], ids=name)
def test_json_from_outside_is_read_by_one_parser(path: Path) -> None:
    assert "json.loads" not in path.read_text(encoding="utf-8").replace("msgspec.json.", "")


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_shell_and_no_pickle(path: Path) -> None:
    modules = {module.split(".")[0] for _, module in imported(path)}
    assert not modules & {"pickle", "shelve", "marshal"}
    shells = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg == "shell" and getattr(node.value, "value", None) is True
    ]
    assert not shells


def all_errors(cls: type = errors.CratejoyTuiError) -> list[type[errors.CratejoyTuiError]]:
    """Those of the one tree; a room may have finer ones of its own, whichever rooms are loaded by now."""
    ours = [sub for sub in cls.__subclasses__() if sub.__module__ == errors.__name__]
    return [cls, *(leaf for sub in ours for leaf in all_errors(sub))]


@pytest.mark.parametrize("error", all_errors(), ids=lambda cls: cls.__name__)
def test_every_error_says_when_it_is_raised(error: type[errors.CratejoyTuiError]) -> None:
    assert error.__doc__
    assert error.__name__ in (errors.__doc__ or ""), "it is missing in the tree that the module draws"


@pytest.mark.parametrize(
    "error",
    [error for error in all_errors() if issubclass(error, (errors.SetupError, errors.RunStopped, errors.AnswerLost))],
    ids=lambda cls: cls.__name__,
)
def test_an_error_that_ends_a_run_says_what_to_do(error: type[errors.CratejoyTuiError]) -> None:
    assert error.next_step_default or error is errors.RunStopped


def test_a_lost_answer_is_never_taken_for_an_unreachable_remote() -> None:
    assert not issubclass(errors.AnswerLost, errors.RunStopped)
    assert not issubclass(errors.Unreachable, errors.AnswerLost)


def test_nothing_stray_lies_in_the_repository() -> None:
    stray = {"Makefile", "setup.py", "requirements.txt", "tox.ini", "NOTES.md", ".env"}
    assert not stray & {path.name for path in ROOT.iterdir()}


def test_every_tests_name_is_a_sentence() -> None:
    short = [
        f"{name(path)}: {function.name}"
        for path in TESTS
        for function in functions(path)
        if function.name.startswith("test_") and function.name.count("_") < 3
    ]
    assert not short
