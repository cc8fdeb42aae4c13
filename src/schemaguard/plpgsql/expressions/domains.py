"""The constraints of domains, evaluated for a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.plpgsql.expressions.compile import compile_node
from schemaguard.plpgsql.expressions.scope import EMPTY, NoVariables, Scope
from schemaguard.plpgsql.values.kinds import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.model import Type
    from schemaguard.plpgsql.context import Context


class _DomainValue(NoVariables):
    """VALUE in the CHECK of a domain."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def find(self, names: list[str]) -> Callable[[], Value] | None:
        return (lambda: self.value) if names == ["value"] else None


def violated(value: Value, domain: Type, context: Context) -> str:
    """The name of a CHECK that the value does not meet, "" where there is none or it can't be told."""
    if isinstance(value, Unknown):
        return ""
    for constraint in context.catalog.constraints(domain.oid):
        if constraint.expression is None:
            continue
        scope = Scope(context, variables=_DomainValue(value))
        if compile_node(constraint.expression.node, scope)(EMPTY) is False:
            return constraint.name
    return ""
