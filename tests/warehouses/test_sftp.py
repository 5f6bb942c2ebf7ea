"""The SFTP warehouse keeps the contract against a real SSH server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cratejoy_tui.warehouses.contract import WarehouseContract
from tests.warehouses.sftp_rig import SftpRig, rigged


class TestSftp(WarehouseContract):
    adapter = "sftp"

    @pytest.fixture
    async def rig(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SftpRig]:
        async with rigged(tmp_path, monkeypatch) as rig:
            yield rig
