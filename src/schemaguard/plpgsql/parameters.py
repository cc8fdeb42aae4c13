"""Parameters of a query as SQLAlchemy (`:name`) and psycopg (`%(name)s`) write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from schemaguard.plpgsql.values.kinds import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

# A parameter, or something that only looks like one: a string, a quoted name, a comment, a cast.
_PARAMETER = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|::|%\((?P<driver>\w+)\)s|(?<![:\w]):(?P<alchemy>[A-Za-z_]\w*)",
    re.DOTALL,
)


class Bound:
    """Values for `$1`, `$2` …; no other names."""

    def __init__(self, values: list[Value]) -> None:
        """Take the values in order."""
        self.values = values

    def find(self, names: list[str]) -> Callable[[], Value] | None:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return None

    def parameter(self, number: int) -> Callable[[], Value] | None:
        """The value of `$number`."""
        if not 1 <= number <= len(self.values):
            return None
        return lambda: self.values[number - 1]


def bind_parameters(sql: str, parameters: dict[str, Any]) -> tuple[str, Bound]:
    """The query with `$n` in the place of named parameters, and their values; one that is not given is unknown."""
    order: list[str] = []

    def numbered(match: re.Match[str]) -> str:
        name = match["driver"] or match["alchemy"]
        if name is None or (match["alchemy"] and name not in parameters):
            return match[0]
        if name not in order:
            order.append(name)
        return f"${order.index(name) + 1}"

    text = _PARAMETER.sub(numbered, sql)
    missing = Unknown("a parameter of the query is not given")
    return text, Bound([_value(parameters[name]) if name in parameters else missing for name in order])


def _value(value: Any) -> Value:  # noqa: ANN401 - whatever a migration passes
    return list(value) if isinstance(value, (tuple, set, frozenset)) else value
