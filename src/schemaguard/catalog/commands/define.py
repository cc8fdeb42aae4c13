"""CREATE AGGREGATE, OPERATOR, TYPE (base and shell), COLLATION and TEXT SEARCH …: the one statement kind DefineStmt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.aggregates import create_aggregate
from schemaguard.catalog.commands.nodes import only, option_value, strings
from schemaguard.catalog.commands.operators import create_operator
from schemaguard.catalog.commands.types import type_acl
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    INSUFFICIENT_PRIVILEGE,
    INVALID_OBJECT_DEFINITION,
    SYNTAX_ERROR,
    UNDEFINED_OBJECT,
    Refused,
)
from schemaguard.catalog.model import Type, TypeRef
from schemaguard.catalog.other_objects import WORDS, add_other, find_collation, find_in_path
from schemaguard.catalog.routines import known_function, signature_text
from schemaguard.catalog.type_records import add_type, target_of

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

CSTRING, OID, INTEGER = TypeRef(2275), TypeRef(26), TypeRef(23)


def define(run: Run, node: Node) -> None:
    """CREATE of whatever kind `node` says."""
    match node["kind"]:
        case "OBJECT_AGGREGATE":
            create_aggregate(run, node)
        case "OBJECT_OPERATOR":
            create_operator(run, node)
        case "OBJECT_TYPE":
            _create_base_type(run, node)
        case "OBJECT_COLLATION":
            _create_collation(run, node)
        case kind:
            _create_text_search(run, node, TEXT_SEARCH[kind])


def definition(node: Node) -> dict[str, Node | None]:
    """The attributes of the definition list by name in lower case."""
    return {
        element["DefElem"]["defname"].lower(): element["DefElem"].get("arg")
        for element in node.get("definition") or ()
    }


# Base types


def _create_base_type(run: Run, node: Node) -> None:
    """CREATE TYPE name: a shell; with a definition: a base type, whose shell must be there."""
    catalog = run.catalog
    schema, name = target_of(run, strings(node["defnames"]))
    if not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to create a base type")
    known = catalog.types.get((schema.oid, name))
    record = None if known is None else catalog.get(known, Type)
    if "definition" not in node:
        if record is not None:
            raise Refused(DUPLICATE_OBJECT, f'type "{name}" already exists')
        shell = Type(
            oid=catalog.new_oid(),
            schema=schema.oid,
            name=name,
            kind="p",
            owner=run.session.role,
            because=run.origin(),
        )
        add_type(catalog, shell)
        return
    if record is None:
        raise Refused(
            DUPLICATE_OBJECT,
            f'type "{name}" does not exist',
            hint="Create the type as a shell type, then create its I/O functions, then do a full CREATE TYPE.",
        )
    if record.kind != "p":
        raise Refused(DUPLICATE_OBJECT, f'type "{name}" already exists')
    functions = _io_functions(run, definition(node), record)
    base = msgspec.structs.replace(record, kind="b", acl=type_acl(run, schema.oid), because=run.origin())
    catalog.store(base)
    for function in functions:
        catalog.depend(base.oid, function)


def _io_functions(run: Run, given: dict[str, Node | None], shell: Type) -> list[int]:
    """The oids of a base type's input, output, receive and send functions."""
    for wanted in ("input", "output"):
        if given.get(wanted) is None:
            message = f"type {wanted} function must be specified"
            raise Refused(INVALID_OBJECT_DEFINITION, message)
    own = TypeRef(shell.oid)
    shapes = {
        "input": ((CSTRING,), (CSTRING, OID, INTEGER)),
        "output": ((own,),),
        "send": ((own,),),
        "receive": ((TypeRef(2281),), (TypeRef(2281), OID, INTEGER)),
        "typmod_in": ((TypeRef(2275, -1, array=True),),),
        "typmod_out": ((INTEGER,),),
    }
    found: list[int] = []
    for name, candidates in shapes.items():
        argument = given.get(name)
        if argument is None:
            continue
        names = function_names(argument)
        functions = [
            known_function(run.session, names, tuple((t.oid, t.array) for t in types)) for types in candidates
        ]
        function = next((one for one in functions if one is not None), None)
        if function is None:
            text = signature_text(run.catalog, ".".join(names), candidates[0])
            raise Refused("42883", f"function {text} does not exist")
        found.append(function.oid)
    return found


def function_names(argument: Node) -> list[str]:
    """The parts of a function's name in a definition list, where it is read as a type's, a list or a string."""
    tag, fields = only(argument)
    match tag:
        case "TypeName":
            return strings(fields["names"])
        case "List":
            return strings(fields["items"])
        case "String":
            return [fields.get("sval", "")]
    raise Refused(SYNTAX_ERROR, f"{tag} is not a function's name")


# Collations


_COLLATION_ATTRIBUTES = frozenset(
    ("from", "locale", "lc_collate", "lc_ctype", "provider", "deterministic", "rules", "version")
)


def _create_collation(run: Run, node: Node) -> None:
    schema, name = target_of(run, strings(node["defnames"]))
    given = definition(node)
    for attribute in given:
        if attribute not in _COLLATION_ATTRIBUTES:
            raise Refused(SYNTAX_ERROR, f'collation attribute "{attribute}" not recognized')
    if (source := given.get("from")) is not None:
        if len(given) > 1:
            raise Refused(SYNTAX_ERROR, "conflicting or redundant options")
        find_collation(run.session, function_names(source))
    else:
        _check_provider(given)
    if ("pg_collation", schema.oid, name) in run.catalog.others:
        if node.get("if_not_exists"):
            return
        raise Refused(DUPLICATE_OBJECT, f'collation "{name}" already exists')
    deterministic = option_value(given.get("deterministic"))
    detail = "nondeterministic" if str(deterministic).lower() in ("false", "off", "0", "no") else ""
    add_other(run, "pg_collation", schema.oid, name, detail=detail)


def _check_provider(given: dict[str, Node | None]) -> None:
    provider = str(option_value(given.get("provider")) or "libc").lower()
    if provider not in ("libc", "icu", "builtin"):
        raise Refused(INVALID_OBJECT_DEFINITION, f"unrecognized collation provider: {provider}")
    if "locale" in given and ("lc_collate" in given or "lc_ctype" in given):
        raise Refused(SYNTAX_ERROR, "conflicting or redundant options")
    if "locale" in given:
        return
    if provider != "libc":
        raise Refused(INVALID_OBJECT_DEFINITION, 'parameter "locale" must be specified')
    for wanted in ("lc_collate", "lc_ctype"):
        if wanted not in given:
            raise Refused(INVALID_OBJECT_DEFINITION, f'parameter "{wanted}" must be specified')


# Text search


TEXT_SEARCH = {
    "OBJECT_TSCONFIGURATION": "pg_ts_config",
    "OBJECT_TSDICTIONARY": "pg_ts_dict",
    "OBJECT_TSPARSER": "pg_ts_parser",
    "OBJECT_TSTEMPLATE": "pg_ts_template",
}
_SUPERUSERS_ONLY = frozenset(("pg_ts_parser", "pg_ts_template"))
_BUILTIN_TEMPLATES = frozenset(("simple", "synonym", "ispell", "thesaurus", "snowball"))
_LANGUAGES = (
    "arabic armenian basque catalan danish dutch english estonian finnish french german greek hindi hungarian "
    "indonesian irish italian lithuanian nepali norwegian portuguese romanian russian serbian simple spanish swedish "
    "tamil turkish yiddish"
)
BUILTIN_CONFIGURATIONS = frozenset(_LANGUAGES.split())
"""The text search configurations that the server has."""


def _create_text_search(run: Run, node: Node, catalog_name: str) -> None:
    word = WORDS[catalog_name]
    if catalog_name in _SUPERUSERS_ONLY and not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be superuser to create {word}s")
    schema, name = target_of(run, strings(node["defnames"]))
    given = definition(node)
    if catalog_name == "pg_ts_config":
        depends = _configuration_source(run, given)
    elif catalog_name == "pg_ts_dict":
        depends = _dictionary_template(run, given)
    else:
        depends = 0
    if (catalog_name, schema.oid, name) in run.catalog.others:
        index = {
            "pg_ts_config": "pg_ts_config_cfgname_index",
            "pg_ts_dict": "pg_ts_dict_dictname_index",
            "pg_ts_parser": "pg_ts_parser_prsname_index",
            "pg_ts_template": "pg_ts_template_tmplname_index",
        }[catalog_name]
        raise Refused("23505", f'duplicate key value violates unique constraint "{index}"')
    record = add_other(run, catalog_name, schema.oid, name)
    if depends:
        run.catalog.depend(record.oid, depends)


def _configuration_source(run: Run, given: dict[str, Node | None]) -> int:
    """The parser that a configuration uses, if it is not a built-in one."""
    for attribute in given:
        if attribute not in ("parser", "copy"):
            message = f'text search configuration parameter "{attribute}" not recognized'
            raise Refused(SYNTAX_ERROR, message)
    parser, copied = given.get("parser"), given.get("copy")
    if parser is not None and copied is not None:
        raise Refused(SYNTAX_ERROR, "cannot specify both PARSER and COPY options")
    if copied is not None:
        names = function_names(copied)
        known = find_in_path(run, "pg_ts_config", names)
        if known is None and names[-1] not in BUILTIN_CONFIGURATIONS:
            message = f'text search configuration "{".".join(names)}" does not exist'
            raise Refused(UNDEFINED_OBJECT, message)
        return 0
    if parser is None:
        raise Refused(INVALID_OBJECT_DEFINITION, "text search parser is required")
    return _known_or_builtin(run, "pg_ts_parser", function_names(parser), frozenset(("default",)))


def _dictionary_template(run: Run, given: dict[str, Node | None]) -> int:
    template = given.get("template")
    if template is None:
        raise Refused(INVALID_OBJECT_DEFINITION, "text search template is required")
    return _known_or_builtin(run, "pg_ts_template", function_names(template), _BUILTIN_TEMPLATES)


def _known_or_builtin(run: Run, catalog_name: str, names: list[str], builtin: frozenset[str]) -> int:
    known = find_in_path(run, catalog_name, names)
    if known is not None:
        return known.oid
    if names[-1] in builtin or (catalog_name == "pg_ts_template" and names[-1] in run.catalog.extensions):
        return 0
    raise Refused(UNDEFINED_OBJECT, f'{WORDS[catalog_name]} "{".".join(names)}" does not exist')


HANDLERS = {"DefineStmt": define}
