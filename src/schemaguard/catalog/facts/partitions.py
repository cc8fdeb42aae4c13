"""Partition keys and bounds, as `pg_get_partkeydef` and `pg_get_expr` print them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.facts.builder import is_call
from schemaguard.catalog.model import Infinite
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.facts.builder import Builder, Path
    from schemaguard.catalog.model import Expression, PartitionBound, Table
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

STRATEGIES = {
    "PARTITION_STRATEGY_RANGE": "RANGE",
    "PARTITION_STRATEGY_LIST": "LIST",
    "PARTITION_STRATEGY_HASH": "HASH",
}


def partition_key(build: Builder, table: Table, path: Path) -> str | None:
    """`RANGE (occurred_at)`, with the present names of the columns; None for a table that is not partitioned."""
    spec = table.partition_key
    if spec is None:
        return None
    expressions = iter(table.partition_expressions)
    elements = [
        _element(build, table, element["PartitionElem"], expressions, path)
        for element in spec.get("partParams") or ()
    ]
    return f"{STRATEGIES[spec['strategy']]} ({', '.join(elements)})"


def _element(
    build: Builder, table: Table, element: Node, expressions: Iterator[Expression], path: Path
) -> str:
    if name := element.get("name"):
        column = table.column_at(dict(table.partition_columns)[name])
        text = quote_identifier(column.name if column else name)
    else:
        text = build.text(path, next(expressions), table) or ""
        text = text if is_call(text) else f"({text})"
    if collation := element.get("collation"):
        text += f" COLLATE {'.'.join(quote_identifier(part) for part in strings(collation))}"
    if opclass := element.get("opclass"):
        text += f" {'.'.join(quote_identifier(part) for part in strings(opclass))}"
    return text


def partition_bound(build: Builder, table: Table, path: Path) -> str | None:
    """`FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`; None for a table that is no partition."""
    bound = table.partition_bound
    if bound is None:
        return None
    try:
        return _bound_text(build.catalog, bound)
    except Opaque as opaque:
        build.leave_out(path, opaque.reason, table.partition_because)
        return None


def _bound_text(catalog: Catalog, bound: PartitionBound) -> str:
    if bound.default:
        return "DEFAULT"
    if bound.strategy == "h":
        return f"FOR VALUES WITH (modulus {bound.modulus}, remainder {bound.remainder})"
    values = ", ".join(_value(catalog, value) for value in bound.values)
    if bound.strategy == "l":
        return f"FOR VALUES IN ({values})"
    return f"FOR VALUES FROM ({values}) TO ({', '.join(_value(catalog, value) for value in bound.upper)})"


def _value(catalog: Catalog, value: Any) -> str:  # noqa: ANN401 - see PartitionBound
    from schemaguard.catalog.analysis.ruleutils.constants import print_constant
    from schemaguard.catalog.analysis.tree import Const

    if isinstance(value, Infinite):
        return "MINVALUE" if value.sign < 0 else "MAXVALUE"
    if not isinstance(value, Const):
        raise Opaque("a bound of the partition is no constant")
    return print_constant(catalog, value, label=-1)
