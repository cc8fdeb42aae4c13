"""The relations of `pg_catalog` and `information_schema`: what a view over them sees.

They are made when first asked for and shared by all catalogs: no history changes them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from schemaguard.catalog.builtin.load import load
from schemaguard.catalog.model import Column, Relation, Table, TypeRef, View
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.state import INFORMATION_SCHEMA, PG_CATALOG, SUPERUSER

SCHEMAS = {"pg_catalog": PG_CATALOG, "information_schema": INFORMATION_SCHEMA}


class SystemTable(Table, frozen=True, kw_only=True):
    """A table of `pg_catalog` or `information_schema`, with the oid of its row type."""

    row_type: int


class SystemView(View, frozen=True, kw_only=True):
    """A view of `pg_catalog` or `information_schema`, with the oid of its row type."""

    row_type: int


SystemRelation = SystemTable | SystemView


@cache
def _rows() -> dict[str, dict[str, list[Any]]]:
    return dict(load("relations"))


@cache
def _by_oid() -> dict[int, tuple[str, str]]:
    return {row[0]: (schema, name) for schema, rows in _rows().items() for name, row in rows.items()}


@cache
def _by_row_type() -> dict[int, tuple[str, str]]:
    return {row[2]: (schema, name) for schema, rows in _rows().items() for name, row in rows.items()}


@cache
def system_relation(schema: str, name: str) -> SystemRelation | None:
    """The system table or view of that name, or None."""
    row = _rows().get(schema, {}).get(name)
    if row is None:
        return None
    oid, kind, row_type, described = row
    columns = tuple(
        Column(number, column, TypeRef(abs(of), array=of < 0), not_null=bool(not_null))
        for number, (column, of, not_null) in enumerate(described, 1)
    )
    if kind == "r":
        return SystemTable(
            oid=oid,
            schema=SCHEMAS[schema],
            name=name,
            kind=kind,
            owner=SUPERUSER,
            columns=columns,
            row_type=row_type,
        )
    return SystemView(
        oid=oid,
        schema=SCHEMAS[schema],
        name=name,
        kind=kind,
        owner=SUPERUSER,
        columns=columns,
        row_type=row_type,
    )


def system_relation_names(schema: str) -> list[str]:
    """The names of the system tables and views of a schema."""
    return list(_rows().get(schema, {}))


def system_relation_at(oid: int) -> Relation | None:
    """The system table or view of that oid, or None."""
    found = _by_oid().get(oid)
    return None if found is None else system_relation(*found)


def system_relation_of_type(oid: int) -> SystemRelation | None:
    """The system table or view whose row type has that oid, or None."""
    found = _by_row_type().get(oid)
    return None if found is None else system_relation(*found)


def row_type_name(oid: int) -> str:
    """The name of a system relation's row type as `format_type` prints it; `???` for an unused oid."""
    found = _by_row_type().get(oid)
    if found is None:
        return "???"
    schema, name = found
    return quote_identifier(name) if schema == "pg_catalog" else f"{schema}.{quote_identifier(name)}"
