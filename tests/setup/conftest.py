"""A store and a warehouse over real HTTP, and a keyring: in memory, or a real Secret Service where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cratejoy_tui.secret import Secret
from cratejoy_tui.setup.draft import CLIENT_ID, CLIENT_SECRET, Keys
from cratejoy_tui.setup.parts import Parts
from cratejoy_tui.setup_wiring import setup_parts
from cratejoy_tui.simulator.server import Served
from tests.setup.drawer import Drawer
from tests.setup.secret_service import SecretService, why_none
from tests.simulator.conftest import running as running
from tests.simulator.conftest import served as served
from tests.simulator.conftest import world as world


@pytest.fixture
def keys(served: Served) -> Keys:
    return {CLIENT_ID: Secret(served.client_id), CLIENT_SECRET: Secret(served.client_secret)}


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every place of ours in a folder that goes away, and no key in the environment."""
    for name in ("CRATEJOY_CLIENT_ID", "CRATEJOY_CLIENT_SECRET", "CREDENTIALS_DIRECTORY", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRATEJOY_TUI_LEDGER", str(tmp_path / "data" / "ledger.sqlite"))
    monkeypatch.setenv("CRATEJOY_TUI_CONFIG", str(tmp_path / "config" / "config.toml"))
    monkeypatch.setattr("cratejoy_tui.logs.default_folder", lambda: tmp_path / "logs")
    return tmp_path


@pytest.fixture
def parts(drawer: Drawer, places: Path, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """The real parts, with the drawer as the computer's keyring."""
    monkeypatch.setattr("cratejoy_tui.credentials.OsKeyring", lambda **_: drawer)
    return replace(setup_parts("Pat"), keyring=drawer)


@pytest.fixture
def secret_service(tmp_path: Path) -> Iterator[SecretService]:
    """A running, unlocked Secret Service of its own; skips where none is installed."""
    if why := why_none():
        pytest.skip(why)
    service = SecretService(tmp_path / "keyring")
    try:
        service.start()
        yield service
    finally:
        service.stop()
