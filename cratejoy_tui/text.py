"""Text from outside, made safe to show, log and hand on.

Whatever a remote system, a file or a person sends may carry control characters that move the cursor, write the
clipboard, turn the reading direction round or hide what stands there. Each is replaced by one visible mark, so that a
reader sees that something was there.
"""

from __future__ import annotations

import re
import unicodedata

MARK = "\N{REPLACEMENT CHARACTER}"
CUT = "…"

_FORMULA = frozenset("=+-@\t\r＝＋－＠")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef]")
_JOINERS = "\u200c\u200d"
_WHITE = re.compile(r"\s+")
_WHITE_IN_LINE = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def clean(text: str, limit: int = 1000, *, keep_newlines: bool = False) -> str:
    """The same words, with nothing in them that could act on a terminal.

    Controls become a visible mark, white space runs become one space, the rest is composed (NFC). At most `limit`
    characters are given; a text that was cut ends in `…`. Cleaning twice changes nothing.
    """
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    most = max(4 * limit, 4096)
    cut = len(text) > most
    marked = _marked(unicodedata.normalize("NFC", text[:most]))
    tidy = _tidy_lines(marked) if keep_newlines else _WHITE.sub(" ", marked).strip()
    if len(tidy) <= limit and not cut:
        return tidy
    return tidy[: max(limit - 1, 0)].rstrip().rstrip(_JOINERS) + CUT[:limit]


def one_line(value: object, limit: int = 200) -> str:
    """Anything as one short clean line, for a log or a table cell."""
    return clean(str(value), limit)


def counted(number: int, noun: str) -> str:
    """`1 box`, `2 boxes`."""
    many = noun + ("es" if noun.endswith(("x", "ch")) else "s")
    return f"{number:,} {noun if number == 1 else many}"


def csv_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: such a text gets a leading apostrophe. NUL is left out."""
    cell = text.replace("\0", "")
    return f"'{cell}" if cell.lstrip(" ")[:1] in _FORMULA and cell.strip(" ") else cell


def _marked(text: str) -> str:
    text = _CONTROL.sub(MARK, text.replace("\r\n", "\n"))
    if text.isascii():
        return text
    return "".join(_visible(text, i, c) if unicodedata.category(c) == "Cf" else c for i, c in enumerate(text))


def _visible(text: str, index: int, char: str) -> str:
    # Joiners are spelling in Persian, in Indic scripts and inside emoji; beside plain letters they only hide.
    is_inside = char in _JOINERS and 0 < index < len(text) - 1
    joins = is_inside and _is_spelling(text[index - 1]) and _is_spelling(text[index + 1])
    return char if joins else MARK


def _is_spelling(char: str) -> bool:
    """A letter, sign or mark that may be joined; not a space, not a control, not our own mark."""
    return not char.isascii() and char != MARK and unicodedata.category(char)[0] in "LMS"


def _tidy_lines(text: str) -> str:
    text = re.sub("[\r\u2028\u2029]", "\n", text)
    lines = "\n".join(line.strip() for line in _WHITE_IN_LINE.sub(" ", text).split("\n"))
    return _EMPTY_LINES.sub("\n\n", lines).strip()
