"""One polite way to talk to a remote system: paced, capped, timed, and honest about what may have been done."""

from cratejoy_tui.http.client import Call, OnCall, PoliteClient
from cratejoy_tui.http.remote import BasicKey, BearerKey, Remote
from cratejoy_tui.http.verdict import KeyRefused, RequestRefused, ServerFault, Undecodable

__all__ = [
    "BasicKey",
    "BearerKey",
    "Call",
    "KeyRefused",
    "OnCall",
    "PoliteClient",
    "Remote",
    "RequestRefused",
    "ServerFault",
    "Undecodable",
]
