"""Objects that are known by name only: casts, access methods, conversions, transforms, operator classes, languages.

Beside them, what can't touch the model at all, each with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.extensions import create_extension
from schemaguard.catalog.commands.function_options import BUILTIN_LANGUAGES
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    INSUFFICIENT_PRIVILEGE,
    INVALID_OBJECT_DEFINITION,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import FIRST_USER_OID, Function, Other, Type, TypeRef
from schemaguard.catalog.other_objects import WORDS, add_other, cast_name, find_named, find_other, missing
from schemaguard.catalog.routines import find_routine, require_function
from schemaguard.catalog.type_records import binary_coercible, depend_on_type, target_of, usable_type

if TYPE_CHECKING:
    from schemaguard.catalog.commands.registry import Handler
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

__all__ = ["HANDLERS", "IRRELEVANT", "find_other"]  # DROP and COMMENT find these objects here

BTREE_LIKE = frozenset(("btree", "hash", "gist", "gin", "spgist", "brin"))
"""The access methods for indexes that the server has."""

INTEGER, CSTRING, INTERNAL, BOOLEAN = 23, 2275, 2281, 16
LANGUAGE_HANDLER, INDEX_AM_HANDLER, TABLE_AM_HANDLER = 2280, 325, 269


def create_cast(run: Run, node: Node) -> None:
    """CREATE CAST."""
    from schemaguard.catalog.analysis.types import format_type, resolve_type

    catalog, session = run.catalog, run.session
    source, target = (
        usable_type(run, resolve_type(session, node[part])) for part in ("sourcetype", "targettype")
    )
    texts = [format_type(catalog, TypeRef(ref.oid, -1, ref.array)) for ref in (source, target)]
    if not (_owns_type(run, source) or _owns_type(run, target)):
        message = f"must be owner of type {texts[0]} or type {texts[1]}"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    function = find_routine(session, "OBJECT_FUNCTION", node["func"]) if "func" in node else None
    if function is not None:
        _check_cast_function(run, function, source, target)
    elif not node.get("inout"):
        if not session.is_superuser:
            message = "must be superuser to create a cast WITHOUT FUNCTION"
            raise Refused(INSUFFICIENT_PRIVILEGE, message)
        for ref in (source, target):
            _refuse_own_shape(run, ref)
    name = cast_name(*texts)
    if find_named(run, "pg_cast", name) is not None or _has_builtin_cast(source, target):
        message = f"cast from type {texts[0]} to type {texts[1]} already exists"
        raise Refused(DUPLICATE_OBJECT, message)
    method = "f" if function is not None else "i" if node.get("inout") else "b"
    context = _CAST_CONTEXTS[node.get("context", "COERCION_EXPLICIT")]
    detail = f"{context} {method} {function.oid if function is not None else 0}"
    cast = add_other(run, "pg_cast", 0, name, detail=detail)
    for ref in (source, target):
        depend_on_type(catalog, cast.oid, ref)
    if function is not None:
        catalog.depend(cast.oid, function.oid)


_CAST_CONTEXTS = {"COERCION_IMPLICIT": "i", "COERCION_ASSIGNMENT": "a", "COERCION_EXPLICIT": "e"}


def _refuse_own_shape(run: Run, ref: TypeRef) -> None:
    """Values of composite, enum and array types hold the type's own oid: they are never of another type as they are."""
    record = run.catalog.objects.get(ref.oid)
    kind = {"c": "composite", "e": "enum"}.get(getattr(record, "kind", ""), "")
    if kind := "array" if ref.array else kind:
        raise Refused(INVALID_OBJECT_DEFINITION, f"{kind} data types are not binary-compatible")


def _owns_type(run: Run, ref: TypeRef) -> bool:
    record = run.catalog.objects.get(ref.oid)
    return run.session.owns(record.owner) if isinstance(record, Type) else run.session.is_superuser


def _check_cast_function(run: Run, function: Function, source: TypeRef, target: TypeRef) -> None:
    """Refuse a function of the wrong shape."""
    inputs = function.inputs
    if not 1 <= len(inputs) <= 3:
        message = "cast function must take one to three arguments"
    elif len(inputs) > 1 and inputs[1].type != TypeRef(INTEGER):
        message = "second argument of cast function must be type integer"
    elif len(inputs) > 2 and inputs[2].type != TypeRef(BOOLEAN):
        message = "third argument of cast function must be type boolean"
    elif not binary_coercible(run.catalog, source, inputs[0].type):
        message = "argument of cast function must match or be binary-coercible from source data type"
    elif function.returns is not None and not binary_coercible(run.catalog, function.returns, target):
        message = "return data type of cast function must match or be binary-coercible to target data type"
    elif function.kind != "f":
        message = "cast function must be a normal function"
    elif function.returns_set:
        message = "cast function must not return a set"
    else:
        return
    raise Refused(INVALID_OBJECT_DEFINITION, message)


def _has_builtin_cast(source: TypeRef, target: TypeRef) -> bool:
    from schemaguard.catalog.builtin.load import load

    if source.oid >= FIRST_USER_OID or target.oid >= FIRST_USER_OID or source.array or target.array:
        return False
    return any(row[0] == source.oid and row[1] == target.oid for row in load("casts"))


def create_access_method(run: Run, node: Node) -> None:
    """CREATE ACCESS METHOD."""
    name = node["amname"]
    if not run.session.is_superuser:
        raise Refused(
            INSUFFICIENT_PRIVILEGE,
            f'permission denied to create access method "{name}"',
            hint="Must be superuser to create an access method.",
        )
    if name in BTREE_LIKE or name == "heap" or find_named(run, "pg_am", name) is not None:
        raise Refused(DUPLICATE_OBJECT, f'access method "{name}" already exists')
    names = strings(node["handler_name"])
    wanted, text = (
        (INDEX_AM_HANDLER, "index_am_handler")
        if node["amtype"] == "i"
        else (TABLE_AM_HANDLER, "table_am_handler")
    )
    handler = require_function(run.session, names, (TypeRef(INTERNAL),))
    if handler.returns != TypeRef(wanted):
        message = f"function {'.'.join(names)} must return type {text}"
        raise Refused(WRONG_OBJECT_TYPE, message)
    method = add_other(run, "pg_am", 0, name, detail=node["amtype"])
    run.catalog.depend(method.oid, handler.oid)


def create_language(run: Run, node: Node) -> None:
    """CREATE LANGUAGE; without a handler it is CREATE EXTENSION."""
    name = node["plname"]
    if "plhandler" not in node:
        create_extension(run, {"extname": name, "if_not_exists": bool(node.get("replace"))})
        return
    if not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to create custom procedural language")
    names = strings(node["plhandler"])
    handler = require_function(run.session, names, ())
    if handler.returns != TypeRef(LANGUAGE_HANDLER):
        message = f"function {'.'.join(names)} must return type language_handler"
        raise Refused(WRONG_OBJECT_TYPE, message)
    functions = [handler.oid]
    if "plinline" in node:
        inline = require_function(run.session, strings(node["plinline"]), (TypeRef(INTERNAL),))
        functions.append(inline.oid)
    if "plvalidator" in node:
        functions.append(require_function(run.session, strings(node["plvalidator"]), (TypeRef(26),)).oid)
    if name in BUILTIN_LANGUAGES or find_named(run, "pg_language", name) is not None:
        if node.get("replace"):
            return
        raise Refused(DUPLICATE_OBJECT, f'language "{name}" already exists')
    trust = "trusted" if node.get("pltrusted") else "untrusted"
    language = add_other(run, "pg_language", 0, name, detail=trust)
    for function in functions:
        run.catalog.depend(language.oid, function)


def create_conversion(run: Run, node: Node) -> None:
    """CREATE CONVERSION."""
    schema, name = target_of(run, strings(node["conversion_name"]))
    types = (TypeRef(INTEGER), TypeRef(INTEGER), TypeRef(CSTRING), TypeRef(INTERNAL), TypeRef(INTEGER))
    function = require_function(run.session, strings(node["func_name"]), (*types, TypeRef(BOOLEAN)))
    if ("pg_conversion", schema.oid, name) in run.catalog.others:
        raise Refused(DUPLICATE_OBJECT, f'conversion "{name}" already exists')
    conversion = add_other(run, "pg_conversion", schema.oid, name)
    run.catalog.depend(conversion.oid, function.oid)


def create_transform(run: Run, node: Node) -> None:
    """CREATE TRANSFORM."""
    from schemaguard.catalog.analysis.types import format_type, resolve_type
    from schemaguard.catalog.commands.function_options import require_language

    type_ = resolve_type(run.session, node["type_name"])
    text = format_type(run.catalog, TypeRef(type_.oid, -1, type_.array))
    language = require_language(run, node["lang"])
    functions = [
        find_routine(run.session, "OBJECT_FUNCTION", node[part])
        for part in ("fromsql", "tosql")
        if part in node
    ]
    name = f"{text} LANGUAGE {language}"
    if find_named(run, "pg_transform", name) is not None:
        if node.get("replace"):
            return
        message = f'transform for type {text} language "{language}" already exists'
        raise Refused(DUPLICATE_OBJECT, message)
    transform = add_other(run, "pg_transform", 0, name)
    depend_on_type(run.catalog, transform.oid, type_)
    for function in functions:
        if function is not None:
            run.catalog.depend(transform.oid, function.oid)


def _require_access_method(run: Run, name: str) -> None:
    if name not in BTREE_LIKE and find_named(run, "pg_am", name) is None and not run.catalog.extensions:
        raise Refused(UNDEFINED_OBJECT, f'access method "{name}" does not exist')


def create_operator_family(run: Run, node: Node) -> None:
    """CREATE OPERATOR FAMILY."""
    _add_operator_group(run, "pg_opfamily", strings(node["opfamilyname"]), node["amname"], "operator family")


def create_operator_class(run: Run, node: Node) -> None:
    """CREATE OPERATOR CLASS; without FAMILY it makes a family of its own name, too."""
    from schemaguard.catalog.analysis.types import resolve_type

    names, method = strings(node["opclassname"]), node["amname"]
    type_ = resolve_type(run.session, node["datatype"])
    record = _add_operator_group(run, "pg_opclass", names, method, "operator class")
    depend_on_type(run.catalog, record.oid, type_)
    if (listed := strings(node.get("opfamilyname"))) != []:
        item: Node = {"List": {"items": [{"String": {"sval": method}}, *node["opfamilyname"]]}}
        known = find_other(run, "pg_opfamily", item)
        if known is not None:
            run.catalog.depend(record.oid, known, "a")
        elif not listed[-1].endswith("_ops"):
            raise missing(run, "pg_opfamily", item)
    else:
        family = f"{names[-1]} USING {method}"
        oid = run.catalog.others.get(("pg_opfamily", record.schema, family))
        if oid is None:
            oid = add_other(run, "pg_opfamily", record.schema, family).oid
        run.catalog.depend(record.oid, oid, "a")
    for element in node.get("items") or ():
        item = element["CreateOpClassItem"]
        if item["itemtype"] == 2 and "objargs" in item["name"]:
            function = find_routine(run.session, "OBJECT_FUNCTION", item["name"])
            if function is not None:
                run.catalog.depend(record.oid, function.oid)


def _add_operator_group(run: Run, catalog_name: str, names: list[str], method: str, word: str) -> Other:
    schema, name = target_of(run, names)
    _require_access_method(run, method)
    if not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be superuser to create an {word}")
    key = f"{name} USING {method}"
    if (catalog_name, schema.oid, key) in run.catalog.others:
        message = f'{word} "{name}" for access method "{method}" already exists'
        raise Refused(DUPLICATE_OBJECT, message)
    return add_other(run, catalog_name, schema.oid, key, detail=method)


def alter_operator_family(run: Run, node: Node) -> None:
    """ALTER OPERATOR FAMILY … ADD and DROP: which operators belong to it is not modelled."""
    item: Node = {"List": {"items": [{"String": {"sval": node["amname"]}}, *node["opfamilyname"]]}}
    if find_other(run, "pg_opfamily", item) is None and not _is_builtin_family(node):
        raise missing(run, "pg_opfamily", item)
    if not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to alter an operator family")


def _is_builtin_family(node: Node) -> bool:
    """Whether it names a family of the server's: they are called as its operator classes, or `…_ops`."""
    return strings(node["opfamilyname"])[-1].endswith("_ops")


def _altered(catalog_name: str, field: str, what: str, *, by_operands: bool = False) -> Handler:
    """A handler for what only changes details that are not modelled: the object must be there and be the role's."""

    def alter(run: Run, node: Node) -> None:
        item: Node = node[field] if isinstance(node[field], dict) else {"List": {"items": node[field]}}
        item = {"ObjectWithArgs": item} if by_operands else item
        oid = find_other(run, catalog_name, item)
        if oid is None:
            if node.get("missing_ok"):
                return
            raise missing(run, catalog_name, item)
        record = run.catalog.get(oid, Other)
        if not run.session.owns(record.owner):
            message = f"must be owner of {WORDS[catalog_name]} {record.name}"
            raise Refused(INSUFFICIENT_PRIVILEGE, message)

    alter.__doc__ = f"{what} is not modelled, only who may say it."
    return alter


HANDLERS = {
    "CreateCastStmt": create_cast,
    "CreateAmStmt": create_access_method,
    "CreatePLangStmt": create_language,
    "CreateConversionStmt": create_conversion,
    "CreateTransformStmt": create_transform,
    "CreateOpFamilyStmt": create_operator_family,
    "CreateOpClassStmt": create_operator_class,
    "AlterOpFamilyStmt": alter_operator_family,
    "AlterCollationStmt": _altered(
        "pg_collation", "collname", "ALTER COLLATION: which library version sorts"
    ),
    "AlterStatsStmt": _altered("pg_statistic_ext", "defnames", "ALTER STATISTICS: how much is gathered"),
    "AlterOperatorStmt": _altered(
        "pg_operator", "opername", "ALTER OPERATOR: how the planner estimates", by_operands=True
    ),
    "AlterTSConfigurationStmt": _altered(
        "pg_ts_config", "cfgname", "ALTER TEXT SEARCH CONFIGURATION: which dictionaries it uses"
    ),
    "AlterTSDictionaryStmt": _altered("pg_ts_dict", "dictname", "ALTER TEXT SEARCH DICTIONARY: its options"),
}

_STORAGE = "tablespaces say where data lies on disk, not what it is"

IRRELEVANT = {
    "SecLabelStmt": "security labels mean something only to the module that provides them",
    "CreateTableSpaceStmt": _STORAGE,
    "DropTableSpaceStmt": _STORAGE,
    "AlterTableSpaceOptionsStmt": _STORAGE,
    "CreatedbStmt": "another database is another schema",
    "DropdbStmt": "another database is another schema",
    "AlterDatabaseStmt": "connection limits and tablespace of a database are not part of its schema",
    "AlterDatabaseRefreshCollStmt": "it only notes which library version sorts",
}
