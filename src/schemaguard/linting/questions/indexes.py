"""Indexes compared, and the plan that gives each its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from schemaguard.catalog.model import Expression, Index, IndexKey
    from schemaguard.linting.files import Files
    from schemaguard.statements.statement import Node


def read_plan(files: Files, path: str | None) -> Mapping[str, object] | None:
    """The `indexes` of an index plan, by name; None where no plan is configured or it can't be read as one."""
    file = files.get(path) if path else None
    if file is None:
        return None
    import yaml  # here, so that a run without a plan does not load it

    try:
        plan = yaml.safe_load(file.text)
    except yaml.YAMLError:
        return None
    found = plan.get("indexes") if isinstance(plan, dict) else None
    return {str(name): reason for name, reason in found.items()} if isinstance(found, dict) else None


def same_key(left: IndexKey, right: IndexKey) -> bool:
    """Whether two keys are the same column or expression, in the same order and operator class."""
    from schemaguard.catalog.analysis.binding import same_expression

    same = (left.number, left.opclass, left.collation, left.descending, left.nulls_first) == (
        right.number,
        right.opclass,
        right.collation,
        right.descending,
        right.nulls_first,
    )
    if not same or (left.expression is None) != (right.expression is None):
        return False
    return (
        left.expression is None
        or right.expression is None
        or same_expression(left.expression, right.expression)
    )


def same_predicate(left: Index, right: Index) -> bool:
    """Whether two indexes have the same predicate, or none."""
    from schemaguard.catalog.analysis.binding import same_expression

    if left.predicate is None or right.predicate is None:
        return left.predicate is right.predicate
    return same_expression(left.predicate, right.predicate)


def only_excludes_nulls(predicate: Expression, numbers: Collection[int]) -> bool:
    """Whether a predicate leaves out nothing but rows in which one of the columns is NULL."""
    names = {name for name, number in predicate.columns if number in numbers}
    return _not_null_of(predicate.node, names)


def _not_null_of(node: Node, names: set[str]) -> bool:
    tag, fields = only(node)
    if tag == "BoolExpr" and fields["boolop"] == "AND_EXPR":
        return all(_not_null_of(argument, names) for argument in fields["args"])
    if tag != "NullTest" or fields["nulltesttype"] != "IS_NOT_NULL":
        return False
    inner, reference = only(fields["arg"])
    return inner == "ColumnRef" and strings(reference["fields"][-1:])[0] in names
