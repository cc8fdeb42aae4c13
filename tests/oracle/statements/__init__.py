"""
Random statements, one function a kind: it returns SQL, or None where the catalog has nothing to apply it to.
"""

from __future__ import annotations

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

KINDS = {
    kind.__name__: kind
    for module in (alter_table, functions, indexes, policies, privileges, schemas, tables, types, views)
    for kind in module.KINDS
}
"""Every kind of statement by its name."""
