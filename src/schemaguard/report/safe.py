"""Text from the project under check, made safe: it can't steer a terminal, nor hide in what is shown."""

from __future__ import annotations

import re
import unicodedata

TAB = 4
"""Cells that a tab is shown as, wherever it stands."""

# C0 and C1 controls (escape sequences begin with one), and characters that reorder or hide text:
# bidirectional controls, zero-width ones, line and paragraph separators, invisible operators, tags, lone
# surrogates.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""`text` on one line: spaces for line ends and tabs, escapes (``\x1b``) for what can't be seen."""
    if text.isascii() and text.isprintable():
        return text
    return _HOSTILE.sub(_escape, re.sub(r"\r\n|[\r\n\t]", " ", text))


def visible_lines(text: str) -> list[str]:
    r"""The lines of `text`, each as `visible` makes it but for tabs, which become TAB spaces."""
    return [visible(line.replace("\t", " " * TAB)) for line in re.split(r"\r\n|\r|\n", text)]


def cells(text: str) -> int:
    """How many terminal cells a visible text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
