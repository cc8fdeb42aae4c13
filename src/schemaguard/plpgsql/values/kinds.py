"""The kinds of values.

NULL is None; boolean is bool; the integers and oid are int; numeric is Decimal; the text types, name, "char", uuid and
enums are str; bytea is bytes; date, time and timestamps are those of `datetime`; an array is a list. The rest is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression, Relation

Value = Any
"""Any of the kinds, or an Unknown."""


class Unknown:
    """A value that only the real database knows; `reason` says why, as the end of a sentence."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        self.reason = reason

    def __repr__(self) -> str:
        """Show the reason."""
        return f"Unknown({self.reason!r})"


class Reg(NamedTuple):
    """An oid that prints as a name: `kind` is regclass, regtype, regproc, regprocedure, regrole or regnamespace."""

    kind: str
    oid: int


class Record:
    """A composite value: field names and values."""

    __slots__ = ("names", "values")

    def __init__(self, names: tuple[str, ...], values: tuple[Value, ...]) -> None:
        """Take names and values, as many of each."""
        self.names = names
        self.values = values

    def __eq__(self, other: object) -> bool:
        """Records are equal where their values are."""
        return isinstance(other, Record) and self.values == other.values

    def __hash__(self) -> int:
        """Consistent with equality."""
        return hash(hashable(list(self.values)))


class ZeroBased(list[Any]):
    """An array whose subscripts begin at 0, such as TG_ARGV."""


class IntVector(ZeroBased):
    """An int2vector or oidvector: subscripts begin at 0, and it prints as numbers with spaces between."""


class Json(NamedTuple):
    """A json or jsonb value, decoded."""

    data: Any


class NodeTree(NamedTuple):
    """A pg_node_tree: an expression of the catalog, the relation it is about, and more of them in a list."""

    expression: Expression
    relation: Relation | None
    more: tuple[Expression, ...] = ()


class Interval(NamedTuple):
    """An interval in PostgreSQL's three parts."""

    months: int = 0
    days: int = 0
    microseconds: int = 0


def hashable(value: Value) -> Any:  # noqa: ANN401 - whatever can be a key
    """A key under which equal values meet: 1, 1.0 and oid 1 do, true and 1 do not."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, Reg):
        return value.oid
    if isinstance(value, list):
        return tuple(hashable(item) for item in value)
    if isinstance(value, Record):
        return tuple(hashable(item) for item in value.values)
    if isinstance(value, Json):
        import orjson

        return ("json", orjson.dumps(value.data, option=orjson.OPT_SORT_KEYS))
    return value


def first_unknown(values: Any) -> Unknown | None:  # noqa: ANN401 - an iterable of values
    """The first unknown among values, also inside of arrays and records."""
    for value in values:
        if isinstance(value, Unknown):
            return value
        inner = value if isinstance(value, list) else value.values if isinstance(value, Record) else ()
        if inner and (found := first_unknown(inner)) is not None:
            return found
    return None
