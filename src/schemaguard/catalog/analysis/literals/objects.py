"""Input of the types that name catalog objects: `regclass`, `regtype`, `regproc` and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.literals.datetimes import NotRead
from schemaguard.catalog.analysis.tree import Const
from schemaguard.catalog.analysis.types import find_type, type_number
from schemaguard.catalog.errors import UNDEFINED_FUNCTION, UNDEFINED_OBJECT, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.statements.statement import Node

REGCLASS, REGTYPE, REGROLE, REGNAMESPACE, REGPROC, REGPROCEDURE = 2205, 2206, 4096, 4089, 24, 2202
REG_TYPES = frozenset((
    REGCLASS, REGTYPE, REGROLE, REGNAMESPACE, REGPROC, REGPROCEDURE, 2203, 2204, 3734, 3769, 4191,
))  # fmt: skip


def split_name(text: str) -> list[str]:
    """The parts of a possibly qualified and quoted name (`stringToQualifiedNameList`).

    Raises:
        Refused: it is no name.
    """
    parts: list[str] = []
    at = 0
    stripped = text.strip()
    while True:
        if stripped[at : at + 1] == '"':
            part, at = _quoted_part(stripped, at + 1, text)
        else:
            end = at
            while end < len(stripped) and stripped[end] not in ". ":
                end += 1
            part, at = stripped[at:end].lower(), end
            if not part:
                raise Refused(
                    "42602", f"invalid name syntax: {text!r}" if not text else "invalid name syntax"
                )
        parts.append(part)
        if at >= len(stripped):
            return parts
        if stripped[at] != ".":
            raise Refused("42602", "invalid name syntax")
        at += 1


def _quoted_part(text: str, at: int, whole: str) -> tuple[str, int]:
    chars: list[str] = []
    while at < len(text):
        if text[at] == '"':
            if text[at + 1 : at + 2] != '"':
                return "".join(chars), at + 1
            at += 1
        chars.append(text[at])
        at += 1
    raise Refused("42602", f'invalid name syntax: "{whole}"')


def read_object(environment: Environment, number: int, text: str) -> Const:
    """A constant that names an object; the object's oid is kept, so that it follows a rename.

    Raises:
        Refused: there is no such object.
        NotRead: objects of that kind are not in the catalog.
    """
    if text == "-":
        return Const(number, value="-")
    if text.isdigit():
        return Const(number, value=text, object=int(text))
    match number:
        case 2205:
            return _relation(environment, text)
        case 2206:
            return _type(environment, text)
        case 4096 | 4089:
            [name] = split_name(text)
            names, what = (
                (environment.catalog.roles, "role")
                if number == REGROLE
                else (environment.catalog.schemas, "schema")
            )
            if name not in names:
                sqlstate = UNDEFINED_OBJECT if number == REGROLE else "3F000"
                raise Refused(sqlstate, f'{what} "{name}" does not exist')
            return Const(number, value=name, object=names[name])
        case 24:
            return _function(environment, text)
        case 3734:
            return Const(number, value=split_name(text)[-1])
    raise NotRead("constants that name such objects are not read")


def _relation(environment: Environment, text: str) -> Const:
    from schemaguard.catalog.analysis.relations import find_relation

    names = split_name(text)
    node: Node = {"relname": names[-1]}
    if len(names) > 1:
        node["schemaname"] = names[-2]
    relation = find_relation(environment.session, node) or environment.session.relation(node)
    return Const(REGCLASS, value=text, object=relation.oid)


def _type(environment: Environment, text: str) -> Const:
    from schemaguard.statements.fragments import parse_type_name

    node = parse_type_name(text)
    if node is None:
        raise Refused("42601", f'syntax error in type name "{text}"')
    if len(node["names"]) == 1 and "typmods" not in node and "arrayBounds" not in node:
        found = find_type(environment.session, [node["names"][0]["String"]["sval"]])
        return Const(REGTYPE, value=text, object=type_number(found))
    number, _typmod = environment.type(node)
    return Const(REGTYPE, value=text, object=number)


def _function(environment: Environment, text: str) -> Const:
    names = split_name(text)
    found = environment.functions(names)
    if not found:
        raise Refused(UNDEFINED_FUNCTION, f'function "{text}" does not exist')
    if len(found) > 1:
        raise Refused("42725", f'more than one function named "{text}"')
    return Const(REGPROC, value=text, object=found[0][1].oid)
