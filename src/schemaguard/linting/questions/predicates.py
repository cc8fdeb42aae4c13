"""Policy predicates understood from their expression trees: what they bind, and when they are true."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.linting.questions.returned import returned_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

MAX_DEPTH = 8
"""How many calls of helper functions are followed into each other."""

TRANSPARENT = frozenset(("lower", "upper", "btrim", "trim", "ltrim", "rtrim", "uuid", "text", "to_text"))
"""Functions of one argument that leave a setting's value recognisable."""


class Scope(NamedTuple):
    """What a predicate is read against.

    `column`: the attribute number to be bound, `names`: what its table's column names meant when it was written,
    `column_name`: the tenant column's name in tables of sub-selects. `setting`: the setting that holds the current
    tenant, None where none is agreed. `functions`: names of functions that return it. `arguments`: the parameters of
    the helper function that is being read, by name and by $n.
    """

    catalog: Catalog
    column: int
    names: dict[str, int]
    column_name: str
    setting: str | None
    functions: tuple[str, ...] = ()
    arguments: dict[str, tuple[Node, Any]] = {}  # noqa: RUF012 - never written to
    depth: int = 0


def binds(expression: Expression, scope: Scope) -> bool:
    """Whether the predicate is true only for rows whose column equals the setting: in every branch of every OR."""
    return _binds(expression.node, scope)


def binds_node(node: Node, scope: Scope) -> bool:
    """The same for a condition that no policy holds (a view's WHERE)."""
    return _binds(node, scope)


def _binds(node: Node, scope: Scope) -> bool:  # noqa: C901, PLR0911 - one answer a kind of node
    tag, fields = only(node)
    match tag:
        case "BoolExpr":
            verdicts = [_binds(argument, scope) for argument in fields["args"]]
            if fields["boolop"] == "AND_EXPR":
                return any(verdicts)
            return fields["boolop"] == "OR_EXPR" and all(verdicts)
        case "A_Const":
            return not constant(fields)
        case "A_Expr":
            return _compares(fields, scope)
        case "SubLink":
            return _sub_select_binds(fields, scope)
        case "TypeCast":
            return _binds(fields["arg"], scope)
        case "NullTest":
            # A branch for sessions without a tenant is the matter of `fails_open`.
            return fields["nulltesttype"] == "IS_NULL" and is_setting(fields["arg"], scope)
        case "CoalesceExpr":
            first, *rest = fields["args"]
            return _binds(first, scope) and all(_is_false(other) for other in rest)
        case "CaseExpr":
            results = [only(item)[1]["result"] for item in fields["args"]]
            if "defresult" in fields:
                results.append(fields["defresult"])
            return all(_binds(result, scope) for result in results)
        case "FuncCall":
            return _helper(fields, scope, _binds)
        case "ColumnRef" | "ParamRef":
            argument = _argument(tag, fields, scope)
            return argument is not None and _binds(argument[0], argument[1])
    return False


def _is_false(node: Node) -> bool:
    tag, fields = only(node)
    while tag == "TypeCast":
        tag, fields = only(fields["arg"])
    return tag == "A_Const" and constant(fields) in (False, "f", "false", None)


def _compares(fields: Node, scope: Scope) -> bool:
    """`column = setting`, either way round; IN and ANY with a sub-select or list of settings."""
    kind = fields["kind"]
    if kind not in ("AEXPR_OP", "AEXPR_IN", "AEXPR_OP_ANY", "AEXPR_NOT_DISTINCT"):
        return False
    if strings(fields["name"])[-1] != "=" or "lexpr" not in fields:
        return False
    left, right = fields["lexpr"], fields["rexpr"]
    if kind == "AEXPR_OP" and is_setting(left, scope) and _is_empty_text(right):
        return True
    if kind == "AEXPR_IN":
        items = right.get("List", {}).get("items", ())
        return is_column(left, scope) and bool(items) and all(is_setting(item, scope) for item in items)
    if kind == "AEXPR_OP_ANY":
        return (is_column(left, scope) and is_setting(right, scope)) or (
            is_setting(left, scope) and is_column(right, scope)
        )
    return (is_column(left, scope) and is_setting(right, scope)) or (
        is_column(right, scope) and is_setting(left, scope)
    )


def _is_empty_text(node: Node) -> bool:
    tag, fields = only(node)
    while tag == "TypeCast":
        tag, fields = only(fields["arg"])
    return tag == "A_Const" and constant(fields) == ""


def is_column(node: Node, scope: Scope) -> bool:
    """Whether an expression is the column to be bound, through casts."""
    tag, fields = only(node)
    while tag in ("TypeCast", "CollateClause"):
        tag, fields = only(fields["arg"])
    if tag not in ("ColumnRef", "ParamRef"):
        return False
    argument = _argument(tag, fields, scope)
    if argument is not None:
        return is_column(argument[0], argument[1])
    if tag != "ColumnRef" or "String" not in fields["fields"][-1]:
        return False
    name = strings(fields["fields"][-1:])[0]
    return scope.names.get(name) == scope.column if name in scope.names else name == scope.column_name


def is_setting(node: Node, scope: Scope) -> bool:
    """Whether an expression is the setting's value: through casts, nullif, coalesce, JSON access, sub-selects."""
    tag, fields = only(node)
    match tag:
        case "TypeCast" | "CollateClause":
            return is_setting(fields["arg"], scope)
        case "CoalesceExpr" | "MinMaxExpr":
            return is_setting(fields["args"][0], scope)
        case "A_Expr":
            operator = strings(fields["name"])[-1] if "name" in fields else ""
            transparent = fields["kind"] == "AEXPR_NULLIF" or operator in ("->>", "->", "#>>", "#>", "||")
            return transparent and "lexpr" in fields and is_setting(fields["lexpr"], scope)
        case "A_ArrayExpr":
            elements = fields.get("elements") or ()
            return bool(elements) and all(is_setting(element, scope) for element in elements)
        case "SubLink":
            return _selects_setting(fields, scope)
        case "ColumnRef" | "ParamRef":
            argument = _argument(tag, fields, scope)
            return argument is not None and is_setting(argument[0], argument[1])
        case "FuncCall":
            return _returns_setting(fields, scope)
    return False


def _returns_setting(fields: Node, scope: Scope) -> bool:
    names = strings(fields["funcname"])
    arguments = fields.get("args") or []
    if names[-1] == "current_setting" and names[:-1] in ([], ["pg_catalog"]):
        if scope.setting is None:
            return True
        tag, literal = only(arguments[0])
        while tag == "TypeCast":
            tag, literal = only(literal["arg"])
        return tag == "A_Const" and str(constant(literal)).lower() == scope.setting.lower()
    if any(wanted in (".".join(names), names[-1]) for wanted in scope.functions):
        return True
    if names[-1] in TRANSPARENT and arguments:
        return is_setting(arguments[0], scope)
    return _helper(fields, scope, is_setting)


def _helper(fields: Node, scope: Scope, question: Any) -> bool:  # noqa: ANN401 - one of the functions here
    """Ask the question of what a helper function that the history defines returns, with its arguments filled in."""
    if scope.depth >= MAX_DEPTH:
        return False
    names = strings(fields["funcname"])
    given = fields.get("args") or []
    for (schema, name), oids in list(scope.catalog.functions.items()):
        if name != names[-1] or (len(names) > 1 and scope.catalog.schema_name(schema) != names[-2]):
            continue
        for oid in oids:
            function = scope.catalog.objects[oid]
            if len(function.inputs) < len(given):
                continue
            returned = returned_expression(function)
            if returned is None:
                continue
            arguments: dict[str, tuple[Node, Any]] = {}
            for number, (parameter, value) in enumerate(zip(function.inputs, given, strict=False), 1):
                arguments[f"${number}"] = (value, scope)
                if parameter.name:
                    arguments[parameter.name] = (value, scope)
            inner = scope._replace(names={}, arguments=arguments, depth=scope.depth + 1)
            return bool(question(returned, inner))
    return False


def _argument(tag: str, fields: Node, scope: Scope) -> tuple[Node, Any] | None:
    """What a parameter of the helper function stands for, with the scope it was written in."""
    if tag == "ParamRef":
        return scope.arguments.get(f"${fields.get('number', 0)}")
    names = [part["String"]["sval"] for part in fields["fields"] if "String" in part]
    return scope.arguments.get(names[-1]) if names else None


def _selects_setting(fields: Node, scope: Scope) -> bool:
    """`(SELECT current_setting(…))`, and `ARRAY(SELECT …)` of settings."""
    select = fields["subselect"].get("SelectStmt", {})
    targets = select.get("targetList") or []
    return len(targets) == 1 and is_setting(targets[0]["ResTarget"]["val"], scope)


def _sub_select_binds(fields: Node, scope: Scope) -> bool:
    """`EXISTS (SELECT … WHERE p.tenant_id = setting)`, `column IN (SELECT setting)`, `id IN (SELECT … WHERE …)`."""
    select = fields["subselect"].get("SelectStmt", {})
    kind = fields["subLinkType"]
    test = fields.get("testexpr")
    if (
        kind == "ANY_SUBLINK"
        and test is not None
        and is_column(test, scope)
        and _selects_setting(fields, scope)
    ):
        return True
    if kind == "EXPR_SUBLINK":
        targets = select.get("targetList") or []
        return (
            len(targets) == 1 and "fromClause" not in select and _binds(targets[0]["ResTarget"]["val"], scope)
        )
    if kind in ("ANY_SUBLINK", "EXISTS_SUBLINK") and "whereClause" in select:
        inner = scope._replace(names={}, column=0)
        return _binds(select["whereClause"], inner)
    return False


# When a predicate is true


UNKNOWN = object()
"""A value that depends on the row."""


class Unset(NamedTuple):
    """A session in which the setting was never set (`value` None), or reads as the empty string."""

    value: str | None


def fails_open(expression: Expression, scope: Scope) -> Unset | None:
    """The session without a tenant in which the predicate is true for every row; None where there is none."""
    if not any(is_setting({"FuncCall": call}, scope) for call in walk(expression.node, "FuncCall")):
        return None
    for session in (Unset(None), Unset("")):
        if _evaluate(expression.node, scope, session) is True:
            return session
    return None


def _evaluate(node: Node, scope: Scope, session: Unset) -> Any:  # noqa: ANN401, PLR0911 - SQL values
    """The value of an expression in a session without a tenant: str, bool, None for NULL, or UNKNOWN."""
    if is_bare_setting(node, scope):
        return session.value
    tag, fields = only(node)
    match tag:
        case "A_Const":
            return constant(fields)
        case "TypeCast":
            value = _evaluate(fields["arg"], scope, session)
            if strings(fields["typeName"]["names"])[-1] == "bool" and isinstance(value, str):
                return {"t": True, "true": True, "f": False, "false": False}.get(value, UNKNOWN)
            return value
        case "CoalesceExpr":
            values = [_evaluate(argument, scope, session) for argument in fields["args"]]
            return next((value for value in values if value is not None), None)
        case "NullTest":
            value = _evaluate(fields["arg"], scope, session)
            if value is UNKNOWN:
                return UNKNOWN
            return (value is None) == (fields["nulltesttype"] == "IS_NULL")
        case "BoolExpr":
            return _logic(fields, [_evaluate(argument, scope, session) for argument in fields["args"]])
        case "A_Expr":
            return _operator(fields, scope, session)
        case "SubLink":
            select = fields["subselect"].get("SelectStmt", {})
            targets = select.get("targetList") or []
            if fields["subLinkType"] == "EXPR_SUBLINK" and len(targets) == 1 and "fromClause" not in select:
                return _evaluate(targets[0]["ResTarget"]["val"], scope, session)
    return UNKNOWN


def is_bare_setting(node: Node, scope: Scope) -> bool:
    """Whether an expression is `current_setting(…)` itself, or a function that returns it."""
    tag, fields = only(node)
    return (
        tag == "FuncCall" and is_setting(node, scope) and strings(fields["funcname"])[-1] not in TRANSPARENT
    )


def _logic(fields: Node, values: list[Any]) -> Any:  # noqa: ANN401 - True, False, None or UNKNOWN
    if fields["boolop"] == "NOT_EXPR":
        return values[0] if values[0] in (None, UNKNOWN) else not values[0]
    decisive = fields["boolop"] == "OR_EXPR"
    if any(value is decisive for value in values):
        return decisive
    if UNKNOWN in values:
        return UNKNOWN
    return None if None in values else not decisive


def _operator(fields: Node, scope: Scope, session: Unset) -> Any:  # noqa: ANN401 - True, False, None or UNKNOWN
    left = _evaluate(fields["lexpr"], scope, session) if "lexpr" in fields else UNKNOWN
    right_node = fields["rexpr"]
    if fields["kind"] == "AEXPR_IN":
        items = right_node.get("List", {}).get("items", ())
        verdicts = [_equal(left, _evaluate(item, scope, session)) for item in items]
        return _logic({"boolop": "OR_EXPR"}, verdicts)
    right = _evaluate(right_node, scope, session)
    if fields["kind"] == "AEXPR_NULLIF":
        return None if _equal(left, right) is True else left
    operator = strings(fields["name"])[-1]
    if fields["kind"] in ("AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"):
        if UNKNOWN in (left, right):
            return UNKNOWN
        return (left == right) == (fields["kind"] == "AEXPR_NOT_DISTINCT")
    if fields["kind"] != "AEXPR_OP" or operator not in ("=", "<>", "!="):
        return None if None in (left, right) else UNKNOWN
    verdict = _equal(left, right)
    return verdict if operator == "=" or verdict in (None, UNKNOWN) else not verdict


def _equal(left: Any, right: Any) -> Any:  # noqa: ANN401 - SQL values
    if left is None or right is None:
        return None
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    return str(left) == str(right)


def default_tenant(node: Node, scope: Scope, tenant_type: str) -> str | None:
    """The literal that stands in for a missing tenant, `coalesce(current_setting(…), 'x')`, if a tenant could be it."""
    for call in walk(node, "CoalesceExpr"):
        first, *rest = call["args"]
        if not is_setting(first, scope):
            continue
        for other in rest:
            tag, fields = only(other)
            while tag == "TypeCast":
                tag, fields = only(fields["arg"])
            value = constant(fields) if tag == "A_Const" else None
            if value is not None and _could_be(str(value), tenant_type):
                return str(value)
    return None


def _could_be(literal: str, tenant_type: str) -> bool:
    """Whether a literal can equal a value of the tenants' key."""
    if tenant_type == "uuid":
        try:
            uuid.UUID(literal)
        except ValueError:
            return False
        return True
    if tenant_type in ("integer", "bigint", "smallint", "int", "int4", "int8"):
        return literal.lstrip("-").isdigit()
    return literal != ""


def walk(node: Any, wanted: str, *, into_sub_selects: bool = True) -> Iterator[Node]:  # noqa: ANN401 - a tree
    """The fields of every node of a kind in a tree, outermost first."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if wanted in item:
                yield item[wanted]
            if not into_sub_selects and "SubLink" in item:
                stack.append(item["SubLink"].get("testexpr"))
                continue
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))
