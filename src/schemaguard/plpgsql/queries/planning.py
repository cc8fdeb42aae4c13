"""In which order the items of FROM are gone through, and how the rows of each are found.

The items of an inner join may be taken in any order. The one whose rows a condition finds directly comes first
(`relname = 'orders'`: one look in a map), and each later one is reached through the conditions that tie it to those
before it. What a catalog query costs is then set by what it finds, not by the size of the schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.plpgsql.expressions.json_operators import flat
from schemaguard.plpgsql.values.casts import read_array
from schemaguard.plpgsql.values.kinds import Reg, Unknown, Value, hashable
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.plpgsql.expressions.scope import Entry, Env, Getter


class Key(NamedTuple):
    """A way to the rows of a FROM item: its `column` equals `value` (or with `many` one of its elements)."""

    at: int
    column: str
    value: Getter
    uses: frozenset[int]
    many: bool


class Condition(NamedTuple):
    """One conjunct of WHERE or ON: the FROM items it uses, and the keys it offers."""

    holds: Getter
    uses: frozenset[int]
    keys: tuple[Key, ...]


class Leaf:
    """A FROM item; `needs` are the items that it refers to (LATERAL, arguments of a function)."""

    def __init__(self, at: int, entry: Entry, needs: frozenset[int]) -> None:
        """Take the item, its index in the scope, and what it refers to."""
        self.at = at
        self.entry = entry
        self.needs = needs
        self.members = frozenset((at,))


class OuterJoin:
    """LEFT or FULL JOIN; RIGHT is LEFT the other way round."""

    def __init__(self, left: Tree, right: Tree, conditions: list[Condition], *, full: bool) -> None:
        """Take both sides and the conjuncts of ON."""
        self.left = left
        self.right = right
        self.conditions = conditions
        self.full = full
        self.members: frozenset[int] = left.members | right.members
        self.needs: frozenset[int] = (left.needs | right.needs) - self.members


class Group:
    """Items that are joined with each other: a comma list, CROSS JOIN, INNER JOIN."""

    def __init__(self, items: list[Tree], conditions: list[Condition]) -> None:
        """Take the items and the conjuncts of all ON clauses."""
        self.items = items
        self.conditions = conditions
        self.members: frozenset[int] = frozenset().union(*(item.members for item in items))
        self.needs: frozenset[int] = frozenset().union(*(item.needs for item in items)) - self.members


Tree = Leaf | OuterJoin | Group


class Plan:
    """A tree with an order: `run` fills `env.rows` for each combination of rows that meets the conditions.

    It yields the first unknown condition of the combination, or None where all are known to hold.
    """

    cost = 0

    def run(self, env: Env, pending: Unknown | None) -> Iterator[Unknown | None]:
        """Go through the combinations."""
        raise NotImplementedError


class Scan(Plan):
    """The rows of one FROM item that meet `filters`, found by `key` where there is one."""

    def __init__(self, leaf: Leaf, key: Key | None, filters: list[Condition]) -> None:
        """Take the item and how to come to its rows."""
        self.at = leaf.at
        self.entry = leaf.entry
        self.lateral = bool(leaf.needs)
        self.key = key
        self.filters = [condition.holds for condition in filters]
        native = key is not None and key.column in leaf.entry.lookups
        self.cost = 0 if native else 1 if key is not None else 2

    def run(self, env: Env, pending: Unknown | None) -> Iterator[Unknown | None]:
        """Go through the rows."""
        rows, at, filters, doubt = env.rows, self.at, self.filters, self.entry.doubt
        if self.entry.missing is not None:
            self._ask_for_missing(env)
        for row in self._candidates(env):
            rows[at] = row
            verdict = check(filters, env, pending)
            if verdict is not False:
                if doubt is not None and verdict is None and (why := doubt(row)):
                    verdict = Unknown(why)
                yield verdict
        rows[at] = None

    def _ask_for_missing(self, env: Env) -> None:
        """Something of that name may be there and not be among the rows."""
        assert self.entry.missing is not None  # noqa: S101 - the caller's condition, for the type checker
        value = None
        if self.key is not None and not self.key.many and self.key.column.endswith(("name", "oid")):
            value = self.key.value(env)
        self.entry.missing(None if isinstance(value, Unknown) else value)

    def _candidates(self, env: Env) -> Iterable[Any]:
        if self.key is None:
            return self._all(env)
        value = self.key.value(env)
        if value is None:
            return ()
        if isinstance(value, Unknown):
            return self._all(env)
        if not self.key.many:
            return self._find(env, value)
        items = read_array(value) if isinstance(value, str) else flat(value)
        if any(isinstance(item, Unknown) for item in items):
            return self._all(env)
        distinct = {hashable(item): item for item in items if item is not None}
        return [row for item in distinct.values() for row in self._find(env, item)]

    def _all(self, env: Env) -> Iterable[Any]:
        """All rows of the item; unless they depend on other items, made once for each run of the query level."""
        if self.lateral:
            return self.entry.rows(env)
        key = (self.at, "")
        if key not in env.cache:
            env.cache[key] = list(self.entry.rows(env))
        rows: list[Any] = env.cache[key]
        return rows

    def _find(self, env: Env, value: Value) -> Iterable[Any]:
        """The rows with a value in the key's column, and those where it is not known."""
        assert self.key is not None  # noqa: S101 - the callers' condition, for the type checker
        lookup = self.entry.lookups.get(self.key.column)
        if lookup is not None:
            return lookup(value)
        if self.lateral:
            return self.entry.rows(env)
        index = self._index(env, self.key.column)
        family = _family(value)
        if family not in index.families:
            return index.odd if index.families <= {family} or not index.families else self._all(env)
        return [*index.rows.get(hashable(value), ()), *index.odd]

    def _index(self, env: Env, column: str) -> _Index:
        found = env.cache.get((self.at, column))
        if found is None:
            found = env.cache[self.at, column] = _Index(self._all(env), self.entry.columns[column])
        return found


class _Index:
    """Rows by the value of a column; `odd` are those whose value is not known."""

    def __init__(self, rows: Iterable[Any], column: Any) -> None:  # noqa: ANN401 - a column's function
        self.rows: dict[Any, list[Any]] = {}
        self.odd: list[Any] = []
        self.families: set[str] = set()
        for row in rows:
            value = column(row)
            if isinstance(value, Unknown):
                self.odd.append(row)
            elif value is not None:
                self.rows.setdefault(hashable(value), []).append(row)
                self.families.add(_family(value))


def _family(value: Value) -> str:
    """Values of one family are equal where their keys are; between families the comparison converts."""
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, (int, Reg)) else type(value).__name__


class Nested(Plan):
    """One plan inside of the other, in order."""

    def __init__(self, steps: list[Plan], last: list[Condition]) -> None:
        """Take the plans, outermost first, and the conditions that only all together can answer."""
        self.steps = steps
        self.filters = [condition.holds for condition in last]
        self.cost = steps[0].cost if steps else 0

    def run(self, env: Env, pending: Unknown | None) -> Iterator[Unknown | None]:
        """Go through the combinations."""
        for verdict in self._from(0, env, pending):
            checked = check(self.filters, env, verdict)
            if checked is not False:
                yield checked

    def _from(self, index: int, env: Env, pending: Unknown | None) -> Iterator[Unknown | None]:
        if index == len(self.steps):
            yield pending
            return
        for verdict in self.steps[index].run(env, pending):
            yield from self._from(index + 1, env, verdict)


class Outer(Plan):
    """LEFT JOIN (with `full` also the rows of the right side that found no partner)."""

    def __init__(self, left: Plan, right: Plan, join: OuterJoin, filters: list[Condition]) -> None:
        """Take the plans of both sides; `filters` are conditions of WHERE on the joined rows."""
        self.left = left
        self.right = right
        self.full = join.full
        self.left_members, self.right_members = join.left.members, join.right.members
        self.filters = [condition.holds for condition in filters]
        self.cost = left.cost

    def run(self, env: Env, pending: Unknown | None) -> Iterator[Unknown | None]:
        """Go through the combinations."""
        matched: set[tuple[int, ...]] = set()
        for verdict in self.left.run(env, pending):
            found = False
            for joined in self.right.run(env, verdict):
                found = True
                if self.full:
                    matched.add(tuple(id(env.rows[at]) for at in self.right_members))
                yield from self._checked(env, joined)
            if not found:
                for at in self.right_members:
                    env.rows[at] = None
                yield from self._checked(env, verdict)
        if self.full:
            yield from self._unmatched(env, pending, matched)

    def _unmatched(
        self, env: Env, pending: Unknown | None, matched: set[tuple[int, ...]]
    ) -> Iterator[Unknown | None]:
        for at in self.left_members:
            env.rows[at] = None
        for row in _bare(self.right).run(env, pending):
            if tuple(id(env.rows[at]) for at in self.right_members) not in matched:
                yield from self._checked(env, row)

    def _checked(self, env: Env, pending: Unknown | None) -> Iterator[Unknown | None]:
        verdict = check(self.filters, env, pending)
        if verdict is not False:
            yield verdict


def _bare(plan: Plan) -> Plan:
    """The right side of a FULL JOIN without the conditions of ON."""
    if isinstance(plan, Scan):
        bare = Scan.__new__(Scan)
        bare.at, bare.entry, bare.key, bare.filters, bare.cost = plan.at, plan.entry, None, [], 2
        bare.lateral = plan.lateral
        return bare
    raise Unanswerable("a FULL JOIN with a join on its right side is not evaluated here")


def check(filters: list[Getter], env: Env, pending: Unknown | None) -> Any:  # noqa: ANN401 - see below
    """False where a condition fails; else the first unknown condition, `pending` before all, or None."""
    for holds in filters:
        value = holds(env)
        if isinstance(value, Unknown):
            pending = pending or value
        elif isinstance(value, str):
            if value.lower() not in ("t", "true", "y", "yes", "on", "1"):
                return False
        elif not value:
            return False
    return pending


def make_plan(tree: Tree, conditions: list[Condition], bound: frozenset[int]) -> Plan:
    """The order for a tree, given the conditions on it and the items that are already bound when it runs."""
    if isinstance(tree, Leaf):
        return _scan(tree, conditions, bound)
    if isinstance(tree, OuterJoin):
        return _outer(tree, conditions, bound)
    return _group(tree, conditions, bound)


def _scan(leaf: Leaf, conditions: list[Condition], bound: frozenset[int]) -> Plan:
    ready = [item for item in conditions if item.uses <= bound | leaf.members]
    keys = [
        key
        for item in ready
        for key in item.keys
        if key.at == leaf.at and leaf.at not in key.uses and key.uses <= bound
    ]
    keys.sort(key=lambda key: (key.column not in leaf.entry.lookups, key.many))
    return Scan(leaf, keys[0] if keys else None, ready)


def _outer(join: OuterJoin, conditions: list[Condition], bound: frozenset[int]) -> Plan:
    pushed: list[Condition] = []
    kept: list[Condition] = []
    for item in conditions:
        (pushed if not join.full and not item.uses & join.right.members else kept).append(item)
    left = make_plan(join.left, [item for item in pushed if item.uses <= bound | join.left.members], bound)
    right = make_plan(join.right, join.conditions, bound | join.left.members)
    return Outer(left, right, join, [item for item in kept if item.uses <= bound | join.members])


def _group(group: Group, conditions: list[Condition], bound: frozenset[int]) -> Plan:
    """The cheapest item first, then the cheapest of those that it helps to find, and so on."""
    waiting = list(group.items)
    open_conditions = [*group.conditions, *conditions]
    steps: list[Plan] = []
    while waiting:
        best: tuple[int, int, Tree, Plan] | None = None
        for position, item in enumerate(waiting):
            if not item.needs <= bound:
                continue
            usable = [each for each in open_conditions if each.uses <= bound | item.members]
            plan = make_plan(item, usable, bound)
            if best is None or (plan.cost, position) < best[:2]:
                best = (plan.cost, position, item, plan)
        if best is None:  # a reference forward: let the evaluation say what is wrong
            item = waiting[0]
            best = (2, 0, item, make_plan(item, [], bound))
        _cost, position, item, plan = best
        steps.append(plan)
        del waiting[position]
        bound |= item.members
        open_conditions = [each for each in open_conditions if not each.uses <= bound]
    return Nested(steps, [])
