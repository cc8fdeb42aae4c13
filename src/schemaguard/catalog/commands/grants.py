"""GRANT and REVOKE of privileges on objects: the statement's names resolved, then `privileges.grant` (`aclchk.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.foreign import require_wrapper
from schemaguard.catalog.commands.function_options import BUILTIN_LANGUAGES, TRUSTED_LANGUAGES
from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_GRANT,
    SYNTAX_ERROR,
    UNDEFINED_FUNCTION,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Function, Other, Relation, Type
from schemaguard.catalog.privileges.acl import MAINTAIN_SINCE, rights
from schemaguard.catalog.privileges.built_in import (
    built_in_relation,
    built_in_type,
    extension_relation,
    perhaps_provided,
)
from schemaguard.catalog.privileges.grant import Grant, apply_to_object, apply_to_relation
from schemaguard.catalog.privileges.query import can_on_schema
from schemaguard.catalog.privileges.rolespec import resolve_grantee, resolve_role
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

UNDEFINED_DATABASE = "3D000"

OBJTYPES = {
    "OBJECT_TABLE": ("r", "relation"),
    "OBJECT_SEQUENCE": ("S", "sequence"),
    "OBJECT_DATABASE": ("d", "database"),
    "OBJECT_DOMAIN": ("T", "domain"),
    "OBJECT_FUNCTION": ("f", "function"),
    "OBJECT_LANGUAGE": ("l", "language"),
    "OBJECT_LARGEOBJECT": ("L", "large object"),
    "OBJECT_SCHEMA": ("n", "schema"),
    "OBJECT_PROCEDURE": ("f", "procedure"),
    "OBJECT_ROUTINE": ("f", "routine"),
    "OBJECT_TABLESPACE": ("t", "tablespace"),
    "OBJECT_TYPE": ("T", "type"),
    "OBJECT_FDW": ("F", "foreign-data wrapper"),
    "OBJECT_FOREIGN_SERVER": ("s", "foreign server"),
    "OBJECT_PARAMETER_ACL": ("p", "parameter"),
}
"""Type letter of what the statement is about, and the word for it in `invalid privilege type … for …`."""

RELATIONS = frozenset(("OBJECT_TABLE", "OBJECT_SEQUENCE"))
ROUTINES = frozenset(("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"))


def grant(run: Run, node: Node) -> None:
    """GRANT and REVOKE of privileges; opaque on columns of system tables and on system columns."""
    objtype = node["objtype"]
    if "grantor" in node and resolve_role(run, node["grantor"]) != run.session.role:
        raise Refused(FEATURE_NOT_SUPPORTED, "grantor must be current user")
    if node.get("targtype") == "ACL_TARGET_ALL_IN_SCHEMA":
        objects = list(_all_in_schemas(run, objtype, strings(node["objects"])))
    else:
        objects = [_find(run, objtype, item) for item in node["objects"]]
        if objtype == "OBJECT_DOMAIN" and run.catalog.version >= MAINTAIN_SINCE:
            for oid in objects:  # other kinds are looked at later, one by one
                _require_kind(objtype, run.catalog.objects[oid])
    statement = grant_of(run, node)
    for oid in objects:
        record = run.catalog.objects[oid]
        _require_kind(objtype, record)
        if objtype == "OBJECT_PARAMETER_ACL" and record.acl is None and not statement.is_grant:
            continue  # nobody was granted anything on it: the server has nothing to look at
        if isinstance(record, Relation):
            apply_to_relation(run, statement, oid, as_sequence=objtype == "OBJECT_SEQUENCE")
        else:
            apply_to_object(run, statement, oid)


HANDLERS = {"GrantStmt": grant}


def _require_kind(objtype: str, record: Any) -> None:  # noqa: ANN401 - any record with privileges
    """Refuse an object that has no privileges, or not those of the statement."""
    problem = ""
    match record:
        case Relation(kind="i" | "I"):
            problem = f'"{record.name}" is an index'
        case Relation(kind="c"):
            problem = f'"{record.name}" is a composite type'
        case Relation() if objtype == "OBJECT_SEQUENCE" and record.kind != "S":
            problem = f'"{record.name}" is not a sequence'
        case Type() if objtype == "OBJECT_DOMAIN" and record.kind != "d":
            problem = f'"{record.name}" is not a domain'
        case Other(catalog="pg_language") if record.detail != "trusted":
            problem = f'language "{record.name}" is not trusted'
    if problem:
        raise Refused(WRONG_OBJECT_TYPE, problem)


def grant_of(run: Run, node: Node) -> Grant:
    """Grantees and privileges of a GrantStmt.

    Raises:
        Refused: a privilege that there is not, or not for this type of object; an unknown role (only if strict).
    """
    grantees = tuple(resolve_grantee(run, item["RoleSpec"]) for item in node["grantees"])
    objtype, word = OBJTYPES[node["objtype"]]
    known: tuple[str, ...] = rights(run.catalog.version, objtype)
    if objtype == "r" and node.get("targtype") != "ACL_TARGET_DEFAULTS":
        known = (*known, *rights(run.catalog.version, "S"))
    privileges: list[str] = []
    columns: list[tuple[str | None, tuple[str, ...]]] = []
    for item in node.get("privileges", ()):
        access = item["AccessPriv"]
        if "cols" in access:
            if objtype != "r":
                raise Refused(INVALID_GRANT, "column privileges are only valid for relations")
            if node.get("targtype") == "ACL_TARGET_DEFAULTS":
                raise Refused(INVALID_GRANT, "default privileges cannot be set for columns")
            wanted = _privilege(run.catalog, access["priv_name"]) if "priv_name" in access else None
            columns.append((wanted, tuple(strings(access["cols"]))))
            continue
        privilege = _privilege(run.catalog, access["priv_name"])
        if privilege not in known:
            raise Refused(INVALID_GRANT, f"invalid privilege type {privilege} for {word}")
        if privilege not in privileges:
            privileges.append(privilege)
    return Grant(
        is_grant=bool(node.get("is_grant")),
        privileges=tuple(privileges) if node.get("privileges") else None,
        grantees=grantees,
        option=bool(node.get("grant_option")),
        cascade=node.get("behavior") == "DROP_CASCADE",
        columns=tuple(columns),
    )


def _privilege(catalog: Catalog, word: str) -> str:
    privilege = _PRIVILEGES.get(word)
    if privilege is None or (privilege == "MAINTAIN" and catalog.version < MAINTAIN_SINCE):
        raise Refused(SYNTAX_ERROR, f'unrecognized privilege type "{word}"')
    return privilege


_PRIVILEGES = {
    name.lower(): name
    for name in (
        "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN", "EXECUTE", "USAGE",
        "CREATE", "CONNECT", "TEMPORARY", "SET", "ALTER SYSTEM",
    )
}  # fmt: skip
_PRIVILEGES["temp"] = "TEMPORARY"


def _all_in_schemas(run: Run, objtype: str, schemas: list[str]) -> Iterator[int]:
    """Every object of a kind that is in the schemas now; later ones are not affected."""
    catalog = run.catalog
    for name in schemas:
        schema = run.session.schema(name)
        if not run.session.is_superuser and not can_on_schema(catalog, run.session.role, schema.oid, "USAGE"):
            raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for schema {name}")
        if objtype in ROUTINES:
            for (home, _name), oids in catalog.functions.items():
                if home == schema.oid:
                    yield from (oid for oid in oids if _is_routine(catalog.get(oid, Function), objtype))
            continue
        kinds = "S" if objtype == "OBJECT_SEQUENCE" else "rvmfp"
        for (home, _name), oid in catalog.relations.items():
            if home == schema.oid and catalog.objects[oid].kind in kinds:
                yield oid


def _is_routine(function: Function, objtype: str) -> bool:
    if objtype == "OBJECT_ROUTINE":
        return True
    return (function.kind == "p") == (objtype == "OBJECT_PROCEDURE")


def _find(run: Run, objtype: str, item: Node) -> int:
    """The oid of an object that the statement names."""
    tag, fields = only(item)
    if objtype in RELATIONS:
        return _find_relation(run, fields)
    if objtype in ROUTINES:
        return _find_routine(run, objtype, fields)
    match objtype:
        case "OBJECT_SCHEMA":
            return run.session.schema(fields.get("sval", "")).oid
        case "OBJECT_TYPE" | "OBJECT_DOMAIN":
            return _find_type(run, strings(fields["items"]))
        case "OBJECT_LARGEOBJECT":
            number = fields.get("ival", 0) if tag == "Integer" else fields.get("fval", 0)
            return _find_other(run, objtype, str(number))
    return _find_other(run, objtype, fields.get("sval", ""))


def _find_relation(run: Run, fields: Node) -> int:
    session = run.session
    relation = session.find_relation(fields)
    if relation is not None:
        return int(relation.oid)
    provided = built_in_relation(session, fields) or extension_relation(session, fields)
    if provided is not None:
        return provided
    perhaps_provided(session, f"the relation {fields['relname']}", fields.get("schemaname"))
    return int(session.relation(fields).oid)


def _find_routine(run: Run, objtype: str, fields: Node) -> int:
    from schemaguard.catalog.routines import find_routine

    try:
        function = find_routine(run.session, objtype, fields)
    except Refused as refused:
        if refused.sqlstate == UNDEFINED_FUNCTION:
            *schema, name = strings(fields["objname"])
            perhaps_provided(run.session, f"the routine {name}", schema[-1] if schema else None)
        raise
    if function is None:
        raise TypeError(fields)
    return function.oid


def _find_type(run: Run, names: list[str]) -> int:
    from schemaguard.catalog.analysis.types import find_type, format_type

    catalog = run.catalog
    found = find_type(run.session, names)
    if found.array:
        hint = "Set the privileges of the element type instead."
        raise Refused(INVALID_GRANT, "cannot set privileges of array types", hint=hint)
    record = catalog.objects.get(found.oid)
    if not isinstance(record, Type):
        return built_in_type(catalog, format_type(catalog, found))
    return record.oid


def _find_other(run: Run, objtype: str, name: str) -> int:
    """An object that the catalog knows by name only."""
    catalog = run.catalog
    if objtype == "OBJECT_FDW":
        return require_wrapper(run, name).oid
    kind, word, always_there = _OTHERS[objtype]
    oid = catalog.others.get((kind, 0, name))
    owner, detail = SUPERUSER, ""
    if objtype == "OBJECT_DATABASE":
        # What the database is called is known where the history runs; a name that it grants on may well be it.
        owner = catalog.facts["database_owner"]
        always_there = not catalog.facts.get("strict") or name == catalog.facts["database"]
    elif objtype in _BEYOND_THE_SCHEMA and not catalog.facts.get("strict"):
        always_there = True
    elif objtype == "OBJECT_LANGUAGE":
        always_there = name in BUILTIN_LANGUAGES
        detail = "trusted" if name in TRUSTED_LANGUAGES else ""
    if oid is not None:
        return oid
    if not always_there:
        shown = name if objtype == "OBJECT_LARGEOBJECT" else f'"{name}"'
        code = UNDEFINED_DATABASE if objtype == "OBJECT_DATABASE" else UNDEFINED_OBJECT
        raise Refused(code, f"{word} {shown} does not exist")
    other = Other(catalog.new_oid(), kind, 0, name, owner, detail=detail)
    catalog.put(catalog.others, (kind, 0, name), other.oid)
    catalog.store(other)
    return other.oid


_BEYOND_THE_SCHEMA = frozenset(("OBJECT_TABLESPACE", "OBJECT_LARGEOBJECT"))
"""What belongs to the server or to the data, so that no history says what there is."""

# The system catalog of each such kind, what messages call it, and whether any name will do.
_OTHERS = {
    "OBJECT_DATABASE": ("pg_database", "database", False),
    "OBJECT_LANGUAGE": ("pg_language", "language", False),
    "OBJECT_TABLESPACE": ("pg_tablespace", "tablespace", False),
    "OBJECT_FOREIGN_SERVER": ("pg_foreign_server", "server", False),
    "OBJECT_LARGEOBJECT": ("pg_largeobject_metadata", "large object", False),
    "OBJECT_PARAMETER_ACL": ("pg_parameter_acl", "parameter", True),
}
