"""Name patterns of the config: `revenue_ledger`, `billing.*`, `*_amount`, `*.channel`.

`*` stands for any run of characters, `?` for one. A pattern without a dot is matched with the bare name, in
any schema. Of several that match, the most specific one wins: no wildcards before some, then the longer.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def matches_table(pattern: str, schema: str, name: str) -> bool:
    """Whether a pattern for tables, views and other objects of a schema names this one."""
    return _compiled(pattern)(f"{schema}.{name}" if "." in pattern else name)


def matches_column(pattern: str, schema: str, table: str, column: str) -> bool:
    """Whether a pattern names this column: `column`, `table.column` or `schema.table.column`."""
    match pattern.count("."):
        case 0:
            name = column
        case 1:
            name = f"{table}.{column}"
        case _:
            name = f"{schema}.{table}.{column}"
    return _compiled(pattern)(name)


def matches_name(pattern: str, name: str) -> bool:
    """Whether a pattern matches the whole of a name."""
    return _compiled(pattern)(name)


def most_specific(patterns: Iterable[str], schema: str, name: str) -> str | None:
    """The pattern that says what holds for this table, None where none matches it."""
    found = [pattern for pattern in patterns if matches_table(pattern, schema, name)]
    return max(found, key=specificity, default=None)


def specificity(pattern: str) -> tuple[bool, int]:
    """Sort key: patterns without wildcards are the most specific, then those that say more characters."""
    said = len(pattern) - pattern.count("*") - pattern.count("?")
    return said == len(pattern), said


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> _Matcher:
    return _Matcher(pattern)


class _Matcher:
    """A pattern, as a question."""

    __slots__ = ("match",)

    def __init__(self, pattern: str) -> None:
        parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
        self.match = re.compile("".join(parts), re.DOTALL).fullmatch

    def __call__(self, name: str) -> bool:
        return self.match(name) is not None
