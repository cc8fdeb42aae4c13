"""Comments, extensions, publications, dependencies, and the little there is to say about the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.builtin.relations import system_relation
from schemaguard.catalog.model import (
    Constraint,
    EventTrigger,
    Extension,
    Function,
    Other,
    Policy,
    Publication,
    Relation,
    Rule,
    Schema,
    Trigger,
    Type,
)
from schemaguard.catalog.state import PG_CATALOG as PG_CATALOG_SCHEMA, SUPERUSER
from schemaguard.plpgsql.functions.session import current_setting
from schemaguard.plpgsql.queries.relations.acl_items import acl_value
from schemaguard.plpgsql.queries.relations.provider import Provider, constant, number
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.state import Dependent
    from schemaguard.plpgsql.context import Context

_CLASSES: tuple[tuple[type, str], ...] = (
    (Relation, "pg_class"), (Type, "pg_type"), (Function, "pg_proc"), (Constraint, "pg_constraint"),
    (Schema, "pg_namespace"), (Policy, "pg_policy"), (Trigger, "pg_trigger"), (Rule, "pg_rewrite"),
    (Extension, "pg_extension"), (Publication, "pg_publication"), (EventTrigger, "pg_event_trigger"),
)  # fmt: skip


def class_oid(record: Any) -> int:  # noqa: ANN401 - any record
    """The oid of the system table that a record is a row of, 0 where that is not known."""
    name = record.catalog if isinstance(record, Other) else ""
    for class_, table in _CLASSES:
        if isinstance(record, class_):
            name = table
    found = system_relation("pg_catalog", name) if name else None
    return 0 if found is None else found.oid


def _comments(context: Context) -> Iterator[tuple[int, int]]:
    yield from list(context.catalog.comments)


def _comments_of(context: Context, value: Value) -> Iterator[tuple[int, int]]:
    oid = number(value) or 0
    record = context.catalog.objects.get(oid)
    numbers = [0, *(column.number for column in getattr(record, "columns", ()) if hasattr(column, "number"))]
    return ((oid, sub) for sub in numbers if (oid, sub) in context.catalog.comments)


_PLPGSQL = Extension(13599, "plpgsql", PG_CATALOG_SCHEMA)
"""The extension that every database has; the replay does not keep it."""


def _extensions(context: Context) -> Iterator[Extension]:
    yield _PLPGSQL
    yield from context.catalog.all(Extension)


def _extension_named(context: Context, value: Value) -> Iterator[Extension]:
    if value == _PLPGSQL.name:
        yield _PLPGSQL
    oid = context.catalog.extensions.get(str(value))
    if oid is not None:
        yield context.catalog.get(oid, Extension)


_VERSION = Unknown("which version of an extension there is, is known only on the server")


def _settings(_context: Context) -> Iterable[Any]:
    raise Unanswerable("the settings of the server are known only there")


def _setting_named(_context: Context, value: Value) -> Iterable[str]:
    return (str(value),)


def _setting(context: Context, name: str) -> Value:
    return current_setting(context, name, missing_ok=True)


def _publication_tables(context: Context) -> Iterator[tuple[Publication, Relation]]:
    """Publication and table, as `pg_publication_tables` lists them: partitions in the place of their parents."""
    for publication in context.catalog.all(Publication):
        for table in context.catalog.tables():
            wanted = (
                (publication.all_tables and table.persistence == "p")
                or table.oid in publication.tables
                or table.schema in publication.schemas
                or any(parent in publication.tables for parent in table.parents if table.is_partition)
            )
            if wanted and table.kind == "r":
                yield publication, table


def _publication_rows(context: Context) -> Iterator[tuple[Publication, int]]:
    for publication in context.catalog.all(Publication):
        yield from ((publication, oid) for oid in publication.tables)


def _dependencies(context: Context) -> Iterator[tuple[int, Dependent]]:
    for on, edges in context.catalog.dependents.items():
        yield from ((on, edge) for edge in edges)


def _dependents_of(context: Context, value: Value) -> Iterable[tuple[int, Dependent]]:
    oid = number(value) or 0
    return [(oid, edge) for edge in context.catalog.dependents.get(oid, ())]


def _references_of(context: Context, value: Value) -> Iterable[tuple[int, Dependent]]:
    return list(context.catalog.references.get(number(value) or 0, ()))


def _class_of(context: Context, oid: int) -> int:
    return class_oid(context.catalog.objects.get(oid))


PG_CATALOG = {
    "pg_description": Provider(
        _comments,
        {
            "objoid": lambda _context, row: row[0],
            "classoid": lambda context, row: class_oid(context.catalog.objects.get(row[0])),
            "objsubid": lambda _context, row: row[1],
            "description": lambda context, row: context.catalog.comments[row].text,
        },
        {"objoid": _comments_of},
    ),
    "pg_extension": Provider(
        _extensions,
        {
            "oid": lambda _context, row: row.oid,
            "extname": lambda _context, row: row.name,
            "extowner": constant(SUPERUSER),
            "extnamespace": lambda _context, row: row.schema,
            "extrelocatable": constant(_VERSION),
            "extversion": constant(_VERSION),
        },
        {"extname": _extension_named},
    ),
    "pg_publication": Provider(
        lambda context: context.catalog.all(Publication),
        {
            "oid": lambda _context, row: row.oid,
            "pubname": lambda _context, row: row.name,
            "pubowner": lambda _context, row: row.owner,
            "puballtables": lambda _context, row: row.all_tables,
        },
        {},
    ),
    "pg_publication_tables": Provider(
        _publication_tables,
        {
            "pubname": lambda _context, row: row[0].name,
            "schemaname": lambda context, row: context.catalog.schema_name(row[1].schema),
            "tablename": lambda _context, row: row[1].name,
        },
        {},
    ),
    "pg_publication_rel": Provider(
        _publication_rows,
        {
            "prpubid": lambda _context, row: row[0].oid,
            "prrelid": lambda _context, row: row[1],
        },
        {},
    ),
    "pg_event_trigger": Provider(
        lambda context: context.catalog.all(EventTrigger),
        {
            "oid": lambda _context, row: row.oid,
            "evtname": lambda _context, row: row.name,
            "evtevent": lambda _context, row: row.event,
            "evtowner": lambda _context, row: row.owner,
            "evtfoid": lambda _context, row: row.function,
            "evtenabled": lambda _context, row: row.enabled,
        },
        {},
    ),
    "pg_default_acl": Provider(
        lambda context: list(context.catalog.default_acls.values()),
        {
            "defaclrole": lambda _context, row: row.role,
            "defaclnamespace": lambda _context, row: row.schema,
            "defaclobjtype": lambda _context, row: row.objtype,
            "defaclacl": lambda context, row: acl_value(context, row.acl),
        },
        {},
    ),
    "pg_database": Provider(
        lambda context: (context.catalog.facts["database"],),
        {
            "oid": constant(5),
            "datname": lambda _context, name: name,
            "datdba": lambda context, _name: context.catalog.facts["database_owner"],
            "encoding": constant(6),
            "datistemplate": constant(False),
            "datallowconn": constant(True),
        },
        {},
    ),
    "pg_settings": Provider(
        _settings,
        {"name": lambda _context, name: name, "setting": _setting},
        {"name": _setting_named},
    ),
    "pg_depend": Provider(
        _dependencies,
        {
            "classid": lambda context, row: _class_of(context, row[1].oid),
            "objid": lambda _context, row: row[1].oid,
            "objsubid": lambda _context, row: max(row[1].sub, 0),
            "refclassid": lambda context, row: _class_of(context, row[0]),
            "refobjid": lambda _context, row: row[0],
            "refobjsubid": lambda _context, row: max(row[1].on_sub, 0),
            "deptype": lambda _context, row: row[1].kind,
        },
        {"refobjid": _dependents_of, "objid": _references_of},
    ),
}
