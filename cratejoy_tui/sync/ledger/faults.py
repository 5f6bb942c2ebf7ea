"""Every way the database can fail, said in the operator's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from cratejoy_tui.errors import LedgerBusy, LedgerError
from cratejoy_tui.sync.ledger.holder import process_locking

FREE_SPACE = "Free some space, then run again; what was begun is settled first."
RESTORE = "Do not send anything. Move the file aside, restore a backup, then run `cratejoy-tui verify`."
ACCESS = "Check the owner and the permissions of the file and its folder."
LOCKED = "another program keeps it locked"
WAIT = "Wait for the other program, then run again."
CONNECTION = "Check that the database server runs and can be reached, then run again; what was begun is settled first."

_SQLITE = {
    "SQLITE_FULL": ("the disk is full", FREE_SPACE),
    "SQLITE_BUSY": (LOCKED, WAIT),
    "SQLITE_LOCKED": (LOCKED, WAIT),
    "SQLITE_CORRUPT": ("the file is damaged", RESTORE),
    "SQLITE_NOTADB": ("the file is not a ledger", RESTORE),
    "SQLITE_READONLY": ("it may not be written", ACCESS),
    "SQLITE_PERM": ("it may not be opened", ACCESS),
    "SQLITE_CANTOPEN": ("it cannot be opened", ACCESS),
    "SQLITE_IOERR": ("the disk reports an error", "Check the disk and its free space, then run again."),
}

_POSTGRES = {
    "53100": ("the database's disk is full", FREE_SPACE),
    "53300": ("the database takes no more connections", WAIT),
    "55P03": (LOCKED, WAIT),
    "40P01": (LOCKED, WAIT),
    "57014": ("the database gave up waiting", WAIT),
    "42501": ("the database user may not do this", "Grant the user the rights on the ledger's schema."),
    "28P01": ("the database refused the password", "Check the database URL."),
}


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn whatever the database or the disk raises into LedgerError. `place` is the ledger's file or server."""
    try:
        yield
    except SQLAlchemyError as error:
        raise ledger_error(place, error) from error
    except Timeout as error:
        raise _locked(place, Path(error.lock_file)) from error
    except OSError as error:
        text = f"The ledger {place} cannot be used: {error.strerror or error}."
        raise LedgerError(text, next_step=ACCESS) from error


def _locked(place: str, lock_file: Path) -> LedgerBusy:
    """Says which process holds the lock file, and how to go on if it was put to sleep."""
    found = process_locking(lock_file)
    if found is None:
        return LedgerBusy(f"The ledger {place} cannot be written: another program keeps it locked.", next_step=WAIT)
    pid, sleeps = found
    state = "and is suspended" if sleeps else "and does not let go"
    wake = f"Let it go on (`kill -CONT {pid}`)" if sleeps else "Wait for it"
    return LedgerBusy(
        f"The ledger {place} cannot be written: process {pid} keeps it locked {state}.",
        next_step=f"{wake}, or end it (`kill -KILL {pid}`), then run again; what was begun is settled first.",
    )


def ledger_error(place: str, error: SQLAlchemyError) -> LedgerError:
    """The operator's words for one database error."""
    if isinstance(error, IntegrityError):
        text = f"The ledger {place} refused a record that contradicts another one: {first_line(error)}."
        return LedgerError(text, next_step="Nothing of it was kept. Run again; if it stays, report it with the log.")
    what, next_step = _known(error)
    kind = LedgerBusy if what == LOCKED else LedgerError
    return kind(f"The ledger {place} cannot be used: {what or first_line(error)}.", next_step=next_step)


def _known(error: SQLAlchemyError) -> tuple[str, str]:
    original = error.orig if isinstance(error, DBAPIError) else None
    name = str(getattr(original, "sqlite_errorname", None) or "")
    for known, words in _SQLITE.items():
        if name.startswith(known):
            return words
    state = getattr(original, "sqlstate", None)
    if state in _POSTGRES:
        return _POSTGRES[str(state)]
    if isinstance(error, DBAPIError) and (error.connection_invalidated or str(state or "").startswith(("08", "57"))):
        return "the connection to the database was lost", CONNECTION
    if type(original).__module__.startswith("psycopg") and state is None:
        return "the database cannot be reached", CONNECTION
    return "", ""


def first_line(error: SQLAlchemyError) -> str:
    """What the driver said, without statement and values."""
    original = getattr(error, "orig", None) or error
    return (str(original).splitlines() or [type(original).__name__])[0].rstrip(".")
