"""The options of CREATE and ALTER FUNCTION: volatility, security, SET clauses, the body and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.commands.nodes import constant, only, option_value, strings
from schemaguard.catalog.errors import (
    INSUFFICIENT_PRIVILEGE,
    INVALID_PARAMETER,
    SYNTAX_ERROR,
    UNDEFINED_FUNCTION,
    UNDEFINED_OBJECT,
    Refused,
)
from schemaguard.catalog.routines import known_function
from schemaguard.statements.statement import Node

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run, Session

INVALID_FUNCTION_DEFINITION = "42P13"

_VOLATILITY = {"immutable": "i", "stable": "s", "volatile": "v"}
_PARALLEL = {"safe": "s", "restricted": "r", "unsafe": "u"}
_NOT_OF_PROCEDURES = frozenset(
    ("window", "volatility", "strict", "leakproof", "cost", "rows", "support", "parallel")
)


class Options(msgspec.Struct):
    """What the option list says; None where it does not say it.

    `config`: the SET and RESET clauses, as VariableSetStmt fields. `body`: the one or two AS strings;
    `body_offset`: where the first one's constant begins.
    """

    language: str | None = None
    body: list[str] | None = None
    body_offset: int = -1
    volatility: str | None = None
    parallel: str | None = None
    strict: bool | None = None
    security_definer: bool | None = None
    leakproof: bool | None = None
    window: bool | None = None
    cost: float | None = None
    rows: float | None = None
    transform: list[Node] | None = None
    support: list[str] | None = None
    config: list[Node] = []


def read_options(run: Run, nodes: list[Node] | None, *, procedure: bool) -> Options:
    """Read a list of DefElem nodes, each option at most once (but SET).

    Raises:
        Refused: an option is given twice, not one that a procedure can have, or out of range.
    """
    found = Options()
    seen: set[str] = set()
    for node in nodes or ():
        element = node["DefElem"]
        name, argument, offset = element["defname"], element.get("arg"), element.get("location", -1)
        if name == "set" and argument is not None:
            found.config.append(argument["VariableSetStmt"])
            continue
        if name in seen:
            raise Refused(SYNTAX_ERROR, "conflicting or redundant options", offset=offset)
        seen.add(name)
        if procedure and name in _NOT_OF_PROCEDURES:
            message = "invalid attribute in procedure definition"
            raise Refused(INVALID_FUNCTION_DEFINITION, message, offset=offset)
        _read(run.session, found, element)
    return found


def _read(session: Session, found: Options, element: Node) -> None:
    name, value = element["defname"], option_value(element.get("arg"))
    match name:
        case "as":
            found.body = [str(part) for part in value] if isinstance(value, list) else [str(value)]
            found.body_offset = element.get("arg_location", -1)
        case "volatility":
            found.volatility = _VOLATILITY[value]
        case "security":
            found.security_definer = bool(value)
        case "parallel":
            if value not in _PARALLEL:
                raise Refused(SYNTAX_ERROR, 'parameter "parallel" must be SAFE, RESTRICTED, or UNSAFE')
            found.parallel = _PARALLEL[value]
        case "cost" | "rows":
            setattr(found, name, float(value))
            if float(value) <= 0:
                raise Refused(INVALID_PARAMETER, f"{name.upper()} must be positive")
        case "support":
            found.support = strings(element["arg"]["List"]["items"])
            _check_support(session, found.support)
        case "transform":
            found.transform = element["arg"]["List"]["items"]
        case _:  # language, strict, leakproof, window
            setattr(found, name, value)


def _check_support(session: Session, names: list[str]) -> None:
    """SUPPORT names a built-in (or C) function of one `internal` parameter; only a superuser may."""
    if known_function(session, names, ((2281, False),)) is None:
        raise Refused(UNDEFINED_FUNCTION, f"function {'.'.join(names)}(internal) does not exist")
    if not session.is_superuser:
        message = "must be superuser to specify a support function"
        raise Refused(INSUFFICIENT_PRIVILEGE, message)


def require_language(run: Run, name: str) -> str:
    """The language's name as the catalog has it (they are found in lower case).

    Raises:
        Refused: it is not installed, or not for the role in force.
    """
    if name in BUILTIN_LANGUAGES:
        trusted = name in TRUSTED_LANGUAGES
    elif (oid := run.catalog.others.get(("pg_language", 0, name))) is not None:
        trusted = run.catalog.objects[oid].detail == "trusted"
    else:
        raise Refused(
            UNDEFINED_OBJECT,
            f'language "{name}" does not exist',
            hint="Use CREATE EXTENSION to load the language into the database."
            if name in LOADABLE_LANGUAGES
            else "",
        )
    if not trusted and not run.session.is_superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for language {name}")
    return name


BUILTIN_LANGUAGES = frozenset(("internal", "c", "sql", "plpgsql"))
TRUSTED_LANGUAGES = frozenset(("sql", "plpgsql"))
LOADABLE_LANGUAGES = {
    "plperl": "trusted",
    "plperlu": "untrusted",
    "plpython3u": "untrusted",
    "pltcl": "trusted",
    "pltclu": "untrusted",
    "plv8": "trusted",
    "plr": "untrusted",
    "pllua": "trusted",
    "plsh": "untrusted",
    "plrust": "trusted",
    "pljava": "trusted",
}
"""Languages that an extension of the same name brings."""


def apply_config(
    session: Session, config: tuple[tuple[str, str], ...], clauses: list[Node]
) -> tuple[tuple[str, str], ...]:
    """The SET clauses of a routine (`pg_proc.proconfig`) after more SET and RESET clauses."""
    found = dict(config)
    for clause in clauses:
        kind, name = clause["kind"], _canonical(clause.get("name", ""))
        if kind == "VAR_RESET_ALL":
            found = {one: value for one, value in found.items() if not _may_set(session, one)}
            continue
        key = next((one for one in found if one.lower() == name.lower()), name)
        if kind != "VAR_SET_CURRENT" and not _may_set(session, name):
            raise Refused(INSUFFICIENT_PRIVILEGE, f'permission denied to set parameter "{name}"')
        if kind in ("VAR_RESET", "VAR_SET_DEFAULT"):
            found.pop(key, None)
        elif kind == "VAR_SET_CURRENT":
            found[key] = _present_value(session, name)
        else:
            found[key] = setting_text(name, clause.get("args") or [])
    return tuple(found.items())


def _may_set(session: Session, name: str) -> bool:
    """Whether the role in force may keep a setting: one that no module has defined is a superuser's to fix."""
    from schemaguard.catalog.privileges.query import has_privilege

    if "." not in name or session.is_superuser:
        return True
    parameter = session.catalog.others.get(("pg_parameter_acl", 0, name.lower()))
    return parameter is not None and has_privilege(session.catalog, session.role, "SET", parameter)


def _present_value(session: Session, name: str) -> str:
    """What SET … FROM CURRENT keeps of a setting."""
    if name == "search_path":
        return ", ".join(quote_setting(part) for part in session.search_path)
    return session.settings.get(name, "")


_SPELLINGS = {
    "datestyle": "DateStyle",
    "intervalstyle": "IntervalStyle",
    "timezone": "TimeZone",
    "sort_mem": "work_mem",
    "vacuum_mem": "maintenance_work_mem",
}
"""Settings whose names the server spells in its own way, or renamed."""


def _canonical(name: str) -> str:
    lowered = name.lower()
    return _SPELLINGS.get(lowered, name if "." in name else lowered)


_LISTS = frozenset(
    (
        "search_path", "temp_tablespaces", "session_preload_libraries", "shared_preload_libraries",
        "local_preload_libraries", "datestyle", "log_destination", "unix_socket_directories",
        "listen_addresses",
        "synchronous_standby_names", "wal_consistency_checking", "createrole_self_grant", "debug_io_direct",
        "restrict_nonsystem_relation_kind",
    )
)  # fmt: skip
"""Settings whose values are lists: each element is kept, and quoted where it must be."""


def setting_text(name: str, arguments: list[Node]) -> str:
    """The value of a SET clause as the server keeps it (`flatten_set_variable_args`)."""
    listed = name.lower() in _LISTS
    return ", ".join(_element_text(only(argument), listed=listed) for argument in arguments)


def _element_text(node: tuple[str, Node], *, listed: bool) -> str:
    tag, fields = node
    value: Any = constant(fields["arg"]["A_Const"]) if tag == "TypeCast" else constant(fields)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and "sval" in (fields["arg"]["A_Const"] if tag == "TypeCast" else fields):
        return quote_setting(value) if listed else value
    return str(value)


def quote_setting(name: str) -> str:
    """An element of a list setting, quoted as an identifier where it must be."""
    from schemaguard.catalog.names import quote_identifier

    return quote_identifier(name) if name else '""'
