"""The credential store against a real Secret Service: unlocked, locked, absent, killed in mid-session."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.setup.secret_service import ROOT, SecretService

WORD = "gr\u00fcn-geheim-0815"

ASK = """
import json, sys
from cratejoy_tui.credentials import OsKeyring
from cratejoy_tui.errors import KeyringUnavailable

def tried(call):
    try:
        return {"value": call()}
    except KeyringUnavailable as error:
        return {"error": error.message, "next": error.next_step}

keyring = OsKeyring()
for action, *arguments in json.loads(sys.argv[1]):
    print(json.dumps(tried(lambda: getattr(keyring, action)(*arguments))), flush=True)
"""

WAIT_IN_BETWEEN = """
import sys
from cratejoy_tui.credentials import OsKeyring
from cratejoy_tui.errors import KeyringUnavailable
keyring = OsKeyring()
keyring.set("main", "client_id", "before")
print(keyring.get("main", "client_id"), flush=True)
sys.stdin.readline()
try:
    print("GOT", keyring.get("main", "client_id"))
except KeyringUnavailable as error:
    print("UNAVAILABLE", error)
"""


def asked(service: SecretService, *actions: list[str], **environment: str) -> list[dict[str, object]]:
    done = service.python(ASK, json.dumps(actions), **environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_key_is_kept_read_back_and_forgotten(secret_service: SecretService) -> None:
    told = asked(
        secret_service,
        ["label"],
        ["set", "main", "client_secret", WORD],
        ["get", "main", "client_secret"],
        ["get", "tea", "client_secret"],
        ["forget", "main", "client_secret"],
        ["get", "main", "client_secret"],
        ["forget", "main", "client_secret"],
    )
    assert [one["value"] for one in told] == ["keyring (Secret Service)", None, WORD, None, None, None, None]


def test_another_process_finds_the_key_under_its_own_name(secret_service: SecretService) -> None:
    asked(secret_service, ["set", "main", "client_id", "one"], ["set", "main", "client_secret", "two"])
    told = asked(secret_service, ["get", "main", "client_id"], ["get", "main", "client_secret"])
    assert [one["value"] for one in told] == ["one", "two"]


def test_a_locked_keyring_is_told_with_what_to_do(secret_service: SecretService) -> None:
    asked(secret_service, ["set", "main", "client_id", "one"])
    secret_service.restart_locked()
    told, written = asked(secret_service, ["get", "main", "client_id"], ["set", "main", "client_id", "two"])
    assert "keyring of this computer" in str(told["error"])
    assert "unlock" in str(told["next"]).lower()
    assert "error" in written


def test_a_machine_without_a_bus_says_that_there_is_no_keyring(tmp_path: Path) -> None:
    service = SecretService(tmp_path)
    [told] = asked(service, ["label"], DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
    assert "missing or switched off" in str(told["error"])
    assert "environment" in str(told["next"])


@pytest.mark.parametrize("backend", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"])
def test_a_backend_that_keeps_nothing_is_refused(tmp_path: Path, backend: str) -> None:
    told = asked(
        SecretService(tmp_path),
        ["set", "main", "client_id", "one"],
        PYTHON_KEYRING_BACKEND=backend,
        DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent",
    )
    assert "missing or switched off" in str(told[0]["error"])


def test_a_keyring_that_dies_in_mid_session_gives_a_clear_error(secret_service: SecretService) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAIT_IN_BETWEEN],
        cwd=ROOT,
        env=secret_service.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "before\n"
    secret_service.kill()
    began = time.monotonic()
    out, err = process.communicate("go on\n", timeout=60)
    assert process.returncode == 0, err
    assert out.startswith("UNAVAILABLE")
    assert "environment" in out
    assert time.monotonic() - began < 30
