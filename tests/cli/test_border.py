from __future__ import annotations

import errno
import json
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from cratejoy_tui.cli import root
from cratejoy_tui.errors import CratejoyTuiError, KeyringUnavailable, LockHeld, SettingsInvalid, SignInRefused
from cratejoy_tui.secret import Secret
from tests.cli.conftest import Command


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make the verb `plan` fail like this."""

    @click.command()
    def fail() -> None:
        raise error

    monkeypatch.setattr(root.Verbs, "get_command", lambda *_: fail)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsInvalid(["a wrong"]), 2),
        (KeyringUnavailable("The keyring is locked."), 2),
        (SignInRefused("Cratejoy refused the key of main."), 3),
        (LockHeld("Another run works on main."), 8),
    ],
)
def test_an_error_is_told_with_what_to_do_and_its_code(
    command: Command, monkeypatch: pytest.MonkeyPatch, error: CratejoyTuiError, code: int
) -> None:
    raising(monkeypatch, error)
    ended = command("plan")
    assert ended.code == code
    assert error.next_step in ended.err
    assert "Traceback" not in ended.err
    assert not ended.out


def test_an_error_is_a_json_line_where_json_is_asked_for(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, SettingsInvalid(["a wrong", "b wrong"]))
    ended = command("--json", "plan")
    line = json.loads(ended.out)
    assert line["type"] == "error"
    assert line["error"] == "SettingsInvalid"
    assert line["exit_code"] == 2
    assert line["problems"] == ["a wrong", "b wrong"]
    assert ended.err.startswith("- a wrong\n- b wrong\n")


def test_remote_text_in_an_error_cannot_steer_the_terminal(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, SignInRefused("said \x1b]52;c;aGk=\x07 \u202eno"))
    ended = command("plan", "--json")
    assert not set("\x1b\x07\u202e") & set(ended.err + ended.out)


def test_a_fault_of_ours_is_kept_in_a_file_without_keys(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = Secret("hunter2-hunter2")
    raising(monkeypatch, RuntimeError(f"lost {secret.reveal()}"))
    ended = command("plan")
    assert ended.code == 70
    (path,) = (tmp_path / "logs").glob("crash-*.txt")
    assert str(path) in ended.err
    assert "RuntimeError" in path.read_text()
    assert "hunter2-" not in path.read_text().replace("secret.reveal()", "") + ended.err + ended.out
    assert "Traceback" not in ended.err


def test_a_pipe_whose_reader_left_ends_well(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, BrokenPipeError(errno.EPIPE, "Broken pipe"))
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # click puts its own in their place
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    ended = command("plan")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_a_full_disk_is_no_fault_of_ours(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    raising(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    ended = command("plan")
    assert ended.code == 2
    assert "No space left on device. Make room" in ended.err
    assert not list((tmp_path / "logs").glob("crash-*"))


def test_a_shell_that_closed_stdout_gets_no_results(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    raising(monkeypatch, SignInRefused("Cratejoy refused the key of main."))
    assert command("--json", "plan").code == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_ctrl_c_ends_with_130(command: Command, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    raising(monkeypatch, error)
    assert command("plan").code == 130


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--nonsense"], "--nonsense"),
        (["pusch"], "did you mean `push`?"),
        (["zzz"], "There is no command `zzz`"),
        (["push", "--paln", "x"], "--paln"),
        (["hold", "1"], "--reason"),
        (["hold", "--reason", "x"], "ID..."),
        (["settle", "1", "--as", "lost", "--reason", "x"], "not-sent"),
        (["--every", "15m"], "--every goes with --auto"),
        (["--limit-push", "0"], "--limit-push goes with --auto"),
        (["--auto", "push"], "--auto does not go with a command"),
        (["--auto", "--every", "soon"], "--every soon"),
        (["--auto", "--every", "1s"], "10 s or more"),
        (["--auto", "--only", "pull,pusch"], "--only pusch"),
        (["--auto", "--limit-push", "-1"], "--limit-push"),
    ],
)
def test_wrong_use_ends_with_2_and_sends_nothing(
    command: Command, desks: dict[str, Any], arguments: list[str], told: str
) -> None:
    ended = command(*arguments)
    assert ended.code == 2
    assert told in ended.err
    assert "--help" in ended.err
    assert not ended.out


def test_without_arguments_it_says_what_can_be_done(command: Command) -> None:
    ended = command()
    assert ended.code == 2
    assert "--auto" in ended.err
    assert not ended.out


def test_who_looks_for_inventory_is_told_that_there_is_none(command: Command) -> None:
    assert "There is no inventory sync" in command("--help").out
    ended = command("inventory")
    assert (ended.code, "There is no inventory sync" in ended.err) == (2, True)


def test_help_ends_well_on_stdout(command: Command) -> None:
    ended = command("--help")
    assert ended.code == 0
    assert "Examples" in command("push", "-h").out
    assert not ended.err


@pytest.mark.parametrize("verb", sorted(root.PLACES))
def test_every_verb_explains_itself_with_an_example(command: Command, verb: str) -> None:
    ended = command(verb, "--help")
    assert ended.code == 0
    assert "Example" in ended.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_gets_its_completion(command: Command, shell: str) -> None:
    ended = command("completion", shell)
    assert ended.code == 0
    assert "_CRATEJOY_TUI_COMPLETE" in ended.out


@pytest.mark.parametrize(
    ("typed", "offered"), [("st", "status"), ("list --sta", "--stage"), ("settle 1 --as ", "not-sent")]
)
def test_the_shell_is_told_what_may_come_next(
    command: Command, monkeypatch: pytest.MonkeyPatch, typed: str, offered: str
) -> None:
    words = f"cratejoy-tui {typed}"
    monkeypatch.setenv("_CRATEJOY_TUI_COMPLETE", "bash_complete")  # as the script sets it that `completion` prints
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    ended = command()
    assert (ended.code, ended.err) == (0, "")
    assert f"plain,{offered}" in ended.out.splitlines()


def test_a_store_that_is_not_set_up_is_told(command: Command) -> None:
    ended = command("plan", "--store", "mian")
    assert ended.code == 2
    assert "did you mean main" in ended.err


def test_no_settings_at_all_says_how_to_begin(command: Command, config: Path) -> None:
    config.unlink()
    ended = command("--auto")
    assert ended.code == 2
    assert "cratejoy-tui setup" in ended.err
