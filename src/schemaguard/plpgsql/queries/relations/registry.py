"""All system relations by schema and name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.builtin.relations import SystemTable, SystemView
from schemaguard.catalog.uncertainty import NO_DOUBTS, doubts
from schemaguard.plpgsql.expressions.scope import Entry
from schemaguard.plpgsql.queries.relations import (
    classes,
    constraints,
    others,
    policies,
    roles,
    routines,
    types,
)
from schemaguard.plpgsql.queries.relations.doubts import doubtful
from schemaguard.plpgsql.queries.relations.standard import (
    constraints as standard_constraints,
    privileges as standard_privileges,
    routines as standard_routines,
    tables as standard_tables,
)
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.expressions.scope import Env
    from schemaguard.plpgsql.queries.relations.provider import Provider

PG_CATALOG: dict[str, Provider] = {}
INFORMATION_SCHEMA: dict[str, Provider] = {}
for _module in (classes, constraints, others, policies, roles, routines, types):
    PG_CATALOG.update(_module.PG_CATALOG)
for _standard in (standard_constraints, standard_privileges, standard_routines, standard_tables):
    INFORMATION_SCHEMA.update(_standard.INFORMATION_SCHEMA)
_BY_SCHEMA = {"pg_catalog": PG_CATALOG, "information_schema": INFORMATION_SCHEMA}


def system_entry(context: Context, record: Any, name: str) -> Entry | None:  # noqa: ANN401 - a relation's record
    """The FROM item for a system relation, None for one of the history's."""
    if not isinstance(record, (SystemTable, SystemView)):
        return None
    schema = context.catalog.schema_name(record.schema)
    provider = _BY_SCHEMA[schema].get(record.name)
    shown = record.name if schema == "pg_catalog" else f"{schema}.{record.name}"
    if provider is None:
        return _not_modelled(record, name, f"`{shown}` is not modelled")
    columns: dict[str, Callable[[Any], Value]] = {}
    for column in record.columns:
        get = provider.columns.get(column.name)
        if get is None:
            columns[column.name] = _always(Unknown(f"`{shown}.{column.name}` is not modelled"))
        else:
            columns[column.name] = partial(get, context)
    lookups = {column: partial(find, context) for column, find in provider.lookups.items()}
    entry = Entry(name, columns, lambda _env: _kept(context, provider), lookups=lookups)
    if doubts(context.catalog) is not NO_DOUBTS:
        doubtful(entry, context.catalog, partial(_kept, context, provider))
    return entry


def _kept(context: Context, provider: Provider) -> Iterable[Any]:
    rows: Iterable[Any] = context.cached(id(provider), lambda: list(provider.rows(context)))
    return rows


def _always(value: Value) -> Callable[[Any], Value]:
    return lambda _row: value


def _not_modelled(record: SystemTable | SystemView, name: str, reason: str) -> Entry:
    def rows(_env: Env) -> Iterable[Any]:
        raise Unanswerable(reason)

    return Entry(name, {column.name: _always(Unknown(reason)) for column in record.columns}, rows)
