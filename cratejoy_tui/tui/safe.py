"""Words from outside on their way to the screen: cleaned, and literal.

Textual reads markup out of plain text, so that a customer's name could run an action of ours. Everything that is not
a constant of this program is shown through this module; a test reads our sources for calls that do not.
"""

from __future__ import annotations

from textual.content import Content

from cratejoy_tui.text import clean

LONGEST_PAGE = 200_000


def words(text: object, style: str = "", limit: int = 1000) -> Content:
    """One line of literal text."""
    return Content.styled(clean(str(text), limit), style)


def lines(text: object, style: str = "", limit: int = LONGEST_PAGE) -> Content:
    """Literal text that may have several lines."""
    return Content.styled(clean(str(text), limit, keep_newlines=True), style)


def joined(*parts: Content | str | tuple[str, str]) -> Content:
    """Parts one after the other; plain text, alone or with its style, is literal too."""
    return Content.assemble(*(part if isinstance(part, Content) else _part(part) for part in parts))


def _part(part: str | tuple[str, str]) -> Content:
    return as_it_is(*part) if isinstance(part, tuple) else as_it_is(part)


def as_it_is(text: str, style: str = "") -> Content:
    """Our own text with its spaces and line ends kept; still literal, and cleaned where it is not plain."""
    return Content.styled(text if text.replace("\n", "").isprintable() else lines(text).plain, style)
