from __future__ import annotations

import copy
import pickle
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cratejoy_tui.credentials import CLIENT_ID, CLIENT_SECRET, Credentials, OsKeyring, Secret, chain, variable
from cratejoy_tui.credentials import os_keyring as module
from cratejoy_tui.errors import CredentialsMissing, KeyringUnavailable
from cratejoy_tui.secret import without_secrets

WORD = "hunter2-hunter2"


class Drawer:
    """A credential store in memory."""

    def __init__(self, **values: str) -> None:
        self.values = {("main", name): value for name, value in values.items()}

    def get(self, store: str, name: str) -> str | None:
        return self.values.get((store, name))

    def set(self, store: str, name: str, value: str) -> None:
        self.values[store, name] = value

    def forget(self, store: str, name: str) -> None:
        self.values.pop((store, name), None)

    def label(self) -> str:
        return "keyring (test)"


def keys(store: str = "main", drawer: Drawer | None = None, **options: Any) -> Credentials:
    options.setdefault("environment", {})
    return chain(store, keyring=drawer or Drawer(), **options)


def printing(text: str, *, code: int = 0, stderr: str = "") -> list[str]:
    script = f"import sys; print({text!r}); sys.stderr.write({stderr!r}); sys.exit({code})"
    return [sys.executable, "-I", "-c", script]


@pytest.mark.parametrize(
    "show", [repr, str, "{}".format, "{:>20}".format, "{!r}".format, lambda s: f"{[s]} { ({'a': s}) }", "%s".__mod__]
)
def test_a_secret_shows_itself_nowhere(show: Callable[[Secret], str]) -> None:
    assert WORD not in show(Secret(WORD))


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy, copy.copy])
def test_a_secret_is_not_written_anywhere(write: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError):
        write(Secret(WORD))


def test_secrets_are_equal_when_their_text_is() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")


def test_a_live_secret_is_masked_in_every_spelling() -> None:
    secret = Secret("p&ss wörd/1")
    shown = without_secrets("p&ss wörd/1 p%26ss%20w%C3%B6rd%2F1 cCZzcyB3w7ZyZC8x")
    assert shown == "••••• ••••• •••••"
    del secret
    assert without_secrets("p&ss wörd/1") == "p&ss wörd/1"


def test_each_place_is_asked_in_its_turn(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("# mine\nmain.client_id = from-file\n")
    file.chmod(0o600)
    environment = {"CRATEJOY_TUI_MAIN_CLIENT_ID": "from-env", "CRATEJOY_TUI_MAIN_TOKEN": "from-env"}
    everything = keys(
        file=str(file),
        environment=environment,
        command=printing('{"client_id": "from-command", "token": "from-command", "other": "from-command"}'),
        drawer=Drawer(client_id="kept", token="kept", other="kept", last="kept"),
    )
    found = everything.need(["client_id", "token", "other", "last"])
    assert {name: (c.value.reveal(), c.source) for name, c in found.items()} == {
        "client_id": ("from-file", "credentials file"),
        "token": ("from-env", "environment"),
        "other": ("from-command", "credential command"),
        "last": ("kept", "keyring (test)"),
    }
    assert "from-file" not in repr(found)


def test_the_folder_of_a_service_is_read(tmp_path: Path) -> None:
    (tmp_path / "cratejoy-tui.main.client_id").write_text("mine\n")
    (tmp_path / "cratejoy-tui.client_secret").write_text("shared\n")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    found = keys(environment=environment).need([CLIENT_ID, CLIENT_SECRET])
    assert [c.value.reveal() for c in found.values()] == ["mine", "shared"]
    assert {c.source for c in found.values()} == {"credentials directory"}
    assert keys(environment=environment, alone=False).find(CLIENT_SECRET) is None


def test_names_without_a_store_count_only_where_there_is_one() -> None:
    environment = {"CRATEJOY_CLIENT_ID": "id", "CRATEJOY_TOKEN": "no"}
    assert keys(environment=environment).find(CLIENT_ID) is not None
    assert keys(environment=environment).find("token") is None
    assert keys(environment=environment, alone=False).find(CLIENT_ID) is None


def test_one_store_never_gets_the_key_of_another() -> None:
    environment = {variable("tea-box", CLIENT_ID): "tea"}
    assert variable("tea-box", CLIENT_ID) == "CRATEJOY_TUI_TEA_BOX_CLIENT_ID"
    assert keys("main", environment=environment, drawer=Drawer()).find(CLIENT_ID) is None
    assert keys("coffee", drawer=Drawer(client_id="main's")).find(CLIENT_ID) is None


def test_all_missing_values_are_named_with_what_to_do() -> None:
    with pytest.raises(CredentialsMissing, match="no client id and no client secret") as caught:
        keys().need([CLIENT_ID, CLIENT_SECRET])
    assert "CRATEJOY_TUI_MAIN_CLIENT_SECRET" in caught.value.next_step
    assert caught.value.exit_code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_a_credentials_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("client_id=x")
    file.chmod(0o640)
    with pytest.raises(CredentialsMissing, match="Others may read"):
        keys(file=str(file)).find(CLIENT_ID)


def test_a_credentials_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(CredentialsMissing, match="cannot be read"):
        keys(file=str(tmp_path / "none")).find(CLIENT_ID)


def test_a_credential_command_may_print_lines_and_runs_once(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = f"open({str(count)!r}, 'a').write('x'); print('client_id=a=b'); print('main.client_secret: no')"
    found = keys(command=[sys.executable, "-I", "-c", script])
    first = found.find(CLIENT_ID)
    assert first is not None
    assert first.value.reveal() == "a=b"
    assert found.find(CLIENT_SECRET) is None
    assert count.read_text() == "x"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (printing("", code=3, stderr="x" * 500 + WORD), "ended with 3"),
        (["/no/such/program"], "could not be started"),
        (printing('{"client_id": '), "not readable JSON"),
        (printing("x" * 70_000), "more than 64 KiB"),
    ],
)
def test_a_credential_command_that_fails_is_told_without_its_output(command: list[str], told: str) -> None:
    with pytest.raises(CredentialsMissing, match=told) as caught:
        keys(command=command).need([CLIENT_ID])
    assert WORD not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_what_the_command_complains_about_is_masked() -> None:
    secret = Secret(WORD)
    with pytest.raises(CredentialsMissing, match="bad •••••") as caught:
        keys(command=printing("", code=1, stderr=f"\x1b[31mbad {secret.reveal()}")).need([CLIENT_ID])
    assert "\x1b" not in str(caught.value)


def test_a_value_found_early_needs_no_later_place() -> None:
    class Broken(Drawer):
        def get(self, store: str, name: str) -> str | None:
            raise KeyringUnavailable("The keyring is locked.")

    environment = {variable("main", CLIENT_ID): "id"}
    assert keys(environment=environment, drawer=Broken()).need([CLIENT_ID])[CLIENT_ID].source == "environment"
    with pytest.raises(CredentialsMissing, match=r"no client secret\. The keyring is locked\.") as caught:
        keys(environment=environment, drawer=Broken()).need([CLIENT_ID, CLIENT_SECRET])
    assert "CRATEJOY_TUI_MAIN_CLIENT_SECRET" in caught.value.next_step


# The keyring. Its backends are told apart by module and class name, so a pretended one wears a real one's name.


class Pretended:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, user: str) -> str | None:
        return self.kept.get((service, user))

    def set_password(self, service: str, user: str, value: str) -> None:
        self.kept[service, user] = value

    def delete_password(self, service: str, user: str) -> None:
        del self.kept[service, user]


def backend(path: str = "keyring.backends.SecretService.Keyring", **parts: Any) -> Any:
    place, _, name = path.rpartition(".")
    return type(name, (Pretended,), {"__module__": place, **parts})()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], OsKeyring]:
    def install(chosen: Any) -> OsKeyring:
        monkeypatch.setattr("keyring.get_keyring", lambda: chosen)
        return OsKeyring()

    return install


def test_a_value_is_kept_read_back_and_forgotten(use: Callable[[Any], OsKeyring]) -> None:
    chosen = backend()
    kept = use(chosen)
    kept.set("main", "token", "wörd")
    assert kept.get("main", "token") == "wörd"
    assert kept.get("other", "token") is None
    assert list(chosen.kept) == [("cratejoy-tui:main:token", "token")]
    assert kept.label() == "keyring (Secret Service)"
    kept.forget("main", "token")
    kept.forget("main", "token")
    assert kept.get("main", "token") is None


@pytest.mark.parametrize(
    "path", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring", "keyrings.alt.file.PlaintextKeyring"]
)
def test_a_backend_that_protects_nothing_is_refused(use: Callable[[Any], OsKeyring], path: str) -> None:
    chosen = backend(path)
    with pytest.raises(KeyringUnavailable) as caught:
        use(chosen).set("main", "token", WORD)
    assert not chosen.kept
    assert caught.value.next_step


def test_a_chain_is_entered_by_its_trusted_link_only(use: Callable[[Any], OsKeyring]) -> None:
    plain, safe = backend("keyrings.cryptfile.cryptfile.CryptFileKeyring"), backend()
    kept = use(backend("keyring.backends.chainer.ChainerBackend", backends=[plain, safe]))
    kept.set("main", "token", "x")
    assert safe.kept
    assert not plain.kept
    with pytest.raises(KeyringUnavailable):
        use(backend("keyring.backends.chainer.ChainerBackend", backends=[plain])).get("main", "token")


def test_a_backend_that_drops_what_is_written_is_found_out(use: Callable[[Any], OsKeyring]) -> None:
    chosen = backend(set_password=lambda self, service, user, value: None)
    with pytest.raises(KeyringUnavailable, match="does not give it back"):
        use(chosen).set("main", "token", "x")


@pytest.mark.parametrize("value", ["", "x" * 1201])
def test_a_value_no_keyring_can_hold_is_refused(use: Callable[[Any], OsKeyring], value: str) -> None:
    with pytest.raises(KeyringUnavailable, match="1 to 1200"):
        use(backend()).set("main", "token", value)


class KeyringLocked(Exception):
    pass


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (KeyringLocked(WORD), "is locked"),
        (RuntimeError(WORD), "RuntimeError"),
        (EOFError(), "EOFError"),
        (SystemExit(1), "SystemExit"),
    ],
)
def test_every_fault_of_a_backend_becomes_ours(
    use: Callable[[Any], OsKeyring], fault: BaseException, told: str
) -> None:
    def fail(*_: object) -> None:
        raise fault

    with pytest.raises(KeyringUnavailable, match=told) as caught:
        use(backend(get_password=fail)).get("main", "token")
    assert WORD not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux"])
def test_the_next_step_fits_the_system(
    use: Callable[[Any], OsKeyring], monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(module.sys, "platform", platform)
    with pytest.raises(KeyringUnavailable) as caught:
        use(backend("keyring.backends.fail.Keyring")).get("main", "token")
    word = {"darwin": "keychain", "win32": "Credential Manager", "linux": "gnome-keyring"}[platform]
    assert word in caught.value.next_step


def test_a_keyring_that_waits_for_ever_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(module, "ALONE_WAIT_SECONDS", 0.05)
    monkeypatch.setattr("keyring.get_keyring", lambda: backend(get_password=lambda *_: release.wait(10) and None))
    try:
        with pytest.raises(KeyringUnavailable, match="did not answer"):
            OsKeyring().get("main", "token")
    finally:
        release.set()


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_the_mode_of_a_file_in_the_service_folder_is_the_services_business(tmp_path: Path) -> None:
    file = tmp_path / "cratejoy-tui.main.client_id"
    file.write_text("x")
    file.chmod(0o440)
    assert stat.S_IMODE(file.stat().st_mode) == 0o440
    assert keys(environment={"CREDENTIALS_DIRECTORY": str(tmp_path)}).find(CLIENT_ID) is not None
