"""A warehouse that works with files on an SFTP server: the folder warehouse, with its folders elsewhere.

It is a kind of its own, not a folder with another address, so that the wizard asks for host, account and host key only
where they mean something, and a plain folder never needs the SSH library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import ClassVar

from cratejoy_tui.errors import SettingsInvalid, SetupError
from cratejoy_tui.secret import Secret
from cratejoy_tui.warehouses.declared import Place, Setting, filled_in, whole_in
from cratejoy_tui.warehouses.folder import FolderWarehouse
from cratejoy_tui.warehouses.folder_settings import SETTINGS as FOLDER_SETTINGS
from cratejoy_tui.warehouses.folder_sftp_files import SftpFiles
from cratejoy_tui.warehouses.folder_sftp_link import Host, Link

WHERE = "SFTP warehouse"
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")

SETTINGS = (
    Setting(name="name", help="What you call this warehouse.", default="SFTP"),
    Setting(name="host", help="The server's name, such as `sftp.example.com`."),
    Setting(name="port", default=22, least=1, most=65535, help="The server's port."),
    Setting(name="user", help="Your account there."),
    Setting(name="key", help="The account's password, or its private key as text, without a passphrase.", secret=True),
    Setting(
        name="host_key",
        default="",
        example="SHA256:" + "A" * 43,
        help="Fingerprint of the server's key, `SHA256:...`, from the warehouse; empty: it is in your known_hosts.",
    ),
    Setting(name="known_hosts", default="~/.ssh/known_hosts", help="The file of host keys you trust."),
    Setting(name="root", example="/teabox", help="The folder on the server that holds the others: `/` or `/teabox`."),
    *(setting for setting in FOLDER_SETTINGS if setting.name not in ("name", "root")),
)


class SftpWarehouse(FolderWarehouse):
    """Orders out and tracking in by files on an SFTP server."""

    title: ClassVar[str] = "SFTP (files)"
    settings: ClassVar[tuple[Setting, ...]] = SETTINGS

    @classmethod
    def from_settings(cls, given: Mapping[str, object], place: Place) -> SftpWarehouse:
        """Make one from what the settings file holds. Raises SettingsInvalid, CredentialsMissing; connects nowhere."""
        if find_spec("asyncssh") is None:
            raise SetupError(
                "The SSH library is not installed.", next_step="Install it: `pip install 'cratejoy-tui[sftp]'`."
            )

        values = filled_in(cls.settings, given, WHERE)
        root = PurePosixPath(str(values["root"]))
        return cls(values, place, root, SftpFiles(Link(_host(values, place, root))))


def _host(values: Mapping[str, object], place: Place, root: PurePosixPath) -> Host:
    fingerprint = str(values["host_key"])
    problems = [] if root.is_absolute() and ".." not in root.parts else ["`root` must be a whole path, from / on"]
    if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
        problems.append("`host_key` must be a fingerprint like `SHA256:` and 43 characters")
    known_hosts = Path(str(values["known_hosts"])).expanduser()
    if not fingerprint and not known_hosts.is_file():
        problems.append(f"without `host_key` there must be a file {known_hosts}; an unknown server is not trusted")
    if problems:
        raise SettingsInvalid(problems, where=WHERE)
    return Host(
        name=str(values["name"]),
        host=str(values["host"]),
        port=whole_in(values, "port"),
        user=str(values["user"]),
        secret=Secret(place.key("key")),
        fingerprint=fingerprint,
        known_hosts=str(known_hosts),
    )
