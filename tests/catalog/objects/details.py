"""
What the catalog's JSON leaves out but the replay keeps: sequence bounds, defaults of parameters, trigger columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis.types import format_type
from schemaguard.catalog.model import (
    FIRST_USER_OID,
    Constraint,
    Function,
    Relation,
    Sequence,
    Trigger,
    Type,
    TypeRef,
)
from schemaguard.catalog.routines import identity_arguments, result_text
from schemaguard.catalog.state import PG_CATALOG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Other
    from schemaguard.catalog.state import Catalog
    from schemaguard.postgres.server import Connection

Details = dict[str, dict[str, Any]]

SEQUENCES = """
SELECT n.nspname || '.' || c.relname, format_type(seqtypid, NULL), seqstart, seqincrement, seqmin, seqmax, seqcycle,
       seqcache, c.relpersistence
FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_temp'"""

TRIGGERS = """
SELECT c.relname || '.' || tgname, pg_get_triggerdef(t.oid) ~ 'CONSTRAINT TRIGGER', tgdeferrable, tginitdeferred,
       coalesce(tgoldtable, ''), coalesce(tgnewtable, ''), tgnargs,
       ARRAY(SELECT attname FROM unnest(tgattr) WITH ORDINALITY u(n, o)
             JOIN pg_attribute ON attrelid = tgrelid AND attnum = n ORDER BY o)::text,
       coalesce((SELECT p.relname FROM pg_trigger o JOIN pg_class p ON p.oid = o.tgrelid
                 WHERE o.oid = t.tgparentid), '')
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal"""

FUNCTIONS = """
SELECT n.nspname || '.' || proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       pg_get_function_result(p.oid), pronargdefaults, proparallel, prosrc
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
WHERE p.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass
                                     AND d.deptype = 'e')"""

TYPES = """
SELECT n.nspname || '.' || typname, typtype, typnotnull, format_type(rngsubtype, -1),
       (SELECT count(*) FROM pg_constraint WHERE contypid = t.oid)
FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace LEFT JOIN pg_range r ON r.rngtypid = t.oid
WHERE t.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) AND n.nspname !~ '^pg_t'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.classid = 'pg_type'::regclass
                  AND d.deptype = 'e')"""

OTHERS = """
SELECT 'pg_cast: (' || format_type(castsource, -1) || ' AS ' || format_type(casttarget, -1) || ')'
  FROM pg_cast c WHERE c.oid >= 16384
UNION ALL SELECT 'pg_operator: ' || oprname || '(' || coalesce(format_type(nullif(oprleft, 0), -1), 'none') || ','
                 || format_type(oprright, -1) || ')' FROM pg_operator o WHERE o.oid >= 16384
UNION ALL SELECT 'pg_collation: ' || collname FROM pg_collation WHERE oid >= 16384
UNION ALL SELECT 'pg_conversion: ' || conname FROM pg_conversion WHERE oid >= 16384
UNION ALL SELECT 'pg_opclass: ' || opcname || ' USING ' || amname FROM pg_opclass o JOIN pg_am a ON a.oid = opcmethod
          WHERE o.oid >= 16384
UNION ALL SELECT 'pg_opfamily: ' || opfname || ' USING ' || amname FROM pg_opfamily o JOIN pg_am a ON a.oid = opfmethod
          WHERE o.oid >= 16384
UNION ALL SELECT 'pg_statistic_ext: ' || stxname FROM pg_statistic_ext
UNION ALL SELECT 'pg_ts_config: ' || cfgname FROM pg_ts_config WHERE oid >= 16384
UNION ALL SELECT 'pg_ts_dict: ' || dictname FROM pg_ts_dict WHERE oid >= 16384
UNION ALL SELECT 'pg_foreign_data_wrapper: ' || fdwname FROM pg_foreign_data_wrapper
UNION ALL SELECT 'pg_foreign_server: ' || srvname FROM pg_foreign_server
UNION ALL SELECT 'pg_user_mapping: ' || usename || ' on ' || srvname FROM pg_user_mappings
UNION ALL SELECT 'pg_am: ' || amname FROM pg_am WHERE oid >= 16384
UNION ALL SELECT 'pg_language: ' || lanname FROM pg_language WHERE oid >= 16384
UNION ALL SELECT 'pg_subscription: ' || subname FROM pg_subscription"""


def server_details(connection: Connection) -> Details:
    """The details of the database that `connection` is connected to."""

    def rows(query: str) -> dict[str, Any]:
        return {str(key): list(values) for key, *values in connection.execute(query.encode())}

    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path = public")
        return {
            "sequences": rows(SEQUENCES),
            "triggers": rows(TRIGGERS),
            "functions": rows(FUNCTIONS),
            "types": rows(TYPES),
            "others": rows(OTHERS),
        }


def model_details(catalog: Catalog) -> Details:
    """The same of a replayed catalog."""
    return {
        "sequences": dict(_sequences(catalog)),
        "triggers": {_trigger_name(catalog, one): _trigger(catalog, one) for one in catalog.all(Trigger)},
        "functions": dict(_functions(catalog)),
        "types": dict(_types(catalog)),
        "others": {f"{one.catalog}: {one.name}": [] for one in _others(catalog)},
    }


def _sequences(catalog: Catalog) -> Iterator[tuple[str, list[Any]]]:
    for one in catalog.all(Sequence):
        if one.persistence != "t":
            type_ = format_type(catalog, one.type)
            bounds = [one.start, one.increment, one.minimum, one.maximum]
            yield catalog.qualified(one), [type_, *bounds, one.cycle, one.cache, one.persistence]


def _trigger_name(catalog: Catalog, trigger: Trigger) -> str:
    return f"{catalog.get(trigger.table, Relation).name}.{trigger.name}"


def _trigger(catalog: Catalog, one: Trigger) -> list[Any]:
    relation = catalog.get(one.table, Relation)
    columns = [column.name for number in one.columns if (column := relation.column_at(number)) is not None]
    parent = catalog.get(catalog.get(one.parent, Trigger).table, Relation).name if one.parent else ""
    flags = [one.constraint, one.deferrable, one.initially_deferred, one.old_table, one.new_table]
    return [*flags, len(one.arguments), f"{{{','.join(columns)}}}", parent]


def _functions(catalog: Catalog) -> Iterator[tuple[str, list[Any]]]:
    for one in catalog.all(Function):
        if one.schema == PG_CATALOG or one.extension:
            continue
        name = f"{catalog.qualified(one)}({identity_arguments(catalog, one)})"
        defaults = sum(argument.default is not None for argument in one.arguments)
        yield name, [result_text(catalog, one), defaults, one.parallel, one.body]


def _types(catalog: Catalog) -> Iterator[tuple[str, list[Any]]]:
    for one in catalog.all(Type):
        if one.extension or catalog.schema_name(one.schema).startswith("pg_"):
            continue
        subtype = (
            None if one.kind != "r" or one.subtype is None else format_type(catalog, TypeRef(one.subtype.oid))
        )
        constraints = sum(constraint.domain == one.oid for constraint in catalog.all(Constraint))
        yield catalog.qualified(one), [one.kind, one.not_null, subtype, constraints]


def _others(catalog: Catalog) -> Iterator[Other]:
    from schemaguard.catalog.model import Other

    for one in catalog.all(Other):
        if one.oid >= FIRST_USER_OID and one.catalog not in ("pg_database", "pg_class", "pg_proc", "pg_type"):
            yield one
