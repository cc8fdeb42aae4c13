"""Which tables and views the rules speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from schemaguard.catalog.model import Schema, Table, View
from schemaguard.config.patterns import matches_table
from schemaguard.linting.exemptions import holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy

    _Relation = TypeVar("_Relation", Table, View)

SYSTEM_SCHEMAS = frozenset(("pg_catalog", "information_schema", "pg_toast"))


def governed_tables(catalog: Catalog, policy: Policy, today: date) -> list[Table]:
    """Tables of user schemas that are neither exempt nor an extension's, a session's or presumed to exist."""
    return list(_governed(catalog, policy, today, catalog.all(Table)))


def governed_views(catalog: Catalog, policy: Policy, today: date) -> list[View]:
    """Likewise views and materialized views."""
    return list(_governed(catalog, policy, today, catalog.all(View)))


def _governed(
    catalog: Catalog, policy: Policy, today: date, relations: Iterable[_Relation]
) -> Iterator[_Relation]:
    exempt = [
        pattern
        for exemption in policy.exempt
        if "*" in exemption.rules and holds(exemption, today)
        for pattern in exemption.object
    ]
    for relation in relations:
        schema = catalog.get(relation.schema, Schema)
        if relation.extension or relation.external or relation.persistence == "t":
            continue
        if schema.name in SYSTEM_SCHEMAS:
            continue
        if not any(matches_table(pattern, schema.name, relation.name) for pattern in exempt):
            yield relation
