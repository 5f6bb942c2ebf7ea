"""The settings file: found, read with all its problems, written whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cratejoy_tui.errors import SettingsInvalid, SetupError
from cratejoy_tui.settings.store import STORE_SHAPE, Settings, StoreSettings, name_problem
from cratejoy_tui.settings.tables import Problem, given_names, read_table, secret_problems, write_table
from cratejoy_tui.sync.domain.rules import Rules
from cratejoy_tui.text import one_line

PATH_VARIABLE = "CRATEJOY_TUI_CONFIG"
LARGEST_BYTES = 1024 * 1024

_HEADER = re.compile(r"^\s*\[{1,2}\s*([^\[\]#]+?)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_HEAD = "# Settings of cratejoy-tui. Keys and passwords are never kept here: `cratejoy-tui setup` stores them.\n\n"


def find_path(given: str | Path | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """The file that counts: the one given, else $CRATEJOY_TUI_CONFIG, else the usual place."""
    environment = os.environ if environment is None else environment
    if named := given or environment.get(PATH_VARIABLE, ""):
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("cratejoy-tui", appauthor=False) / "config.toml"


def load(path: Path) -> Settings:
    """The settings in this file. Raises SettingsInvalid with every problem at once, SetupError when there is none."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise SetupError(f"There is no settings file {path}.") from None
    except OSError as error:
        why = f"The settings file {path} cannot be read: {error.strerror}."
        raise SetupError(why, next_step="Check who owns it and who may read it.") from None
    if len(content) > LARGEST_BYTES:
        raise SettingsInvalid(["larger than 1 MiB"], where=str(path))
    try:
        return parse(content.decode("utf-8-sig"), path)
    except UnicodeDecodeError:
        raise SettingsInvalid(["not UTF-8 text"], where=str(path)) from None


def parse(text: str, path: Path | None = None) -> Settings:
    """The settings in this text; `path` is only named in messages."""
    where = str(path) if path else "Settings"
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid([f"not TOML: {one_line(error)}"], where=where) from None
    problems: list[Problem] = []
    settings = _read(document, path, problems)
    if problems or settings is None:
        raise SettingsInvalid([f"{problem}{_line(text, problem.path)}" for problem in problems], where=where)
    return settings


def write(settings: Settings) -> str:
    """The text of a file that reads back as these settings."""
    import tomli_w

    document = write_table(settings, STORE_SHAPE)
    document["stores"] = {name: _store_table(store) for name, store in settings.stores.items()}
    return _HEAD + tomli_w.dumps(document)


def save(settings: Settings, path: Path) -> None:
    """Put these settings into the file, readable by this user only; after a crash the old or the new file is there.

    Raises SettingsInvalid rather than writing what could not be read back.
    """
    text = write(settings)
    parse(text, path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, staged = tempfile.mkstemp(dir=path.parent, prefix=".config-", suffix=".toml")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(staged).replace(path.resolve())
    except BaseException:
        Path(staged).unlink(missing_ok=True)
        raise


def _read(document: Mapping[str, Any], path: Path | None, problems: list[Problem]) -> Settings | None:
    tables = document.get("stores", {})
    if not isinstance(tables, Mapping):
        problems.append(Problem(path=("stores",), text="must be tables such as [stores.main]"))
        tables = {}
    for at, name in enumerate(tables):
        if why := name_problem(name, list(tables)[:at]):
            problems.append(Problem(path=("stores", name), text=why))
    stores = {name: store for name, table in tables.items() if (store := _read_store(name, table, problems))}
    rest = {key: value for key, value in document.items() if key != "stores"}
    warnings = tuple(text for store in stores.values() for text in _warnings(store))
    given = {"stores": MappingProxyType(stores), "path": path, "warnings": warnings}
    return read_table(Settings, rest, (), problems, STORE_SHAPE, given)


def _read_store(name: str, table: object, problems: list[Problem]) -> StoreSettings | None:
    path = ("stores", name)
    rules = table.get("rules") if isinstance(table, Mapping) else None
    warehouse = table.get("warehouse") if isinstance(table, Mapping) else None
    problems.extend(secret_problems(warehouse, (*path, "warehouse")))
    given = given_names(Rules, rules, STORE_SHAPE) if isinstance(rules, Mapping) else frozenset()
    return read_table(StoreSettings, table, path, problems, STORE_SHAPE, {"name": name, "given_rules": given})


def _warnings(store: StoreSettings) -> list[str]:
    found = []
    unpaid = [status for status in store.rules.financial_statuses if status != "paid"]
    if unpaid:
        found.append(f"Store {store.name} also sends boxes that are {', '.join(map(one_line, unpaid))}.")
    if store.rules.test_shipments:
        found.append(f"Store {store.name} sends test shipments to the warehouse.")
    return found


def _store_table(store: StoreSettings) -> dict[str, Any]:
    table = write_table(store, STORE_SHAPE)
    table.pop("rules", None)  # those that the file sets itself stay in it, usual or not
    rules = write_table(store.rules, STORE_SHAPE, keep=store.given_rules)
    return {**table, "rules": rules} if rules else table


def _line(text: str, path: tuple[str, ...]) -> str:
    """` (line 12)`: where this setting, or the closest table around it, stands."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_parts(key[1])), number)
    plain = path[:2] + tuple(part for part in path[2:] if not part.isdigit())
    hit = next((lines[plain[:n]] for n in range(len(plain), 0, -1) if plain[:n] in lines), None)
    return f" (line {hit})" if hit else ""


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(r"[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'", dotted))
