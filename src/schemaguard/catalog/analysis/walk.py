"""Walking analysed trees."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.analysis.query_tree import Query
from schemaguard.catalog.analysis.tree import Const, Expr, FuncExpr, Var
from schemaguard.catalog.builtin.functions import Routine
from schemaguard.catalog.builtin.operators import Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLAIN = (str, int, bool, type(None), Routine, Operator)


_NO_NODES = {"type", "typmod", "name", "names", "kind", "alias", "routine", "operator"}
_fields_of: dict[type[msgspec.Struct], tuple[str, ...]] = {}
_values_of: dict[type[msgspec.Struct], Callable[[msgspec.Struct], tuple[Any, ...]]] = {}
_is_node: dict[type, bool] = {}


def _fields(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields of a node that may hold other nodes."""
    found = _fields_of.get(kind)
    if found is None:
        found = tuple(field for field in kind.__struct_fields__ if field not in _NO_NODES)
        _fields_of[kind] = found
    return found


def _getter(kind: type[msgspec.Struct]) -> Callable[[msgspec.Struct], tuple[Any, ...]]:
    """What reads those fields of a node of a class, all at once: trees are walked more often than anything else."""
    fields = _fields(kind)
    if len(fields) > 1:
        read: Callable[[msgspec.Struct], tuple[Any, ...]] = attrgetter(*fields)
    else:

        def read(node: msgspec.Struct) -> tuple[Any, ...]:
            return tuple(getattr(node, field) for field in fields)

    _values_of[kind] = read
    return read


def _holds_nodes(kind: type) -> bool:
    """Whether values of a class are nodes."""
    found = _is_node[kind] = issubclass(kind, msgspec.Struct) and not issubclass(kind, _PLAIN)
    return found


def children(node: msgspec.Struct) -> list[msgspec.Struct]:
    """The nodes directly below one: expressions, and the parts of queries."""
    kind = type(node)
    found: list[msgspec.Struct] = []
    _gather((_values_of.get(kind) or _getter(kind))(node), found)
    return found


def _gather(values: tuple[Any, ...], found: list[msgspec.Struct]) -> None:
    for value in values:
        kind = type(value)
        if kind is tuple:
            if value:
                _gather(value, found)
        elif _is_node[kind] if kind in _is_node else _holds_nodes(kind):
            found.append(value)


def nodes(node: msgspec.Struct) -> Iterator[msgspec.Struct]:
    """A node and all below it, queries inside included."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        if type(found) is not Const and type(found) is not Var:
            pending.extend(children(found))


def distinct_nodes(node: msgspec.Struct) -> Iterator[msgspec.Struct]:
    """A node and all below it, each once, wherever it stands: columns merged by USING stand in many places."""
    seen: set[int] = set()
    pending = [node]
    while pending:
        found = pending.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        if type(found) is not Const and type(found) is not Var:
            pending.extend(children(found))


def variables(node: msgspec.Struct, level: int = 0) -> Iterator[Var]:
    """The columns below a node that belong to the query `level` levels up from it."""
    if isinstance(node, Var):
        if node.level == level:
            yield node
        return
    inner = level + 1 if isinstance(node, Query) else level
    for child in children(node):
        yield from variables(child, inner)


def has(node: Expr, *kinds: type[Expr]) -> bool:
    """Whether an expression contains a node of these classes at its own query level."""
    if isinstance(node, kinds):
        return True
    return any(has(child, *kinds) for child in children(node) if isinstance(child, Expr))


def has_set(node: Expr) -> bool:
    """Whether an expression calls a set-returning function at its own query level."""
    if isinstance(node, FuncExpr) and node.routine.returns_set:
        return True
    return any(has_set(child) for child in children(node) if isinstance(child, Expr))


def rebuilt(node: Any, change: Callable[[Any, int], Any], level: int = 0) -> Any:  # noqa: ANN401 - any node
    """The tree with `change(node, level)` in place of each node for which it gives one; the rest is shared.

    `level` counts the queries entered on the way down.
    """
    changed = change(node, level)
    if changed is not None:
        return changed
    inner = level + 1 if isinstance(node, Query) else level
    replaced: dict[str, Any] = {}
    for field in _fields(type(node)):
        value = getattr(node, field)
        new = _rebuilt_value(value, change, inner)
        if new is not value:
            replaced[field] = new
    return msgspec.structs.replace(node, **replaced) if replaced else node


def _rebuilt_value(value: Any, change: Callable[[Any, int], Any], level: int) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        items = tuple(_rebuilt_value(item, change, level) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, msgspec.Struct) and not isinstance(value, _PLAIN):
        return rebuilt(value, change, level)
    return value


def shift_levels(expr: Expr, by: int) -> Expr:
    """The expression as it reads from `by` query levels further in."""

    def change(node: Any, level: int) -> Any:  # noqa: ANN401 - any node
        if isinstance(node, Var) and node.level >= level:
            return msgspec.structs.replace(node, level=node.level + by)
        return None

    found: Expr = rebuilt(expr, change)
    return found
