from __future__ import annotations

import io
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cratejoy_tui import logs
from cratejoy_tui.secret import Secret

WORD = "hunter2-hunter2"
log = logging.getLogger("cratejoy_tui.test")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    yield
    for handler in [handler for handler in root.handlers if getattr(handler, "is_ours", False)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def written(folder: Path) -> str:
    return (folder / "cratejoy-tui.log").read_text()


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Basic {WORD}==",
        f"authorization=bearer {WORD}",
        f"client_secret={WORD}",
        f'{{"client_secret": "{WORD}"}}',
        f"password: {WORD}",
        f"postgresql://me:{WORD}@db/x",
        f"api_key='{WORD}'",
    ],
)
def test_what_looks_like_a_key_is_masked(text: str) -> None:
    assert WORD not in logs.redacted(text)
    assert "•••" in logs.redacted(text)


def test_a_live_secret_is_masked_wherever_it_stands() -> None:
    secret = Secret(WORD)
    assert logs.redacted(f"odd place: <{WORD}>") == "odd place: <•••••>"
    assert secret


def test_an_ordinary_line_stays_as_it_is() -> None:
    line = "Pushed order SUB-4124 to Extensiv, token of the day is fine, basic plan; 3 boxes wait."
    assert logs.redacted(line) == line


def test_e_mail_addresses_do_not_reach_the_log() -> None:
    assert logs.redacted("refused for ann.b+x@example.co.uk today") == "refused for [e-mail] today"


def test_the_file_is_private_and_tells_time_and_place(tmp_path: Path) -> None:
    path = logs.set_up(folder=tmp_path / "logs", talk=io.StringIO())
    assert path is not None
    log.info("pulled %s boxes", 3)
    (line,) = written(path.parent).splitlines()
    assert line.endswith("+00:00 INFO cratejoy_tui.test pulled 3 boxes")
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_was_turned_over_is_private_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 500)
    logs.set_up(folder=tmp_path, talk=io.StringIO())
    for number in range(50):
        log.info("box %s", number)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["cratejoy-tui.log", "cratejoy-tui.log.1", "cratejoy-tui.log.2", "cratejoy-tui.log.3"]
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_line_cannot_be_forged_or_steer_the_terminal(tmp_path: Path) -> None:
    talk = io.StringIO()
    logs.set_up(folder=tmp_path, talk=talk)
    log.warning("refused: %s", "x\n2026-01-01 INFO forged \x1b]52;c;aGk=\x07")
    assert len(written(tmp_path).splitlines()) == 1
    assert "\x1b" not in written(tmp_path) + talk.getvalue()


def test_the_terminal_hears_warnings_and_no_traceback(tmp_path: Path) -> None:
    talk = io.StringIO()
    logs.set_up(folder=tmp_path, talk=talk)
    log.info("quiet")
    secret = WORD
    try:
        raise ValueError(f"Bearer {secret}")
    except ValueError:
        log.exception("it failed")
    assert talk.getvalue() == "it failed\n"
    text = written(tmp_path)
    assert "Traceback" in text
    assert "ValueError" in text
    assert f"Bearer {WORD}" not in text


def test_what_the_terminal_was_told_already_is_only_written(tmp_path: Path) -> None:
    talk = io.StringIO()
    logs.set_up(folder=tmp_path, talk=talk, talk_level=logging.INFO)
    logs.RECORD.info("auto at main begins")
    assert talk.getvalue() == ""
    assert "auto at main begins" in written(tmp_path)


def test_setting_up_twice_writes_each_line_once(tmp_path: Path) -> None:
    logs.set_up(folder=tmp_path, talk=io.StringIO())
    logs.set_up(folder=tmp_path, talk=io.StringIO())
    log.info("once")
    assert written(tmp_path).count("once") == 1


def test_a_folder_that_cannot_be_written_costs_the_log_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    talk = io.StringIO()
    assert logs.set_up(folder=tmp_path / "file", talk=talk) is None
    assert "No log is written" in talk.getvalue()
    assert logs.write_crash(ValueError("x"), tmp_path / "file") is None


def test_a_crash_file_is_private_and_holds_no_key(tmp_path: Path) -> None:
    secret = Secret(WORD)
    try:
        raise RuntimeError(f"with {secret.reveal()} and \x1b[2J")
    except RuntimeError as error:
        path = logs.write_crash(error, tmp_path)
    assert path is not None
    text = path.read_text()
    assert "RuntimeError: with •••••" in text
    assert WORD not in text.replace("secret.reveal()", "")
    assert "\x1b" not in text
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
