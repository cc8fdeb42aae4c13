"""Any expression's raw tree to an analysed one (`parse_expr.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.literals.read import read_literal
from schemaguard.catalog.analysis.transform.coercion import coerce_to_boolean, coerce_to_target
from schemaguard.catalog.analysis.transform.columns import transform_column
from schemaguard.catalog.analysis.transform.constructs import (
    transform_array,
    transform_case,
    transform_coalesce,
    transform_min_max,
    transform_row,
    transform_value_function,
    transform_xml_or_json,
)
from schemaguard.catalog.analysis.transform.functions import field_or_call, transform_call
from schemaguard.catalog.analysis.transform.operators import (
    make_distinct,
    make_in,
    make_nullif,
    make_op,
    make_row_comparison,
    make_scalar_array_op,
    null_test_of_distinct,
)
from schemaguard.catalog.analysis.transform.pathways import EXPLICIT
from schemaguard.catalog.analysis.transform.sublinks import transform_grouping, transform_sublink
from schemaguard.catalog.analysis.transform.subscripts import transform_subscripts
from schemaguard.catalog.analysis.tree import (
    UNRESOLVED,
    BooleanTest,
    BoolExpr,
    CollateExpr,
    Const,
    Expr,
    NamedArg,
    NullTest,
    RowExpr,
    Unresolved,
)
from schemaguard.catalog.builtin import types as pg
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import DATATYPE_MISMATCH, FEATURE_NOT_SUPPORTED, SYNTAX_ERROR, Refused
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.statements.statement import Node

_INT4, _INT8 = 1 << 31, 1 << 63
_TRUE, _FALSE = Const(pg.BOOL, value="t"), Const(pg.BOOL, value="f")
_NULL = Const(pg.UNKNOWN, value=None)


def transform(state: ParseState, node: Node) -> Expr:
    """The analysed form of any expression node, given as ``{tag: fields}``.

    Raises:
        Refused: the server would refuse the expression.
    """
    for tag, fields in node.items():
        handler = _HANDLERS.get(tag)
        if handler is not None:
            return handler(state, fields)
    return Unresolved(UNRESOLVED, reason=f"{next(iter(node))} is not analysed")


def constant(_state: ParseState, node: Node) -> Expr:
    """An A_Const: an untyped literal, or a number, truth value, bit string or NULL (`make_const`)."""
    if "sval" in node:
        return Const(pg.UNKNOWN, value=node["sval"].get("sval", ""))
    if "ival" in node:
        return Const(pg.INT4, value=str(node["ival"].get("ival", 0)))
    if "boolval" in node:
        return _TRUE if node["boolval"].get("boolval") else _FALSE
    if "fval" in node:
        return number_constant(_state, node["fval"]["fval"])
    if "bsval" in node:
        return read_literal(_state.environment, pg.BIT, -1, node["bsval"]["bsval"])
    return _NULL


def number_constant(state: ParseState, text: str) -> Const:
    """A number too large for an integer, or with a point or exponent."""
    if text.lstrip("-").isdigit():
        value = int(text)
        if -_INT4 <= value < _INT4:
            return Const(pg.INT4, value=str(value))
        if -_INT8 <= value < _INT8:
            return Const(pg.INT8, value=str(value))
    return read_literal(state.environment, pg.NUMERIC, -1, text)


def _type_cast(state: ParseState, node: Node) -> Expr:
    environment = state.environment
    target, typmod = environment.type(node["typeName"])
    inner = node["arg"]
    info = environment.info(environment.base(target))
    if "A_ArrayExpr" in inner and info.element:
        base_typmod = typmod if info.number == target else environment.info(target).base_typmod
        expr = transform_array(state, inner["A_ArrayExpr"], (info.number, base_typmod))
    else:
        expr = transform(state, inner)
    found = coerce_to_target(environment, expr, target, typmod, EXPLICIT, "explicit")
    if found is None:
        source, name = environment.type_text(expr.type), environment.type_text(target)
        raise Refused("42846", f"cannot cast type {source} to {name}", offset=node.get("location", -1))
    return found


def _bool(state: ParseState, node: Node) -> Expr:
    operator, name = _BOOLEAN[node["boolop"]]
    args = [coerce_to_boolean(state.environment, transform(state, arg), name) for arg in node["args"]]
    return BoolExpr(pg.BOOL, operator=operator, args=tuple(args))


_BOOLEAN = {"AND_EXPR": ("and", "AND"), "OR_EXPR": ("or", "OR"), "NOT_EXPR": ("not", "NOT")}


def _operator(state: ParseState, node: Node) -> Expr:
    """An A_Expr of any kind."""
    try:
        return _OPERATORS[node["kind"]](state, node)
    except Refused as refused:
        if refused.offset < 0:
            refused.offset = node.get("location", -1)
        raise


def _plain(state: ParseState, node: Node) -> Expr:
    names = strings(node["name"])
    left, right = node.get("lexpr"), node["rexpr"]
    if left is None:
        return make_op(state.environment, names, None, transform(state, right))
    if "RowExpr" in left:
        if "SubLink" in right and right["SubLink"]["subLinkType"] == "EXPR_SUBLINK":
            comparison = right["SubLink"] | {"subLinkType": "ROWCOMPARE_SUBLINK", "testexpr": left}
            return transform_sublink(state, comparison | {"operName": node["name"]})
        if "RowExpr" in right:
            one, other = transform(state, left), transform(state, right)
            if isinstance(one, RowExpr) and isinstance(other, RowExpr):
                return make_row_comparison(state.environment, names, one.args, other.args)
    return make_op(state.environment, names, transform(state, left), transform(state, right))


def _any_all(state: ParseState, node: Node) -> Expr:
    left, right = transform(state, node["lexpr"]), transform(state, node["rexpr"])
    is_any = node["kind"] == "AEXPR_OP_ANY"
    return make_scalar_array_op(state.environment, strings(node["name"]), left, right, any_=is_any)


def _distinct(state: ParseState, node: Node) -> Expr:
    distinct = node["kind"] == "AEXPR_DISTINCT"
    for side, other in (("rexpr", "lexpr"), ("lexpr", "rexpr")):
        if node[side].get("A_Const", {}).get("isnull"):
            return null_test_of_distinct(transform(state, node[other]), distinct=distinct)
    left, right = transform(state, node["lexpr"]), transform(state, node["rexpr"])
    made = make_distinct(state.environment, strings(node["name"]), left, right)
    return made if distinct else BoolExpr(pg.BOOL, operator="not", args=(made,))


def _nullif(state: ParseState, node: Node) -> Expr:
    left, right = transform(state, node["lexpr"]), transform(state, node["rexpr"])
    return make_nullif(state.environment, strings(node["name"]), left, right)


def _in(state: ParseState, node: Node) -> Expr:
    from schemaguard.catalog.analysis.walk import variables

    left = transform(state, node["lexpr"])
    items = [transform(state, item) for item in node["rexpr"]["List"]["items"]]
    marked = [(item, type(item) is not Const and any(variables(item))) for item in items]
    return make_in(state.environment, strings(node["name"]), left, marked)


def _between(state: ParseState, node: Node) -> Expr:
    """BETWEEN, as the comparisons that it stands for."""
    left = node["lexpr"]
    first, second = node["rexpr"]["List"]["items"]
    location = node.get("location", -1)

    def compare(name: str, bound: Node) -> Node:
        fields = {"kind": "AEXPR_OP", "name": [{"String": {"sval": name}}], "lexpr": left, "rexpr": bound}
        return {"A_Expr": fields | {"location": location}}

    def both(operator: str, *args: Node) -> Node:
        return {"BoolExpr": {"boolop": operator, "args": list(args), "location": location}}

    def within(low: Node, high: Node) -> Node:
        return both("AND_EXPR", compare(">=", low), compare("<=", high))

    def outside(low: Node, high: Node) -> Node:
        return both("OR_EXPR", compare("<", low), compare(">", high))

    expanded = {
        "AEXPR_BETWEEN": lambda: within(first, second),
        "AEXPR_NOT_BETWEEN": lambda: outside(first, second),
        "AEXPR_BETWEEN_SYM": lambda: both("OR_EXPR", within(first, second), within(second, first)),
        "AEXPR_NOT_BETWEEN_SYM": lambda: both("AND_EXPR", outside(first, second), outside(second, first)),
    }
    return transform(state, expanded[node["kind"]]())


_OPERATORS: dict[str, Callable[[ParseState, Node], Expr]] = {
    "AEXPR_OP": _plain,
    "AEXPR_LIKE": _plain,
    "AEXPR_ILIKE": _plain,
    "AEXPR_SIMILAR": _plain,
    "AEXPR_OP_ANY": _any_all,
    "AEXPR_OP_ALL": _any_all,
    "AEXPR_DISTINCT": _distinct,
    "AEXPR_NOT_DISTINCT": _distinct,
    "AEXPR_NULLIF": _nullif,
    "AEXPR_IN": _in,
    "AEXPR_BETWEEN": _between,
    "AEXPR_NOT_BETWEEN": _between,
    "AEXPR_BETWEEN_SYM": _between,
    "AEXPR_NOT_BETWEEN_SYM": _between,
}


def _null_test(state: ParseState, node: Node) -> Expr:
    arg = transform(state, node["arg"])
    environment = state.environment
    is_row = arg.type == pg.RECORD or bool(environment.info(environment.base(arg.type)).relation)
    return NullTest(pg.BOOL, arg=arg, negated=node["nulltesttype"] == "IS_NOT_NULL", row=is_row)


def _boolean_test(state: ParseState, node: Node) -> Expr:
    test = node["booltesttype"].removeprefix("IS_").replace("_", " ")
    arg = coerce_to_boolean(state.environment, transform(state, node["arg"]), f"IS {test}")
    return BooleanTest(pg.BOOL, arg=arg, test=test)


def _collate(state: ParseState, node: Node) -> Expr:
    arg = transform(state, node["arg"])
    environment = state.environment
    if arg.type not in (pg.UNKNOWN, UNRESOLVED) and not environment.info(arg.type).collatable:
        raise Refused(
            DATATYPE_MISMATCH,
            f"collations are not supported by type {environment.type_text(arg.type)}",
            offset=node.get("location", -1),
        )
    names = strings(node["collname"])
    if names[0] == "pg_catalog":
        names = names[1:]
    shown = ".".join(quote_identifier(name) for name in names)
    return CollateExpr(arg.type, arg.typmod, arg=arg, collation=shown)


def _indirection(state: ParseState, node: Node) -> Expr:
    """``(x).field[1]``, from left to right."""
    found = transform(state, node["arg"])
    subscripts: list[Node] = []
    for part in node["indirection"]:
        if "A_Indices" in part:
            subscripts.append(part["A_Indices"])
            continue
        if subscripts:
            found = transform_subscripts(state, found, subscripts)
            subscripts = []
        if "A_Star" in part:
            raise Refused(FEATURE_NOT_SUPPORTED, 'row expansion via "*" is not supported here')
        found = field_or_call(state, found, part["String"]["sval"])
    return transform_subscripts(state, found, subscripts) if subscripts else found


def _named_argument(state: ParseState, node: Node) -> Expr:
    arg = transform(state, node["arg"])
    return NamedArg(arg.type, arg.typmod, name=node["name"], arg=arg)


def _parameter(state: ParseState, node: Node) -> Expr:
    number = node.get("number", 0)
    found: Expr | None = state.parameters.numbered(number) if state.parameters is not None else None
    if found is None and state.parameters is None and state.environment.session.binds_values:
        return _NULL
    if found is None:
        raise Refused("42P02", f"there is no parameter ${number}", offset=node.get("location", -1))
    return found


def _default(_state: ParseState, node: Node) -> Expr:
    raise Refused(SYNTAX_ERROR, "DEFAULT is not allowed in this context", offset=node.get("location", -1))


def _array(state: ParseState, node: Node) -> Expr:
    return transform_array(state, node)


_HANDLERS: dict[str, Callable[[ParseState, Node], Expr]] = {
    "ColumnRef": transform_column,
    "A_Const": constant,
    "A_Expr": _operator,
    "FuncCall": transform_call,
    "TypeCast": _type_cast,
    "BoolExpr": _bool,
    "NullTest": _null_test,
    "BooleanTest": _boolean_test,
    "SubLink": transform_sublink,
    "CaseExpr": transform_case,
    "CoalesceExpr": transform_coalesce,
    "MinMaxExpr": transform_min_max,
    "A_ArrayExpr": _array,
    "RowExpr": transform_row,
    "SQLValueFunction": transform_value_function,
    "CollateClause": _collate,
    "A_Indirection": _indirection,
    "NamedArgExpr": _named_argument,
    "ParamRef": _parameter,
    "GroupingFunc": transform_grouping,
    "SetToDefault": _default,
    "XmlExpr": transform_xml_or_json,
    "XmlSerialize": transform_xml_or_json,
    "JsonObjectConstructor": transform_xml_or_json,
    "JsonArrayConstructor": transform_xml_or_json,
    "JsonArrayQueryConstructor": transform_xml_or_json,
    "JsonObjectAgg": transform_xml_or_json,
    "JsonArrayAgg": transform_xml_or_json,
    "JsonIsPredicate": transform_xml_or_json,
    "JsonParseExpr": transform_xml_or_json,
    "JsonScalarExpr": transform_xml_or_json,
    "JsonSerializeExpr": transform_xml_or_json,
    "JsonFuncExpr": transform_xml_or_json,
}
