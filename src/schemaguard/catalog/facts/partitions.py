"""Partition keys and bounds, as `pg_get_partkeydef` and `pg_get_expr` print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import constant, only, string, strings
from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.facts.builder import is_call
from schemaguard.catalog.model import Expression
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from schemaguard.catalog.facts.builder import Builder, Path
    from schemaguard.catalog.model import Table
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
    elements = [
        _element(build, table, element["PartitionElem"], path) for element in spec.get("partParams") or ()
    ]
    return f"{STRATEGIES[spec['strategy']]} ({', '.join(elements)})"


def _element(build: Builder, table: Table, element: Node, path: Path) -> str:
    if name := element.get("name"):
        column = table.column_at(dict(table.partition_columns)[name])
        text = quote_identifier(column.name if column else name)
    else:
        expression = Expression(element["expr"], table.partition_columns, table.because)
        text = build.text(path, expression, table) or ""
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
    if bound.get("is_default"):
        return "DEFAULT"
    try:
        if bound["strategy"] == "h":
            return (
                f"FOR VALUES WITH (modulus {bound.get('modulus', 0)}, remainder {bound.get('remainder', 0)})"
            )
        if bound["strategy"] == "l":
            return f"FOR VALUES IN ({_values(bound['listdatums'])})"
        return f"FOR VALUES FROM ({_values(bound['lowerdatums'])}) TO ({_values(bound['upperdatums'])})"
    except Opaque as opaque:
        build.leave_out(path, opaque.reason, table.partition_because)
        return None


def _values(nodes: list[Node]) -> str:
    return ", ".join(_value(node) for node in nodes)


def _value(node: Node) -> str:
    tag, fields = only(node)
    if tag == "ColumnRef":
        return string(fields["fields"][-1]).upper()  # MINVALUE, MAXVALUE
    if tag == "TypeCast":
        return _value(fields["arg"])
    if tag != "A_Const":
        raise Opaque("the bounds of the partition are no constants")
    value = constant(fields)
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value >= 0:
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
