"""How the fake Extensiv says things: both ways of writing JSON, and every way to say no."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

TYPES = "WMS.V2.Generic.Models.Exceptions"
Doc = dict[str, Any]


class Refusal(Exception):
    """A request that it says no to."""

    def __init__(self, status: int, body: Doc | str | None = None) -> None:
        self.status, self.body = status, body


def validation(code: str, name: str, value: object, hint: str = "") -> Refusal:
    """A record it does not take."""
    told = [{"Name": name, "Value": value}]
    return Refusal(
        400, {"$type": f"{TYPES}.ModelValidationException", "ErrorCode": code, "Properties": told, "Hint": hint}
    )


def operation(code: str, action: str) -> Refusal:
    """A thing it does not do now."""
    said = {"$type": f"{TYPES}.OperationException", "ActionNameType": 1, "ActionName": action, "ErrorCode": code}
    return Refusal(403, said)


def parameter(name: str, hint: str) -> Refusal:
    """A question it does not understand."""
    said = {"$type": f"{TYPES}.QueryParameterException", "Parameters": [name], "ErrorCode": "NotParsable", "Hint": hint}
    return Refusal(400, said)


def pascal(value: Any) -> Any:
    """The same in plain JSON: capital letters, no links, lists under their own names."""
    if isinstance(value, list):
        return [pascal(one) for one in value]
    if not isinstance(value, dict):
        return value
    flat: Doc = {}
    for name, inner in value.items():
        if name == "_embedded":
            for link, rows in inner.items():
                flat["ResourceList" if link.endswith("/order") else "OrderItems"] = pascal(rows)
        elif name != "_links":
            flat[name[:1].upper() + name[1:]] = pascal(inner)
    return flat


def answered(doc: Doc, status: int = 200) -> Response:
    """JSON under its own media type."""
    return Response(json.dumps(doc), status, media_type="application/hal+json")


def refused(refusal: Refusal) -> Response:
    """A no, with or without words."""
    return (
        answered(refusal.body, refusal.status)
        if isinstance(refusal.body, dict)
        else Response(status_code=refusal.status)
    )
