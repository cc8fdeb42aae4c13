"""The text being written, with the server's way of breaking and indenting lines."""

from __future__ import annotations

INDENT_STANDARD = 8
INDENT_JOIN = 4
INDENT_VARIABLE = 4
INDENT_LIMIT = 40


class Buffer:
    """Text that grows, and the level that new lines are indented to."""

    __slots__ = ("level", "text")

    def __init__(self, level: int = 0) -> None:
        """Begin at an indentation level."""
        self.text = ""
        self.level = level

    def add(self, text: str) -> None:
        """Append text as it is."""
        self.text += text

    def keyword(self, text: str, before: int = 0, after: int = 0, plus: int = 0) -> None:
        """Append text on a new line (`appendContextKeyword`); the level changes by `before`, then by `after`."""
        self.level += before
        if self.level < INDENT_LIMIT:
            amount = max(self.level, 0) + plus
        else:
            amount = INDENT_LIMIT + (self.level - INDENT_LIMIT) // (INDENT_STANDARD // 2)
            amount = amount % INDENT_LIMIT + plus
        self.text = self.text.rstrip(" ") + "\n" + " " * amount + text
        self.level = max(self.level + after, 0)

    @property
    def line_length(self) -> int:
        """How long the last line is, in bytes."""
        return len(self.text.rpartition("\n")[2].encode())

    def strip(self) -> None:
        """Remove spaces from the end."""
        self.text = self.text.rstrip(" ")
