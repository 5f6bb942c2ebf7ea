"""What the tests of this room share. The contract's asserts explain themselves like those of a test file."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.register_assert_rewrite("cratejoy_tui.warehouses.contract", "cratejoy_tui.warehouses.contract_powers")


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """A folder warehouse that nobody has connected to yet."""
    from tests.warehouses.folder_rig import FolderRig

    return FolderRig(root=tmp_path, patch=monkeypatch)
