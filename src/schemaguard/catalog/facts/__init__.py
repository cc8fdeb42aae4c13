"""The catalog as plain facts: the JSON that `schema` prints and that `verify` compares with a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.facts.builder import Builder
from schemaguard.catalog.facts.others import (
    default_privileges,
    event_trigger_fact,
    extension_fact,
    function_fact,
    publication_fact,
    role_fact,
    schema_fact,
    sequence_fact,
    type_fact,
)
from schemaguard.catalog.facts.shape import EVERYWHERE, FORMAT, KINDS, TYPE_KINDS
from schemaguard.catalog.facts.tables import table_fact
from schemaguard.catalog.facts.unknowns import declared_unknown, left_out
from schemaguard.catalog.facts.views import matview_fact, view_fact
from schemaguard.catalog.model import (
    CompositeType,
    Constraint,
    EventTrigger,
    Extension,
    Function,
    Publication,
    Relation,
    Role,
    Schema,
    Sequence,
    Table,
    Type,
    View,
)
from schemaguard.catalog.routines import identity_arguments
from schemaguard.catalog.seeds import seeded_rows
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Collection

    from schemaguard.catalog.facts.shape import Facts, FunctionFact, RoleFact, SchemaFact, TypeFact
    from schemaguard.catalog.state import Catalog

__all__ = ["KINDS", "facts"]


# long: one entry for each kind of object
def facts(
    catalog: Catalog,
    *,
    locations: bool = False,
    seeded: Collection[int] = (),
    only: Collection[tuple[str, str]] | None = None,
) -> Facts:
    """Everything that the replay knows, in the shape of `shape.Facts`; objects in the order of their names.

    `locations`: each fact also says which statement made it true. `seeded`: tables (by oid) whose literal rows are
    wanted beside those that foreign keys reference. What can't be known is left out and listed under `unknown`.
    `only`: objects of these names, as (schema or "", name); then no rows are given.
    """
    build = Builder(catalog, locations=locations, only=only)
    relations = sorted(
        (record for record in build.all(Relation) if build.is_own(record)), key=catalog.qualified
    )
    views = [(catalog.qualified(view), view) for view in relations if isinstance(view, View)]
    found: Facts = {
        "format": FORMAT,
        "postgres": catalog.version,
        "schemas": _schemas(build),
        "tables": {
            name: table_fact(build, table, ("tables", name))
            for table in relations
            if isinstance(table, Table) and (name := catalog.qualified(table))
        },
        "views": {name: view_fact(build, view, ("views", name)) for name, view in views if view.kind == "v"},
        "matviews": {
            name: matview_fact(build, view, ("matviews", name)) for name, view in views if view.kind == "m"
        },
        "sequences": {
            catalog.qualified(sequence): sequence_fact(build, sequence)
            for sequence in relations
            if isinstance(sequence, Sequence)
        },
        "functions": _functions(build),
        "types": _types(build),
        "roles": _roles(build),
        "default_privileges": default_privileges(build),
        "extensions": {
            extension.name: extension_fact(build, extension)
            for extension in sorted(build.all(Extension), key=catalog.named)
            if extension.name not in EVERYWHERE
        },
        "publications": {
            publication.name: publication_fact(build, publication)
            for publication in sorted(build.all(Publication), key=catalog.named)
        },
        "event_triggers": {
            trigger.name: event_trigger_fact(build, trigger)
            for trigger in sorted(build.all(EventTrigger), key=catalog.named)
        },
        "seed_rows": _seed_rows(catalog, seeded) if only is None else {},
        "unknown": [],
    }
    declared_unknown(build)
    return left_out(found, build.unknown)


def _schemas(build: Builder) -> dict[str, SchemaFact]:
    return {
        schema.name: schema_fact(build, schema)
        for schema in sorted(build.all(Schema), key=lambda schema: schema.name)
        if not schema.name.startswith("pg_") and schema.name != "information_schema"
    }


def _functions(build: Builder) -> dict[str, FunctionFact]:
    catalog = build.catalog
    found = {
        f"{catalog.qualified(function)}({identity_arguments(catalog, function)})": function_fact(
            build, function
        )
        for function in build.all(Function)
        if build.is_own(function) and not _is_part_of_type(catalog, function)
    }
    return dict(sorted(found.items()))


def _is_part_of_type(catalog: Catalog, function: Function) -> bool:
    """Whether it is a constructor that came with a range type."""
    return any(
        edge.kind == "i" and isinstance(catalog.objects.get(on), Type)
        for on, edge in catalog.references.get(function.oid, ())
    )


def _types(build: Builder) -> dict[str, TypeFact]:
    catalog = build.catalog
    found = {
        name: type_fact(build, record, ("types", name))
        for record in build.all(Type)
        if record.kind in TYPE_KINDS
        and build.is_own(record)
        and (name := catalog.qualified(record))
        # A table's row type is no type of its own.
        and (record.kind != "c" or isinstance(catalog.objects.get(record.relation), CompositeType))
    }
    return dict(sorted(found.items()))


def _roles(build: Builder) -> dict[str, RoleFact]:
    roles = sorted(build.all(Role), key=lambda role: role.name)
    return {
        role.name: role_fact(build, role) for role in roles if not (role.predefined or role.oid == SUPERUSER)
    }


def _seed_rows(catalog: Catalog, seeded: Collection[int]) -> dict[str, list[dict[str, Any]]]:
    referenced = {constraint.ref_table for constraint in catalog.all(Constraint) if constraint.type == "f"}
    found = {
        catalog.qualified(table): list(seeded_rows(catalog, table).rows)
        for oid, seeds in catalog.seed_rows.items()
        if seeds.rows and (oid in referenced or oid in seeded)
        for table in (catalog.get(oid, Table),)
    }
    return dict(sorted(found.items()))
