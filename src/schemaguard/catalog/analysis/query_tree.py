"""Analysed queries: `Query`, its range table and its join tree, as `parsenodes.h` has them."""

from __future__ import annotations

import msgspec

from schemaguard.catalog.analysis.tree import Expr
from schemaguard.catalog.builtin.operators import Operator


class SortGroup(msgspec.Struct, frozen=True, gc=False):
    """An entry of GROUP BY, ORDER BY, DISTINCT or PARTITION BY: a target by its `ref`, and how it is ordered.

    `operator`: the sort operator of ORDER BY … USING, where it is neither the type's `<` nor its `>`.
    """

    ref: int
    descending: bool = False
    nulls_first: bool = False
    operator: Operator | None = None
    hashable: bool = True


class GroupingSet(msgspec.Struct, frozen=True, gc=False):
    """An element of GROUP BY. `kind`: simple, empty, rollup, cube or sets; `refs` of a simple one."""

    kind: str
    refs: tuple[int, ...] = ()
    content: tuple[GroupingSet, ...] = ()


class Target(msgspec.Struct, frozen=True, gc=False):
    """An entry of the target list. `ref`: what sort and group clauses call it, 0 for none.

    `junk`: it is computed for ORDER BY or GROUP BY only. `origin`: table oid and attribute number of a plain column.
    """

    expr: Expr
    name: str | None
    ref: int = 0
    junk: bool = False
    origin: tuple[int, int] | None = None


class Alias(msgspec.Struct, frozen=True, gc=False):
    """``AS name (columns)``."""

    name: str
    columns: tuple[str, ...] = ()


class RangeFunctionItem(msgspec.Struct, frozen=True, gc=False):
    """A function of FROM: its call, how many columns it gives, and those of a column definition list."""

    call: Expr
    width: int
    definitions: tuple[tuple[str, int, int], ...] = ()
    """Name, type and typmod of each column of ``AS (a int, b text)``."""


class Rte(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A range table entry. `kind`: relation, subquery, join, function, values, cte or other.

    `alias` is the user's; `name` and `columns` are what its columns were called when it was analysed (`eref`), with
    their types and typmods. Of a relation, attribute numbers are the table's own (`numbers`); of all others they
    count from 1.
    """

    kind: str
    name: str
    alias: Alias | None = None
    columns: tuple[str, ...] = ()
    types: tuple[int, ...] = ()
    typmods: tuple[int, ...] = ()
    numbers: tuple[int, ...] = ()
    lateral: bool = False
    in_from: bool = True
    relation: int = 0
    relation_kind: str = ""
    only: bool = False
    sample: tuple[str, tuple[Expr, ...], Expr | None] | None = None
    query: Query | None = None
    functions: tuple[RangeFunctionItem, ...] = ()
    ordinality: bool = False
    rows: tuple[tuple[Expr, ...], ...] = ()
    cte: str = ""
    cte_level: int = 0
    recursive: bool = False
    join_type: str = ""
    merged: int = 0
    join_vars: tuple[Expr, ...] = ()
    left_columns: tuple[int, ...] = ()
    right_columns: tuple[int, ...] = ()
    using_alias: str = ""


class RangeRef(msgspec.Struct, frozen=True, gc=False):
    """A leaf of the join tree: an index in the range table, from 1."""

    index: int


class Join(msgspec.Struct, frozen=True, gc=False):
    """A join. `kind`: inner, left, right or full; `index` its own range table entry."""

    kind: str
    left: Join | RangeRef
    right: Join | RangeRef
    index: int
    using: tuple[str, ...] = ()
    condition: Expr | None = None
    alias: Alias | None = None


class Window(msgspec.Struct, frozen=True, gc=False):
    """An entry of WINDOW, or what stands after OVER. `copied`: the window it refers to was extended."""

    name: str | None
    refers_to: str | None
    partition: tuple[SortGroup, ...]
    order: tuple[SortGroup, ...]
    frame: int
    start: Expr | None = None
    end: Expr | None = None
    copied: bool = False


class CommonTable(msgspec.Struct, frozen=True, gc=False):
    """An entry of WITH."""

    name: str
    query: Query
    aliases: tuple[str, ...] = ()
    materialized: str = ""
    recursive: bool = False
    search: tuple[bool, tuple[str, ...], str] | None = None
    cycle: tuple[tuple[str, ...], str, Expr, Expr, str, bool] | None = None


class SetOperation(msgspec.Struct, frozen=True, gc=False):
    """A node of a UNION, INTERSECT or EXCEPT tree; leaves are subqueries of the range table."""

    operation: str
    all: bool
    left: SetOperation | RangeRef
    right: SetOperation | RangeRef
    types: tuple[int, ...]
    typmods: tuple[int, ...]


class RowMark(msgspec.Struct, frozen=True, gc=False):
    """``FOR UPDATE OF …``."""

    index: int
    strength: str
    wait: str
    pushed_down: bool = False


class Query(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An analysed SELECT or VALUES."""

    targets: tuple[Target, ...]
    rtes: tuple[Rte, ...]
    joins: tuple[Join | RangeRef, ...] = ()
    where: Expr | None = None
    groups: tuple[SortGroup, ...] = ()
    grouping_sets: tuple[GroupingSet, ...] = ()
    group_distinct: bool = False
    having: Expr | None = None
    windows: tuple[Window, ...] = ()
    distinct: tuple[SortGroup, ...] | None = None
    distinct_on: bool = False
    sort: tuple[SortGroup, ...] = ()
    offset: Expr | None = None
    limit: Expr | None = None
    with_ties: bool = False
    ctes: tuple[CommonTable, ...] = ()
    recursive: bool = False
    set_operations: SetOperation | None = None
    marks: tuple[RowMark, ...] = ()

    @property
    def outputs(self) -> list[Target]:
        """The targets that are columns of the result."""
        return [target for target in self.targets if not target.junk]
