"""The names under which a query's relations and columns are printed (`set_deparse_for_query`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.query_tree import Join, RangeRef
from schemaguard.catalog.analysis.tree import Var
from schemaguard.catalog.analysis.type_info import relation_at
from schemaguard.catalog.names import NAME_BYTES, truncate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.query_tree import CommonTable, Query, Rte
    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.state import Catalog


class ColumnNames:
    """The names of one range table entry's columns.

    `names` by attribute number; `listed`: those that a column alias list would show, in order, if `print_aliases`.
    `using`: the names of the columns that a join merges. `parent_using`: merged names of the joins around this one.
    """

    __slots__ = ("listed", "names", "parent_using", "print_aliases", "using")

    def __init__(self) -> None:
        """Nothing is named yet."""
        self.names: dict[int, str] = {}
        self.listed: list[str] = []
        self.print_aliases = False
        self.using: list[str] = []
        self.parent_using: list[str] = []


class Namespace:
    """One query level: the name of each range table entry, and of its columns."""

    def __init__(self, rtes: Sequence[Rte], ctes: Sequence[CommonTable] = ()) -> None:
        """Take the entries; `name_query` or `name_simply` gives the names."""
        self.rtes = list(rtes)
        self.ctes = list(ctes)
        self.names: list[str | None] = []
        self.columns: list[ColumnNames] = [ColumnNames() for _ in self.rtes]
        self.unique_using = False
        self.using_names: list[str] = []


def name_simply(catalog: Catalog, namespace: Namespace) -> None:
    """Names for the one or two tables that an expression of its own is about."""
    for rte, columns in zip(namespace.rtes, namespace.columns, strict=True):
        relation = relation_at(catalog, rte.relation)
        namespace.names.append(rte.alias.name if rte.alias else relation.name if relation else rte.name)
        for column in relation.columns if relation else ():
            columns.names[column.number] = column.name


def name_query(catalog: Catalog, query: Query, parents: Sequence[Namespace]) -> Namespace:
    """Names for a query inside the levels `parents` (the nearest first)."""
    namespace = Namespace(query.rtes, query.ctes)
    _name_entries(catalog, namespace, parents)
    namespace.unique_using = any(_is_dangerous(namespace, tree) for tree in query.joins)
    for tree in query.joins:
        _name_using(namespace, tree, [])
    for index, rte in enumerate(namespace.rtes):
        if rte.kind != "join":
            _name_columns(catalog, namespace, index)
    for tree in query.joins:
        _name_joins(namespace, tree)
    return namespace


def _name_entries(catalog: Catalog, namespace: Namespace, parents: Sequence[Namespace]) -> None:
    """A name for each entry that no other of this level or the ones around it has (`set_rtable_names`)."""
    taken: dict[str, int] = {name: 0 for parent in parents for name in parent.names if name is not None}
    for rte in namespace.rtes:
        name = _wanted_name(catalog, rte)
        if name is None:
            namespace.names.append(None)
            continue
        if name in taken:
            candidate = name
            while candidate in taken:
                taken[name] += 1
                suffix = f"_{taken[name]}"
                candidate = truncate(name, NAME_BYTES - len(suffix)) + suffix
            name = candidate
        taken[name] = 0
        namespace.names.append(name)


def _wanted_name(catalog: Catalog, rte: Rte) -> str | None:
    if rte.alias is not None:
        return rte.alias.name
    if rte.kind == "relation":
        relation = relation_at(catalog, rte.relation)
        return relation.name if relation is not None else rte.name
    return None if rte.kind == "join" else rte.name


def _is_dangerous(namespace: Namespace, tree: Join | RangeRef) -> bool:
    """Whether an unnamed join merges columns into something that is no plain column (`has_dangerous_join_using`)."""
    if isinstance(tree, RangeRef):
        return False
    if tree.alias is None and tree.using:
        rte = namespace.rtes[tree.index - 1]
        if any(not isinstance(merged, Var) for merged in rte.join_vars[: rte.merged]):
            return True
    return _is_dangerous(namespace, tree.left) or _is_dangerous(namespace, tree.right)


def _attribute(namespace: Namespace, tree: Join | RangeRef, position: int) -> int:
    """The attribute number of a join input's column, by its position in the input."""
    rte = namespace.rtes[tree.index - 1]
    return rte.numbers[position - 1] if rte.kind == "relation" else position


def _name_using(namespace: Namespace, tree: Join | RangeRef, parent_using: list[str]) -> None:
    """Names for the columns that joins merge, pushed down to their inputs (`set_using_names`)."""
    if isinstance(tree, RangeRef):
        return
    rte = namespace.rtes[tree.index - 1]
    own = namespace.columns[tree.index - 1]
    left, right = (namespace.columns[side.index - 1] for side in (tree.left, tree.right))

    def push(position: int, name: str) -> None:
        if rte.left_columns[position]:
            left.names[_attribute(namespace, tree.left, rte.left_columns[position])] = name
        if rte.right_columns[position]:
            right.names[_attribute(namespace, tree.right, rte.right_columns[position])] = name

    if rte.alias is None:
        for number, name in list(own.names.items()):
            push(number - 1, name)
    if tree.using:
        parent_using = list(parent_using)
        for position, wanted in enumerate(tree.using):
            name = own.names.get(position + 1, "")
            if not name:
                aliases = rte.alias.columns if rte.alias is not None else ()
                name = _unique(namespace, own, aliases[position] if position < len(aliases) else wanted)
                if namespace.unique_using:
                    namespace.using_names.append(name)
                own.names[position + 1] = name
            own.using.append(name)
            parent_using.append(name)
            push(position, name)
    left.parent_using = right.parent_using = parent_using
    _name_using(namespace, tree.left, parent_using)
    _name_using(namespace, tree.right, parent_using)


def _unique(namespace: Namespace, columns: ColumnNames, name: str) -> str:
    """The name, numbered if the entry has it already or a join around it merges a column of that name."""
    taken = {*columns.names.values(), *namespace.using_names, *columns.parent_using}
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        suffix = f"_{number}"
        candidate = truncate(name, NAME_BYTES - len(suffix)) + suffix
    return candidate


def _name_columns(catalog: Catalog, namespace: Namespace, index: int) -> None:
    """Names for the columns of a table, subquery or function (`set_relation_column_names`)."""
    rte, columns = namespace.rtes[index], namespace.columns[index]
    relation = relation_at(catalog, rte.relation) if rte.kind == "relation" else None
    real = _real_columns(rte, relation)
    aliases = rte.alias.columns if rte.alias is not None else ()
    changed = False
    positions = {number: at for at, number in enumerate(rte.numbers)}
    for at, (number, real_name) in enumerate(real):
        name = columns.names.get(number)
        if name is None:
            position = positions.get(number, len(aliases)) if relation is not None else at
            name = _unique(namespace, columns, aliases[position] if position < len(aliases) else real_name)
            columns.names[number] = name
        columns.listed.append(name)
        changed = changed or name != real_name
    if rte.kind == "relation":
        columns.print_aliases = changed
    elif rte.kind == "function":
        columns.print_aliases = True
    else:
        columns.print_aliases = bool(aliases) or changed


def _real_columns(rte: Rte, relation: Relation | None) -> list[tuple[int, str]]:
    """Attribute number and present name of each column."""
    if relation is not None:
        if relation.kind == "S" and not relation.columns:
            return list(zip(rte.numbers, rte.columns, strict=True))
        return [(column.number, column.name) for column in relation.columns]
    if rte.alias is not None and rte.alias.columns and rte.query is not None:
        inner = [target.name or "?column?" for target in rte.query.outputs]
        return list(enumerate(inner, 1))
    return list(enumerate(rte.columns, 1))


def _name_joins(namespace: Namespace, tree: Join | RangeRef) -> None:
    """Names for the columns of joins, inner ones first (`set_join_column_names`)."""
    if isinstance(tree, RangeRef):
        return
    _name_joins(namespace, tree.left)
    _name_joins(namespace, tree.right)
    rte = namespace.rtes[tree.index - 1]
    own = namespace.columns[tree.index - 1]
    changed = False
    for position in range(len(own.using), len(rte.columns)):
        left, right = rte.left_columns[position], rte.right_columns[position]
        side, at = (tree.left, left) if left else (tree.right, right)
        real = namespace.columns[side.index - 1].names.get(_attribute(namespace, side, at))
        if real is None:
            continue
        if rte.alias is None:
            own.names[position + 1] = real
            continue
        name = own.names.get(position + 1)
        if name is None:
            aliased = position < len(rte.alias.columns)
            name = _unique(namespace, own, rte.alias.columns[position] if aliased else real)
            own.names[position + 1] = name
        changed = changed or name != real
    own.listed = [own.names[number] for number in sorted(own.names)]
    own.print_aliases = rte.alias is not None and changed
