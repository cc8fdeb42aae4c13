"""Literals of SQL as the values that a column makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.catalog.model import FIRST_USER_OID
from schemaguard.catalog.widening import base_type

if TYPE_CHECKING:
    from schemaguard.catalog.model import Column
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

BOOL = 16
INTEGERS = frozenset((20, 21, 23))
TEXTS = frozenset((19, 25, 1042, 1043))
_TRUE, _FALSE = ("t", "true", "y", "yes", "on", "1"), ("f", "false", "n", "no", "off", "0")


class NotLiteral(Exception):  # noqa: N818 - an answer, not an error
    """An expression that is no literal."""


class _Default:
    """Stands for DEFAULT among values."""


DEFAULT = _Default()


def literal(node: Node) -> Any:  # noqa: ANN401 - str, int, bool, None, or DEFAULT
    """The value of a literal, through casts and a sign.

    Raises:
        NotLiteral: it is something else.
    """
    tag, fields = only(node)
    if tag == "A_Const":
        return constant(fields)
    if tag == "TypeCast":
        return _cast(literal(fields["arg"]), strings(fields["typeName"].get("names"))[-1], fields["typeName"])
    if tag == "SetToDefault":
        return DEFAULT
    if tag == "A_Expr" and strings(fields["name"]) == ["-"] and "lexpr" not in fields:
        value = literal(fields["rexpr"])
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise NotLiteral
        return -value if isinstance(value, int) else f"-{value}"
    raise NotLiteral


def _cast(value: Any, name: str, of: Node) -> Any:  # noqa: ANN401 - a literal's value
    """A literal through a cast: of types that change nothing about its text, or of truth values.

    Raises:
        NotLiteral: the cast may change the value (`'1.5'::int`, `varchar(2)`).
    """
    if value is None or name not in ("bool", "int2", "int4", "int8"):
        if isinstance(value, str) and ("typmods" in of or name in ("date", "name", "bpchar", "char")):
            raise NotLiteral
        return value
    if name == "bool":
        return truth(value)
    try:
        return int(value)
    except (TypeError, ValueError):
        raise NotLiteral from None


def truth(value: Any) -> bool:  # noqa: ANN401 - a literal's value
    """A literal as a truth value, as boolin reads it.

    Raises:
        NotLiteral: it is none, or not spelled out.
    """
    if isinstance(value, bool | int):
        return bool(value)
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise NotLiteral


def stored(catalog: Catalog, column: Column, value: Any) -> Any:  # noqa: ANN401 - a literal's value
    """What a column holds once a literal was assigned to it.

    Raises:
        NotLiteral: that is not known.
    """
    if value is DEFAULT:
        return default(catalog, column)
    base = base_type(catalog, column.type)
    if value is None or base.array:
        return value
    if base.oid == BOOL:
        return truth(value)
    if base.oid in INTEGERS and not isinstance(value, int):
        try:
            return int(value)
        except ValueError:
            raise NotLiteral from None  # '1.5' is rounded, or refused
    if base.oid in TEXTS:
        if isinstance(value, bool):
            return "true" if value else "false"
        text = str(value)
        return text.rstrip(" ") if base.oid == 1042 else text
    return value


def default(catalog: Catalog, column: Column) -> Any:  # noqa: ANN401 - a literal's value
    """What a column holds that an INSERT leaves out.

    Raises:
        NotLiteral: it is computed, or the type brings it.
    """
    if column.generated or column.identity:
        raise NotLiteral
    if column.default is None:
        if column.type.oid >= FIRST_USER_OID and base_type(catalog, column.type) != column.type:
            raise NotLiteral  # a domain may have a default of its own
        return None
    value = literal(column.default.node)
    return stored(catalog, column, value)
