"""The simulated store and warehouse beside the runs of the program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60


class Simulator:
    """One world, in a process of its own."""

    def __init__(self, folder: Path, scenario: str, boxes: int) -> None:
        command = [sys.executable, "-m", "tests.crash.simulated", str(folder / "world.sqlite"), scenario, str(boxes)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        told = " ".join(self.process.stdout.readline() for _ in range(4))
        self.told = dict(part.split("=", 1) for part in told.split())
        self.url = self.told["url"]
        self._http = httpx.Client(base_url=f"{self.url}/control", timeout=WAIT_SECONDS, trust_env=False)

    def ask(self, name: str) -> Any:
        """One of the simulator's views."""
        return self._http.get(f"/{name}").raise_for_status().json()

    def act(self, name: str, **what: Any) -> Any:
        """Let something happen in the world."""
        return self._http.post(f"/{name}", json=what).raise_for_status().json()

    def stop(self) -> None:
        self._http.close()
        self.process.terminate()
        self.process.wait(WAIT_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def floor(self, method: str, path: str, **what: Any) -> Any:
        """The simulated warehouse's own side of the wire."""
        headers = {"Authorization": f"Bearer {self.told['warehouse_token']}"}
        url = f"{self.told['warehouse_url']}/api/{path}"
        return httpx.request(method, url, headers=headers, trust_env=False, **what).raise_for_status().json()
