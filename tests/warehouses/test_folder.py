"""The folder warehouse keeps the contract in every layout that can be read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.folder_rig import FolderRig


class TestFolder(WarehouseContract):
    adapter = "folder"

    @pytest.fixture
    def rig(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderRig:
        return FolderRig(root=tmp_path, patch=monkeypatch)


class TestFolderWithJson(WarehouseContract):
    adapter = "folder"

    @pytest.fixture
    def rig(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderRig:
        return FolderRig(root=tmp_path, patch=monkeypatch, settings={"file_format": "json"})


class TestFolderForDropStream(WarehouseContract):
    adapter = "folder"

    @pytest.fixture
    def rig(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderRig:
        return FolderRig(root=tmp_path, patch=monkeypatch, settings={"layout": "dsfx"})
