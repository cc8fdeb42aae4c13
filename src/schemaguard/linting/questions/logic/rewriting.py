"""Conditions written another way: lists and rows as AND and OR of single comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings

if TYPE_CHECKING:
    from schemaguard.statements.statement import Node

AGGREGATES = frozenset((
    "array_agg", "avg", "bool_and", "bool_or", "count", "every", "json_agg", "jsonb_agg", "max", "min", "string_agg",
    "sum",
))  # fmt: skip


def comparison(operator: str, left: Node, right: Node) -> Node:
    """`left operator right`."""
    name = [{"String": {"sval": operator}}]
    return {"A_Expr": {"kind": "AEXPR_OP", "name": name, "lexpr": left, "rexpr": right}}


def conjunction(operator: str, nodes: list[Node]) -> Node:
    """`AND_EXPR` or `OR_EXPR` of conditions; of none, what it is then."""
    if not nodes:
        return {"A_Const": {"boolval": {"boolval": operator == "AND_EXPR"}}}
    return nodes[0] if len(nodes) == 1 else {"BoolExpr": {"boolop": operator, "args": nodes}}


def uncast(node: Node) -> Node:
    """An expression without the casts around it."""
    tag, fields = only(node)
    while tag == "TypeCast":
        node = fields["arg"]
        tag, fields = only(node)
    return node


def listed(fields: Node) -> Node | None:
    """`x IN (a, b)`, `x = ANY (ARRAY[a, b])`, `x <> ALL (ARRAY(SELECT …))`, one by one; None for anything else."""
    kind, operator = fields["kind"], strings(fields["name"])[-1]
    if kind == "AEXPR_IN":
        items = fields["rexpr"]["List"]["items"]
        word = "OR_EXPR" if operator == "=" else "AND_EXPR"
        return conjunction(word, [comparison(operator, fields["lexpr"], item) for item in items])
    if kind not in ("AEXPR_OP_ANY", "AEXPR_OP_ALL"):
        return None
    tag, array = only(uncast(fields["rexpr"]))
    if tag == "A_ArrayExpr":
        word = "OR_EXPR" if kind == "AEXPR_OP_ANY" else "AND_EXPR"
        elements = array.get("elements") or []
        return conjunction(word, [comparison(operator, fields["lexpr"], item) for item in elements])
    if tag == "SubLink" and array["subLinkType"] == "ARRAY_SUBLINK":
        link = {
            "subLinkType": f"{kind.removeprefix('AEXPR_OP_')}_SUBLINK",
            "testexpr": fields["lexpr"],
            "operName": fields["name"],
            "subselect": array["subselect"],
        }
        return {"SubLink": link}
    return None


def row_items(fields: Node) -> Node | None:
    """`(a, b) = (c, d)` column by column; None for anything else."""
    operator = strings(fields["name"])[-1]
    if fields["kind"] != "AEXPR_OP" or operator not in ("=", "<>") or "lexpr" not in fields:
        return None
    (left_tag, left), (right_tag, right) = only(fields["lexpr"]), only(fields["rexpr"])
    if (left_tag, right_tag) != ("RowExpr", "RowExpr"):
        return None
    pairs = zip(left["args"], right["args"], strict=False)
    word = "AND_EXPR" if operator == "=" else "OR_EXPR"
    return conjunction(word, [comparison(operator, one, other) for one, other in pairs])


def aggregates(select: Node) -> bool:
    """Whether a SELECT without GROUP BY gives one row whatever it reads."""
    if select.get("groupClause"):
        return False
    for target in select.get("targetList") or ():
        tag, fields = only(uncast(target["ResTarget"].get("val", {"A_Const": {}})))
        if tag == "FuncCall" and is_aggregate(fields):
            return True
    return False


def is_aggregate(call: Node) -> bool:
    """Whether a call is one of an aggregate that schemas use."""
    return strings(call["funcname"])[-1] in AGGREGATES and "over" not in call
