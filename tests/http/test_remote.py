"""Addresses we talk to, and keys that never show."""

from __future__ import annotations

import copy
import pickle

import pytest

from cratejoy_tui.errors import CredentialsMissing, SettingsInvalid
from cratejoy_tui.http import BasicKey, BearerKey, Remote


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.test",
        "https://api.example.test:8443/base",
        "http://127.0.0.1:8080",
        "http://127.8.9.1",
        "http://[::1]:8080",
        "http://localhost:8080",
    ],
)
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert Remote(system="Shop", base_url=url).url("/boxes/") == f"{url}/boxes/"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://api.example.test", "plain http"),
        ("http://127.0.0.1.evil.test", "plain http"),
        ("http://localhost.evil.test", "plain http"),
        ("http://10.0.0.1", "plain http"),
        ("http://0.0.0.0", "plain http"),
        ("ftp://api.example.test", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("api.example.test", "must begin with https://"),
        ("", "must begin with https://"),
        ("https://", "name a host"),
        ("https://id:secret@api.example.test", "neither a key"),
        ("https://api.example.test/?a=1", "question mark"),
        ("https://api.example.test/#x", "a #"),
        ("https://api.example.test:99999", "not a URL"),
        ("https://[::1", "not a URL"),
    ],
)
def test_other_addresses_are_refused_by_name_of_the_system(url: str, why: str) -> None:
    with pytest.raises(SettingsInvalid, match=why) as caught:
        Remote(system="Shop", base_url=url)
    assert str(caught.value).startswith("Shop: ")
    assert "secret" not in str(caught.value)


def test_a_name_that_does_not_resolve_here_is_not_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_: [(2, 1, 6, "", ("93.184.216.34", 0))])
    with pytest.raises(SettingsInvalid, match="plain http"):
        Remote(system="Shop", base_url="http://localhost:1")


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Remote(system="Shop", base_url="ftp://x", in_flight=11, requests_per_second=0, read_attempts=0)
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize("key", [BasicKey("id", "s3cr3t"), BearerKey("s3cr3t")])
def test_a_key_shows_itself_nowhere(key: BasicKey | BearerKey) -> None:
    assert "s3cr3t" not in f"{key} {key!r} {[key]}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.copy(key)


@pytest.mark.parametrize("token", ["", "two\nlines", "ümlaut"])
def test_a_token_no_header_can_carry_is_missing(token: str) -> None:
    with pytest.raises(CredentialsMissing) as caught:
        BearerKey(token)
    assert token == "" or token not in str(caught.value)


@pytest.mark.parametrize(("user", "secret"), [("", "x"), ("x", ""), ("a:b", "x")])
def test_half_a_key_is_missing(user: str, secret: str) -> None:
    with pytest.raises(CredentialsMissing):
        BasicKey(user, secret)
