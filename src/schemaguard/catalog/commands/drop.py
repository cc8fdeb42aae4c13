"""DROP of every kind of object (roles are in `roles`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import string, strings
from schemaguard.catalog.deletion import Target, delete_objects
from schemaguard.catalog.describe import describe_object
from schemaguard.catalog.errors import (
    DEPENDENT_OBJECTS,
    INSUFFICIENT_PRIVILEGE,
    UNDEFINED_OBJECT,
    UNDEFINED_SCHEMA,
    UNDEFINED_TABLE,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import FIRST_USER_OID, Index, Relation, Type
from schemaguard.catalog.state import PUBLIC_SCHEMA

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

RELATION_KINDS = {
    "OBJECT_TABLE": ("rp", "table", "a table"),
    "OBJECT_VIEW": ("v", "view", "a view"),
    "OBJECT_MATVIEW": ("m", "materialized view", "a materialized view"),
    "OBJECT_SEQUENCE": ("S", "sequence", "a sequence"),
    "OBJECT_INDEX": ("iI", "index", "an index"),
    "OBJECT_FOREIGN_TABLE": ("f", "foreign table", "a foreign table"),
}
ROUTINES = frozenset(("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_AGGREGATE", "OBJECT_ROUTINE"))
NAMED = {
    "OBJECT_SCHEMA": ("schemas", "schema"),
    "OBJECT_EXTENSION": ("extensions", "extension"),
    "OBJECT_PUBLICATION": ("publications", "publication"),
    "OBJECT_EVENT_TRIGGER": ("event_triggers", "event trigger"),
}
PARTS = {
    "OBJECT_POLICY": ("policies_of", "policy"),
    "OBJECT_TRIGGER": ("triggers_of", "trigger"),
    "OBJECT_RULE": ("rules_of", "rule"),
}
OTHERS = {
    "OBJECT_COLLATION": "pg_collation",
    "OBJECT_CONVERSION": "pg_conversion",
    "OBJECT_OPERATOR": "pg_operator",
    "OBJECT_OPCLASS": "pg_opclass",
    "OBJECT_OPFAMILY": "pg_opfamily",
    "OBJECT_CAST": "pg_cast",
    "OBJECT_TRANSFORM": "pg_transform",
    "OBJECT_LANGUAGE": "pg_language",
    "OBJECT_FDW": "pg_foreign_data_wrapper",
    "OBJECT_FOREIGN_SERVER": "pg_foreign_server",
    "OBJECT_STATISTIC_EXT": "pg_statistic_ext",
    "OBJECT_TSCONFIGURATION": "pg_ts_config",
    "OBJECT_TSDICTIONARY": "pg_ts_dict",
    "OBJECT_TSPARSER": "pg_ts_parser",
    "OBJECT_TSTEMPLATE": "pg_ts_template",
    "OBJECT_ACCESS_METHOD": "pg_am",
}


def drop(run: Run, node: Node) -> None:
    """DROP TABLE, VIEW, INDEX, FUNCTION, TYPE, SCHEMA, POLICY, TRIGGER … [IF EXISTS] … [CASCADE]."""
    kind = node["removeType"]
    missing_ok = bool(node.get("missing_ok"))
    targets: list[Target] = []
    for item in node["objects"]:
        target = find_object(run, kind, item, missing_ok=missing_ok)
        if target is not None:
            _refuse_builtin(run, target[0])
            require_ownership(run, target[0], or_schema=True)
            targets.append(target)
    if targets:
        delete_objects(run, targets, cascade=node.get("behavior") == "DROP_CASCADE")


def find_object(run: Run, kind: str, item: Node, *, missing_ok: bool = False) -> Target | None:
    """The object that an address (`objects` of DROP, `object` of COMMENT and ALTER) names; None where missing is fine.

    Raises:
        Refused: there is none, or it is of another kind.
    """
    if kind in RELATION_KINDS:
        return _relation(run, kind, strings(item["List"]["items"]), missing_ok=missing_ok)
    if kind in ROUTINES:
        return _routine(run, kind, item, missing_ok=missing_ok)
    if kind in NAMED:
        return _named(run, kind, string(item), missing_ok=missing_ok)
    if kind in PARTS:
        return _part(run, kind, strings(item["List"]["items"]), missing_ok=missing_ok)
    if kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        return _type(run, kind, item, missing_ok=missing_ok)
    return _other(run, kind, item, missing_ok=missing_ok)


def _refuse_builtin(run: Run, oid: int) -> None:
    """What initdb made stays, but for the schema `public`."""
    if oid < FIRST_USER_OID and oid != PUBLIC_SCHEMA:
        what = describe_object(run.catalog, oid)
        raise Refused(DEPENDENT_OBJECTS, f"cannot drop {what} because it is required by the database system")


def range_var(names: list[str]) -> Node:
    """A RangeVar for a name in parts."""
    return {"relname": names[-1], **({"schemaname": names[-2]} if len(names) > 1 else {})}


def _missing_schema(run: Run, names: list[str], *, missing_ok: bool) -> bool:
    """Whether the schema of a qualified name is not there; refused unless a missing object is fine."""
    if len(names) < 2 or names[-2] in run.catalog.schemas:
        return False
    if not missing_ok:
        raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist')
    return True


def _relation(run: Run, kind: str, names: list[str], *, missing_ok: bool) -> Target | None:
    kinds, word, article = RELATION_KINDS[kind]
    if _missing_schema(run, names, missing_ok=missing_ok):
        return None
    relation = run.session.find_relation(range_var(names))
    if relation is None:
        if missing_ok:
            return None
        if kind == "OBJECT_TABLE" and _is_system_relation(names):
            raise Refused(INSUFFICIENT_PRIVILEGE, f'permission denied: "{names[-1]}" is a system catalog')
        code = UNDEFINED_OBJECT if kind in ("OBJECT_INDEX", "OBJECT_FOREIGN_TABLE") else UNDEFINED_TABLE
        raise Refused(code, f'{word} "{names[-1]}" does not exist')
    if relation.kind not in kinds:
        raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is not {article}')
    return relation.oid, 0


def _routine(run: Run, kind: str, item: Node, *, missing_ok: bool) -> Target | None:
    from schemaguard.catalog.routines import find_routine

    routine = find_routine(run.session, kind, item["ObjectWithArgs"], missing_ok=missing_ok)
    return None if routine is None else (routine.oid, 0)


def _named(run: Run, kind: str, name: str, *, missing_ok: bool) -> Target | None:
    mapping_name, word = NAMED[kind]
    oid = getattr(run.catalog, mapping_name).get(name)
    if oid is None:
        if missing_ok:
            return None
        code = UNDEFINED_SCHEMA if kind == "OBJECT_SCHEMA" else UNDEFINED_OBJECT
        raise Refused(code, f'{word} "{name}" does not exist')
    return oid, 0


def _part(run: Run, kind: str, names: list[str], *, missing_ok: bool) -> Target | None:
    mapping_name, word = PARTS[kind]
    *table_names, name = names
    if _missing_schema(run, table_names, missing_ok=missing_ok):
        return None
    table = run.session.find_relation(range_var(table_names))
    if table is None:
        if missing_ok:
            return None
        raise Refused(UNDEFINED_TABLE, f'relation "{".".join(table_names)}" does not exist')
    oid = getattr(run.catalog, mapping_name).get(table.oid, {}).get(name)
    if oid is None:
        if missing_ok:
            return None
        preposition = "for relation" if kind == "OBJECT_RULE" else "for table"
        raise Refused(UNDEFINED_OBJECT, f'{word} "{name}" {preposition} "{table.name}" does not exist')
    return oid, 0


def _type(run: Run, kind: str, item: Node, *, missing_ok: bool) -> Target | None:
    names = strings(item["TypeName"]["names"])
    if _missing_schema(run, names, missing_ok=missing_ok):
        return None
    oid = next(run.session.names_in_path(run.catalog.types, names), None)
    if oid is None:
        if missing_ok:
            return None
        from schemaguard.catalog.analysis.types import format_type, resolve_type

        shown = format_type(
            run.catalog, resolve_type(run.session, item["TypeName"])
        )  # one of the server's own
        message = f"cannot drop type {shown} because it is required by the database system"
        raise Refused(DEPENDENT_OBJECTS, message)
    record = run.catalog.get(oid, Type)
    if kind == "OBJECT_DOMAIN" and record.kind != "d":
        raise Refused(WRONG_OBJECT_TYPE, f'"{record.name}" is not a domain')
    return oid, 0


def _is_system_relation(names: list[str]) -> bool:
    from schemaguard.catalog.builtin.relations import system_relation

    return (names[-2] if len(names) > 1 else "pg_catalog") == "pg_catalog" and (
        system_relation("pg_catalog", names[-1]) is not None
    )


def _other(run: Run, kind: str, item: Node, *, missing_ok: bool) -> Target | None:
    from schemaguard.catalog.other_objects import find_other, missing

    try:
        oid = find_other(run, OTHERS.get(kind, kind), item)
    except Refused as refused:
        # With IF EXISTS the types that it is named by, and its schema, may be missing as well.
        if not missing_ok or refused.sqlstate not in (UNDEFINED_OBJECT, UNDEFINED_SCHEMA):
            raise
        return None
    if oid is None:
        if missing_ok:
            return None
        raise missing(run, OTHERS.get(kind, kind), item)
    return oid, 0


def require_ownership(run: Run, oid: int, *, or_schema: bool = False) -> None:
    """Refuse unless the role in force owns the object, or (for a part) the table it belongs to.

    `or_schema`: the owner of its schema will do, as for DROP.
    """
    record: Any = run.catalog.objects[oid]
    owner_record: Any = record
    if getattr(record, "table", 0):
        owner_record = run.catalog.objects[record.table]
    owner = getattr(owner_record, "owner", None)
    if owner is None or run.session.owns(owner):
        return
    schema = getattr(owner_record, "schema", 0)
    if (
        or_schema
        and schema
        and (owner_record is record or isinstance(record, Index))
        and run.session.owns(run.catalog.objects[schema].owner)
    ):
        return
    raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of {_kind_word(record)} {owner_record.name}")


def _kind_word(record: Any) -> str:  # noqa: ANN401 - any record
    from schemaguard.catalog.describe import RELATION_WORDS

    if isinstance(record, Relation):
        return RELATION_WORDS[record.kind]
    if getattr(record, "table", 0):
        return "relation"
    return type(record).__name__.lower()


HANDLERS = {"DropStmt": drop}
