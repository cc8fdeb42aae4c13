"""Foreign-data wrappers, servers and user mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    INSUFFICIENT_PRIVILEGE,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Opaque,
    Refused,
)
from schemaguard.catalog.events import PasswordSet
from schemaguard.catalog.model import Extension, Other, TypeRef
from schemaguard.catalog.other_objects import add_other, find_named
from schemaguard.catalog.routines import require_function
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

WRAPPER, SERVER, MAPPING = "pg_foreign_data_wrapper", "pg_foreign_server", "pg_user_mapping"
FDW_HANDLER, OID, TEXT = 3115, 26, 25

EXTENSION_WRAPPERS = {
    "postgres_fdw": "postgres_fdw",
    "file_fdw": "file_fdw",
    "dblink_fdw": "dblink",
    "mysql_fdw": "mysql_fdw",
    "tds_fdw": "tds_fdw",
    "oracle_fdw": "oracle_fdw",
    "mongo_fdw": "mongo_fdw",
    "redis_fdw": "redis_fdw",
    "sqlite_fdw": "sqlite_fdw",
    "ogr_fdw": "ogr_fdw",
    "multicorn": "multicorn",
    "clickhouse_fdw": "clickhouse_fdw",
    "timescaledb_fdw": "timescaledb",
    "cstore_fdw": "cstore_fdw",
    "jdbc_fdw": "jdbc_fdw",
    "hdfs_fdw": "hdfs_fdw",
    "parquet_fdw": "parquet_fdw",
}
"""Wrappers that an extension brings, and that extension."""


def create_wrapper(run: Run, node: Node) -> None:
    """CREATE FOREIGN DATA WRAPPER."""
    name = node["fdwname"]
    if not run.session.is_superuser:
        raise Refused(
            INSUFFICIENT_PRIVILEGE,
            f'permission denied to create foreign-data wrapper "{name}"',
            hint="Must be superuser to create a foreign-data wrapper.",
        )
    if find_named(run, WRAPPER, name) is not None:
        raise Refused(DUPLICATE_OBJECT, f'foreign-data wrapper "{name}" already exists')
    functions = _wrapper_functions(run, node)
    wrapper = add_other(run, WRAPPER, 0, name)
    for function in functions:
        run.catalog.depend(wrapper.oid, function)


def _wrapper_functions(run: Run, node: Node) -> list[int]:
    """The oids of the HANDLER and VALIDATOR functions."""
    found: list[int] = []
    for element in node.get("func_options") or ():
        option = element["DefElem"]
        if "arg" not in option:  # NO HANDLER, NO VALIDATOR
            continue
        names = strings(option["arg"]["List"]["items"])
        if option["defname"] == "handler":
            function = require_function(run.session, names, ())
            if function.returns != TypeRef(FDW_HANDLER):
                message = f"function {'.'.join(names)} must return type fdw_handler"
                raise Refused(WRONG_OBJECT_TYPE, message)
        else:
            function = require_function(run.session, names, (TypeRef(TEXT, -1, array=True), TypeRef(OID)))
        found.append(function.oid)
    return found


def alter_wrapper(run: Run, node: Node) -> None:
    """ALTER FOREIGN DATA WRAPPER: its functions and options."""
    name = node["fdwname"]
    if not run.session.is_superuser:
        raise Refused(
            INSUFFICIENT_PRIVILEGE,
            f'permission denied to alter foreign-data wrapper "{name}"',
            hint="Must be superuser to alter a foreign-data wrapper.",
        )
    wrapper = require_wrapper(run, name)
    functions = _wrapper_functions(run, node)
    if "func_options" in node:
        run.catalog.forget_dependencies(wrapper.oid, kinds="n")
        for function in functions:
            run.catalog.depend(wrapper.oid, function)


def require_wrapper(run: Run, name: str) -> Other:
    """The foreign-data wrapper of that name, be it an extension's.

    Raises:
        Refused: there is none.
    """
    known = find_named(run, WRAPPER, name)
    if known is not None:
        return known
    extension = run.catalog.extensions.get(EXTENSION_WRAPPERS.get(name, name))
    if extension is None:
        raise Refused(UNDEFINED_OBJECT, f'foreign-data wrapper "{name}" does not exist')
    because = run.catalog.get(extension, Extension).because
    wrapper = add_other(run, WRAPPER, 0, name, owner=SUPERUSER, because=because)
    run.catalog.depend(wrapper.oid, extension, "i")
    return wrapper


def create_server(run: Run, node: Node) -> None:
    """CREATE SERVER."""
    from schemaguard.catalog.privileges.query import has_privilege

    name = node["servername"]
    if find_named(run, SERVER, name) is not None:
        if node.get("if_not_exists"):
            return
        raise Refused(DUPLICATE_OBJECT, f'server "{name}" already exists')
    wrapper = require_wrapper(run, node["fdwname"])
    if not has_privilege(run.catalog, run.session.role, "USAGE", wrapper.oid):
        message = f"permission denied for foreign-data wrapper {wrapper.name}"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    server = add_other(run, SERVER, 0, name, detail=wrapper.name)
    run.catalog.depend(server.oid, wrapper.oid)


def alter_server(run: Run, node: Node) -> None:
    """ALTER SERVER: version and options are not modelled."""
    server = require_server(run, node["servername"])
    if not run.session.owns(server.owner):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of foreign server {server.name}")


def require_server(run: Run, name: str) -> Other:
    """The foreign server of that name.

    Raises:
        Refused: there is none.
    """
    known = find_named(run, SERVER, name)
    if known is None:
        raise Refused(UNDEFINED_OBJECT, f'server "{name}" does not exist')
    return known


def require_usable_server(run: Run, name: str) -> Other:
    """The foreign server of that name, on which the role in force has USAGE.

    Raises:
        Refused: there is none, or it has not.
    """
    from schemaguard.catalog.privileges.query import has_privilege

    server = require_server(run, name)
    if not has_privilege(run.catalog, run.session.role, "USAGE", server.oid):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for foreign server {name}")
    return server


def create_mapping(run: Run, node: Node) -> None:
    """CREATE USER MAPPING."""
    user, name, server = _mapping(run, node, "create")
    if find_named(run, MAPPING, name) is not None:
        if node.get("if_not_exists"):
            return
        message = f'user mapping for "{user}" already exists for server "{server.name}"'
        raise Refused(DUPLICATE_OBJECT, message)
    mapping = add_other(run, MAPPING, 0, name, detail=user)
    run.catalog.depend(mapping.oid, server.oid)
    _report_password(run, node, user, server)


def alter_mapping(run: Run, node: Node) -> None:
    """ALTER USER MAPPING: only a password among its options matters here."""
    user, name, server = _mapping(run, node, "alter")
    if find_named(run, MAPPING, name) is None:
        message = f'user mapping for "{user}" does not exist for server "{server.name}"'
        raise Refused(UNDEFINED_OBJECT, message)
    _report_password(run, node, user, server)


def drop_mapping(run: Run, node: Node) -> None:
    """DROP USER MAPPING."""
    from schemaguard.catalog.deletion import delete_objects

    missing_ok = node.get("missing_ok")
    if missing_ok and find_named(run, SERVER, node["servername"]) is None:
        return
    user, name, server = _mapping(run, node, "drop")
    mapping = find_named(run, MAPPING, name)
    if mapping is None:
        if missing_ok:
            return
        message = f'user mapping for "{user}" does not exist for server "{server.name}"'
        raise Refused(UNDEFINED_OBJECT, message)
    delete_objects(run, [(mapping.oid, 0)], cascade=False)


def _mapping(run: Run, node: Node, verb: str) -> tuple[str, str, Other]:
    """The user's name, the name under which the mapping is kept, and the server; if the role in force may do it."""
    from schemaguard.catalog.privileges.query import has_privilege
    from schemaguard.catalog.privileges.rolespec import resolve_grantee

    role = resolve_grantee(run, node["user"])
    user = run.catalog.owner_name(role) if role else "public"
    server = require_server(run, node["servername"])
    own = role == run.session.role and has_privilege(run.catalog, role, "USAGE", server.oid)
    if not own and not run.session.owns(server.owner):
        word = "foreign server"
        reason = "permission denied for" if role == run.session.role else "must be owner of"
        raise Refused(
            INSUFFICIENT_PRIVILEGE, f"{reason} {word} {server.name}", detail=f"to {verb} its mapping"
        )
    return user, f"{user} on {server.name}", server


def _report_password(run: Run, node: Node, user: str, server: Other) -> None:
    for element in node.get("options") or ():
        option = element["DefElem"]
        if option["defname"] == "password" and option.get("arg") is not None:
            where = f'user mapping for "{user}" on server "{server.name}"'
            run.event(PasswordSet(because=run.origin(option), where=where))


def import_foreign_schema(run: Run, node: Node) -> None:
    """IMPORT FOREIGN SCHEMA: what it makes is known to the remote server only."""
    require_server(run, node["server_name"])
    run.session.schema(node["local_schema"])
    raise Opaque(
        f"IMPORT FOREIGN SCHEMA makes tables in {node['local_schema']} whose columns only the remote server knows",
        remedy="write the foreign tables out with CREATE FOREIGN TABLE",
    )


HANDLERS = {
    "CreateFdwStmt": create_wrapper,
    "AlterFdwStmt": alter_wrapper,
    "CreateForeignServerStmt": create_server,
    "AlterForeignServerStmt": alter_server,
    "CreateUserMappingStmt": create_mapping,
    "AlterUserMappingStmt": alter_mapping,
    "DropUserMappingStmt": drop_mapping,
    "ImportForeignSchemaStmt": import_foreign_schema,
}
