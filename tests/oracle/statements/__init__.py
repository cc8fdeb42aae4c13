"""
Random statements, one function a kind: it returns SQL, or None where the catalog has nothing to apply it to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.statements import (
    alter_table,
    functions,
    indexes,
    policies,
    privileges,
    schemas,
    tables,
    types,
    views,
)

if TYPE_CHECKING:
    from tests.oracle.pick import Kind, Pick

KINDS = {
    kind.__name__: kind
    for module in (alter_table, functions, indexes, policies, privileges, schemas, tables, types, views)
    for kind in module.KINDS
}
"""Every kind of statement by its name."""

_FOUNDATIONS = (
    tables.create_table,
    functions.create_trigger_function,
    tables.create_partitioned_table,
    types.create_enum,
    functions.create_function,
    types.create_composite,
    indexes.create_index,
    policies.create_policy,
    functions.create_trigger,
    views.create_view,
)


def statement(pick: Pick, kind: Kind) -> tuple[str, str]:
    """Write a statement of a kind, or of one that makes what it lacks; the name of its kind comes first."""
    sql = kind(pick)
    while sql is None:
        kind = pick.one(_FOUNDATIONS)
        sql = kind(pick)
    return kind.__name__, sql
