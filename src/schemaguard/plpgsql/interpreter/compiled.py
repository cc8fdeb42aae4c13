"""Bodies as the compiler takes them: parsed, and checked against the routine that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import TypeRef
from schemaguard.plpgsql.language.checks import Signature, check_body
from schemaguard.plpgsql.language.parser import BodyError, parse_body

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.plpgsql.language.tree import Block
    from schemaguard.statements.statement import Node

_TRIGGER, _EVENT_TRIGGER, _VOID = 2279, 3838, 2278
_TRIGGER_NAMES = frozenset(
    ("new", "old", "tg_op", "tg_name", "tg_when", "tg_level", "tg_relid", "tg_relname", "tg_table_name",
     "tg_table_schema", "tg_nargs", "tg_argv", "tg_event", "tg_tag")
)  # fmt: skip


def compiled(body: str, signature: Signature) -> Block:
    """The tree of a body that the compiler takes.

    Raises:
        Refused: it does not take it.
    """
    try:
        block = parse_body(body)
        check_body(block, signature)
    except BodyError as error:
        raise Refused(error.sqlstate, error.message) from None
    return block


def signature_of(function: Function) -> Signature:
    """What a body needs to know of its routine."""
    names = {argument.name for argument in function.arguments} | {function.name}
    oid = 0 if function.returns is None or function.returns.array else function.returns.oid
    if oid in (_TRIGGER, _EVENT_TRIGGER):
        names |= _TRIGGER_NAMES
    outputs = any(argument.mode in "ob" for argument in function.arguments)
    void = function.returns is None or function.returns in (TypeRef(_VOID), TypeRef(_EVENT_TRIGGER))
    returns = "set" if function.returns_set else "outputs" if outputs else "void" if void else "value"
    return Signature(frozenset(names), returns, procedure=function.kind == "p")


def signature_of_statement(node: Node) -> Signature:
    """What a CREATE FUNCTION or PROCEDURE says of its routine, for its body."""
    parameters = [item["FunctionParameter"] for item in node.get("parameters") or ()]
    names = {item["name"] for item in parameters if "name" in item}
    returned = node.get("returnType") or {}
    result = strings(returned.get("names"))[-1] if returned else ""
    if result in ("trigger", "event_trigger"):
        names |= _TRIGGER_NAMES
    outputs = any(item.get("mode") in ("FUNC_PARAM_OUT", "FUNC_PARAM_INOUT") for item in parameters)
    returns = "outputs" if outputs else "void" if result in ("void", "", "event_trigger") else "value"
    if returned.get("setof") or any(item.get("mode") == "FUNC_PARAM_TABLE" for item in parameters):
        returns = "set"
    names.add(strings(node["funcname"])[-1])
    return Signature(frozenset(names), returns, procedure=bool(node.get("is_procedure")))
