"""CREATE EXTENSION and ALTER EXTENSION."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.function_options import LOADABLE_LANGUAGES
from schemaguard.catalog.commands.nodes import option_value, strings
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    OBJECT_NOT_IN_STATE,
    SYNTAX_ERROR,
    UNDEFINED_OBJECT,
    UNDEFINED_SCHEMA,
    Refused,
)
from schemaguard.catalog.model import Extension, Other, Schema
from schemaguard.catalog.state import PG_CATALOG, SUPERUSER

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

REQUIRES = {
    "address_standardizer_data_us": ("address_standardizer",),
    "bool_plperl": ("plperl",),
    "bool_plperlu": ("plperlu",),
    "earthdistance": ("cube",),
    "h3_postgis": ("h3", "postgis"),
    "hstore_plperl": ("hstore", "plperl"),
    "hstore_plperlu": ("hstore", "plperlu"),
    "hstore_plpython3u": ("hstore", "plpython3u"),
    "index_advisor": ("hypopg",),
    "jsonb_plperl": ("plperl",),
    "jsonb_plperlu": ("plperlu",),
    "jsonb_plpython3u": ("plpython3u",),
    "ltree_plpython3u": ("ltree", "plpython3u"),
    "pgrouting": ("postgis",),
    "postgis_raster": ("postgis",),
    "postgis_sfcgal": ("postgis",),
    "postgis_tiger_geocoder": ("postgis", "fuzzystrmatch"),
    "postgis_topology": ("postgis",),
    "vchord": ("vector",),
    "vectorscale": ("vector",),
}
"""What an extension needs to be there first."""

FIXED_SCHEMAS = {
    "age": "ag_catalog",
    "pg_cron": "pg_catalog",
    "pg_graphql": "graphql",
    "pgmq": "pgmq",
    "pgsodium": "pgsodium",
    "plperl": "pg_catalog",
    "plperlu": "pg_catalog",
    "plpgsql": "pg_catalog",
    "plpython3u": "pg_catalog",
    "pltcl": "pg_catalog",
    "pltclu": "pg_catalog",
    "plv8": "pg_catalog",
    "postgis_tiger_geocoder": "tiger",
    "postgis_topology": "topology",
    "supabase_vault": "vault",
}
"""The schema that an extension insists on, and makes where it is missing."""

UNTRUSTED = frozenset(
    (
        "adminpack", "amcheck", "autoinc", "bloom", "dblink", "earthdistance", "file_fdw", "insert_username",
        "moddatetime", "old_snapshot", "pageinspect", "pg_buffercache", "pg_freespacemap", "pg_logicalinspect",
        "pg_prewarm", "pg_stat_statements", "pg_surgery", "pg_visibility", "pg_walinspect", "pgrowlocks",
        "pgstattuple", "plperlu", "plpython3u", "pltclu", "postgres_fdw", "refint", "sslinfo", "xml2",
    )
)  # fmt: skip
"""Contributed extensions that only a superuser can create; of others it is not known, and they are let through."""


def create_extension(run: Run, node: Node) -> None:
    """CREATE EXTENSION."""
    name = node["extname"]
    if name in run.catalog.extensions or name == "plpgsql":
        if node.get("if_not_exists"):
            return
        raise Refused(DUPLICATE_OBJECT, f'extension "{name}" already exists')
    schema_name, cascade = None, False
    seen: set[str] = set()
    for element in node.get("options") or ():
        option = element["DefElem"]
        if option["defname"] in seen:
            raise Refused(SYNTAX_ERROR, "conflicting or redundant options")
        seen.add(option["defname"])
        value = option_value(option.get("arg"))
        if option["defname"] == "schema":
            schema_name = str(value)
        elif option["defname"] == "cascade":
            cascade = bool(value)
    _create(run, name, schema_name, cascade=cascade)


def _create(run: Run, name: str, schema_name: str | None, *, cascade: bool) -> Extension:
    catalog = run.catalog
    schema = _schema(run, name, schema_name)
    required = [
        _require(run, name, needed, schema_name, cascade=cascade) for needed in REQUIRES.get(name, ())
    ]
    _require_right(run, name)
    extension = Extension(catalog.new_oid(), name, schema.oid, because=run.origin())
    catalog.put(catalog.extensions, name, extension.oid)
    catalog.store(extension)
    if schema.oid != PG_CATALOG:
        catalog.depend(extension.oid, schema.oid)
    for other in required:
        catalog.depend(extension.oid, other)
    if name in LOADABLE_LANGUAGES:
        _add_language(run, extension)
    return extension


def _schema(run: Run, name: str, schema_name: str | None) -> Schema:
    """Where the extension's objects go: its own schema, the named one, or the first of the search path."""
    catalog = run.catalog
    if schema_name is not None:
        found = catalog.schema_named(schema_name)
        if found is None:
            raise Refused(UNDEFINED_SCHEMA, f'schema "{schema_name}" does not exist')
    fixed = FIXED_SCHEMAS.get(name)
    if fixed is None:
        return run.session.creation_schema(schema_name)
    if schema_name not in (None, fixed):
        message = f'extension "{name}" must be installed in schema "{fixed}"'
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    known = catalog.schema_named(fixed)
    if known is not None:
        return known
    made = Schema(catalog.new_oid(), fixed, run.session.role, because=run.origin())
    catalog.put(catalog.schemas, fixed, made.oid)
    catalog.store(made)
    return made


def _require(run: Run, name: str, needed: str, schema_name: str | None, *, cascade: bool) -> int:
    """The oid of a required extension, which CASCADE creates."""
    oid = run.catalog.extensions.get(needed)
    if oid is not None:
        return oid
    if cascade:
        return _create(run, needed, schema_name, cascade=True).oid
    raise Refused(
        UNDEFINED_OBJECT,
        f'required extension "{needed}" is not installed',
        hint="Use CREATE EXTENSION ... CASCADE to install required extensions too.",
        detail=f'Extension "{name}" requires it.',
    )


def _require_right(run: Run, name: str) -> None:
    """A trusted extension needs CREATE on the database, any other a superuser."""
    from schemaguard.catalog.privileges.query import can_on_database

    session = run.session
    if session.is_superuser:
        return
    if name in UNTRUSTED:
        hint = "Must be superuser to create this extension."
    elif not can_on_database(run.catalog, session.role, "CREATE"):
        hint = "Must have CREATE privilege on current database to create this extension."
    else:
        return
    raise Refused(INSUFFICIENT_PRIVILEGE, f'permission denied to create extension "{name}"', hint=hint)


def _add_language(run: Run, extension: Extension) -> None:
    language = Other(
        run.catalog.new_oid(),
        "pg_language",
        0,
        extension.name,
        SUPERUSER,
        detail=LOADABLE_LANGUAGES[extension.name],
        because=run.origin(),
    )
    run.catalog.put(run.catalog.others, ("pg_language", 0, extension.name), language.oid)
    run.catalog.store(language)
    run.catalog.depend(language.oid, extension.oid, "i")


def alter_extension(run: Run, node: Node) -> None:
    """ALTER EXTENSION … UPDATE: what an extension's versions differ in is not modelled."""
    _require_extension(run, node["extname"])


def alter_contents(run: Run, node: Node) -> None:
    """ALTER EXTENSION … ADD or DROP an object."""
    from schemaguard.catalog.commands.drop import RELATION_KINDS, find_object
    from schemaguard.catalog.describe import describe_object

    catalog = run.catalog
    extension = _require_extension(run, node["extname"])
    if node["objtype"] in RELATION_KINDS:
        names = strings(node["object"]["List"]["items"])
        run.session.relation({"relname": names[-1], **({"schemaname": names[-2]} if len(names) > 1 else {})})
    target = find_object(run, node["objtype"], node["object"])
    if target is None:  # without IF EXISTS the look-up refuses instead
        return
    record = catalog.objects[target[0]]
    owner = getattr(record, "extension", 0)
    text = describe_object(catalog, record.oid)
    if node["action"] > 0:
        if owner:
            other = catalog.get(owner, Extension).name
            message = f'{text} is already a member of extension "{other}"'
            raise Refused(OBJECT_NOT_IN_STATE, message)
        catalog.depend(record.oid, extension.oid, "i")
    else:
        if owner != extension.oid:
            message = f'{text} is not a member of extension "{extension.name}"'
            raise Refused(OBJECT_NOT_IN_STATE, message)
        for on, edge in list(catalog.references.get(record.oid, ())):
            if on == extension.oid:
                catalog.remove(catalog.dependents.get(on, {}), edge)
                catalog.remove(catalog.references[record.oid], (on, edge))
    if hasattr(record, "extension"):
        member_of = extension.oid if node["action"] > 0 else 0
        catalog.store(msgspec.structs.replace(record, extension=member_of))


def _require_extension(run: Run, name: str) -> Extension:
    oid = run.catalog.extensions.get(name)
    if oid is None:
        if name == "plpgsql":
            return Extension(0, name, PG_CATALOG)
        raise Refused(UNDEFINED_OBJECT, f'extension "{name}" does not exist')
    return run.catalog.get(oid, Extension)


def depends_on_extension(run: Run, node: Node) -> None:
    """ALTER … DEPENDS ON EXTENSION: the object will go with the extension (NO DEPENDS takes that back)."""
    from schemaguard.catalog.commands.drop import find_object, require_ownership

    if "relation" in node and "object" not in node:
        relation = run.session.relation(node["relation"])
        oid = relation.oid
    elif node["objectType"] == "OBJECT_TRIGGER":
        relation = run.session.relation(node["relation"])
        name = node["object"]["List"]["items"][-1]["String"]["sval"]
        found = run.catalog.triggers_of.get(relation.oid, {}).get(name)
        if found is None:
            message = f'trigger "{name}" for table "{relation.name}" does not exist'
            raise Refused(UNDEFINED_OBJECT, message)
        oid = found
    else:
        target = find_object(run, node["objectType"], node["object"])
        if target is None:  # without IF EXISTS the look-up refuses instead
            return
        oid = target[0]
    require_ownership(run, oid)
    extension = _require_extension(run, node["extname"]["sval"])
    if not node.get("remove"):
        run.catalog.depend(oid, extension.oid, "a")
        return
    for on, edge in list(run.catalog.references.get(oid, ())):
        if on == extension.oid and edge.kind == "a":
            run.catalog.remove(run.catalog.dependents.get(on, {}), edge)
            run.catalog.remove(run.catalog.references[oid], (on, edge))


HANDLERS = {
    "CreateExtensionStmt": create_extension,
    "AlterExtensionStmt": alter_extension,
    "AlterExtensionContentsStmt": alter_contents,
    "AlterObjectDependsStmt": depends_on_extension,
}
