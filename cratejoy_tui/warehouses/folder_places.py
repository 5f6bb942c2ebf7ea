"""The folders of one file warehouse, and the mark that says whose they are.

root/              the folder shared with the warehouse
  in/              orders and cancels for the warehouse
  out/             ship-confirm files from the warehouse
  ack/             acknowledgements from the warehouse
  archive/ error/  what we have read, and the rows we could not use
  .cratejoy-tui/   ours alone: files being staged, the mark, a lock
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

import msgspec
from msgspec.structs import replace

from cratejoy_tui.errors import SettingsInvalid, SetupError
from cratejoy_tui.text import one_line
from cratejoy_tui.warehouses.folder_files import Files, Kind

KINDS = ("orders", "shipments", "acknowledgements", "archive", "errors")
OURS = ".cratejoy-tui"
LARGEST_MARK = 16 * 1024 * 1024
REMEMBERED = 500
"""Deliveries kept in the mark by name; an older one is taken for delivered."""
ADOPT = "Run `cratejoy-tui adopt` for this store, naming the orders that are already at the warehouse, or none."


class Deliveries(msgspec.Struct, frozen=True, kw_only=True):
    """What one store has delivered here."""

    last: int
    delivered: dict[str, int] = {}
    """The newest deliveries by name with their sequence, written just before each rename."""
    cancels: dict[str, str] = {}
    """Order numbers the warehouse was lately asked not to send, with the file that asks; once is enough."""
    blocked: str = ""
    """Why nothing more may be delivered until a person adopts the folder."""

    def with_delivered(self, name: str, sequence: int, cancels: str = "") -> Deliveries:
        """The same with one more delivery."""
        kept = dict([*self.delivered.items(), (name, sequence)][-REMEMBERED:])
        asked = dict([*self.cancels.items(), (cancels, name)][-REMEMBERED:]) if cancels else self.cancels
        return replace(self, last=max(self.last, sequence), delivered=kept, cancels=asked)

    def has_forgotten(self, sequence: int) -> bool:
        """Is it so old that the mark no longer tells what became of it?"""
        return len(self.delivered) == REMEMBERED and sequence < min(self.delivered.values())


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Whose folder this is: the ledger, and how far each of its stores has come."""

    ledger: str
    stores: dict[str, Deliveries] = {}
    inbound: dict[str, str] = {}
    """Folder of ship-confirm files -> the one store that reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The folders, all below one root; names come from our settings only."""

    root: PurePath
    files: Files
    names: Mapping[str, str]
    """What the folder of each of the KINDS is called."""

    def __post_init__(self) -> None:
        wrong = [kind for kind, name in self.names.items() if not _is_below(name)]
        problems = [f"`{kind}` must name a folder below `root`" for kind in wrong]
        if not problems and len({PurePath(name) for name in self.names.values()}) < len(self.names):
            problems.append(f"the folders {', '.join(self.names)} must differ")
        if problems:
            raise SettingsInvalid(problems, where="folder warehouse")

    @property
    def ours(self) -> PurePath:
        """The dot-folder that no warehouse reads."""
        return self.root / OURS

    @property
    def staging(self) -> PurePath:
        """Where a file is written before it is handed over."""
        return self.ours / "staging"

    def path(self, kind: str) -> PurePath:
        """The folder for orders, shipments, acknowledgements, archive or errors."""
        return self.root / self.names[kind]

    def check_root(self) -> None:
        """Raise SetupError unless the root is a folder that can be reached."""
        if not self.files.is_folder(self.root):
            raise SetupError(
                f"The warehouse folder {one_line(self.root)} is not there.",
                next_step="Connect the drive or share it is on, or correct `root` in the settings.",
            )

    def check(self) -> None:
        """Raise SetupError unless every folder is a real folder on the same file system as the staging place."""
        self.check_root()
        device = self.files.device(self.root)
        for kind, name in self.names.items():
            self._check_one(kind, name, device)

    def _check_one(self, kind: str, name: str, device: int) -> None:
        place = self.root
        for part in PurePath(name).parts:
            place = place / part
            try:
                found = self.files.look(place)
            except PermissionError as problem:
                raise SetupError(
                    f"The {kind} folder {one_line(place)} cannot be used: {problem.strerror}.", next_step=ADOPT
                ) from problem
            if found is None:
                raise SetupError(f"The {kind} folder {one_line(place)} is not there.", next_step=ADOPT)
            if found.kind is not Kind.FOLDER:
                raise SetupError(
                    f"The {kind} folder {one_line(place)} is a link or a file, not a folder.",
                    next_step="Put a real folder there.",
                )
        if self.files.device(place) != device:
            raise SetupError(
                f"The {kind} folder {one_line(place)} lies on another file system than {one_line(self.root)}: "
                "a file cannot be handed over there in one step.",
                next_step="Choose a `root` on the same file system as all its folders.",
            )

    def make(self) -> None:
        """Make the folders that are missing; ours can be read by this user only."""
        self.check_root()
        self.files.make_folder(self.ours, private=True)
        self.files.make_folder(self.staging, private=True)
        for kind in self.names:
            self.files.make_folder(self.path(kind), private=kind in ("archive", "errors"))

    def purge(self, before: datetime) -> int:
        """Delete archived, handed-back, acknowledging and forgotten staged files last changed before that moment."""
        deleted = 0
        for folder in (*(self.path(kind) for kind in ("archive", "errors", "acknowledgements")), self.staging):
            for one in self.files.list(folder) if self.files.is_folder(folder) else ():
                if one.kind is Kind.FILE and one.modified_at < before:
                    self.files.remove(one.path)
                    deleted += 1
        return deleted

    def read_mark(self) -> Mark | None:
        """The mark; None where no ledger has adopted this folder. Raises SetupError when it cannot be read."""
        try:
            content, _ = self.files.read(self.ours / "mark.json", LARGEST_MARK)
            return msgspec.json.decode(content, type=Mark)
        except FileNotFoundError:
            return None
        except (ConnectionError, TimeoutError):
            raise
        except (OSError, msgspec.MsgspecError) as problem:
            raise SetupError(
                f"The mark in {one_line(self.ours)} cannot be read: {one_line(problem)}.", next_step=ADOPT
            ) from problem

    def write_mark(self, mark: Mark) -> None:
        """Replace the mark in one step and make it last through a power cut."""
        self.files.put(self.ours / "mark.json", msgspec.json.format(msgspec.json.encode(mark)), by_way_of=self.ours)

    def locked(self) -> AbstractContextManager[None]:
        """Nobody else changes the mark meanwhile. Raises OSError when another process holds on to it."""
        return self.files.locked(self.ours / "lock")


def _is_below(name: str) -> bool:
    parts = PurePath(name).parts
    return bool(parts) and not PurePath(name).is_absolute() and not any(part.startswith(".") for part in parts)
