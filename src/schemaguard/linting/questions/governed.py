"""Which tables and views the rules speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from schemaguard.catalog.model import Schema, Table, View
from schemaguard.config.patterns import matches_table
from schemaguard.linting.exemptions import EVERY_RULE, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy

    _Relation = TypeVar("_Relation", Table, View)

SYSTEM_SCHEMAS = frozenset(("pg_catalog", "information_schema", "pg_toast"))

BOOKKEEPING = frozenset((
    "alembic_version", "django_migrations", "flyway_schema_history", "schema_migrations", "schema_version",
    "goose_db_version", "_prisma_migrations", "__diesel_schema_migrations", "_sqlx_migrations", "databasechangelog",
    "databasechangeloglock", "pgmigrations", "knex_migrations", "knex_migrations_lock",
))  # fmt: skip
"""Tables in which migration tools keep their own state: no tenant's rows are in them."""


def governed_tables(catalog: Catalog, policy: Policy, today: date) -> list[Table]:
    """Tables of user schemas that are neither exempt nor an extension's, a session's or presumed to exist."""
    return list(_governed(catalog, policy, today, catalog.all(Table)))


def governed_views(catalog: Catalog, policy: Policy, today: date) -> list[View]:
    """Likewise views and materialized views."""
    return list(_governed(catalog, policy, today, catalog.all(View)))


def governs_name(policy: Policy, today: date, schema: str, name: str) -> bool:
    """Whether a relation of that name is governed, were it there; schema "" stands for any."""
    if schema in SYSTEM_SCHEMAS:
        return False
    return not any(matches_table(pattern, schema or "public", name) for pattern in _exempt(policy, today))


def _governed(
    catalog: Catalog, policy: Policy, today: date, relations: Iterable[_Relation]
) -> Iterator[_Relation]:
    exempt = _exempt(policy, today)
    for relation in relations:
        schema = catalog.get(relation.schema, Schema)
        if relation.extension or relation.external or relation.persistence == "t":
            continue
        if schema.name in SYSTEM_SCHEMAS:
            continue
        if not any(matches_table(pattern, schema.name, relation.name) for pattern in exempt):
            yield relation


def _exempt(policy: Policy, today: date) -> list[str]:
    """The patterns of objects that no rule is for."""
    return [
        pattern
        for exemption in policy.exempt
        if EVERY_RULE in exemption.rules and holds(exemption, today)
        for pattern in exemption.object
    ]
