"""The bounds of partitions: of the parent's kind, and clear of those of the other partitions."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, string
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    INVALID_OBJECT_DEFINITION,
    INVALID_TABLE_DEFINITION,
    Refused,
)
from schemaguard.catalog.model import Infinite, PartitionBound, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Table, TypeRef
    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

STRATEGIES = {"PARTITION_STRATEGY_LIST": "l", "PARTITION_STRATEGY_RANGE": "r", "PARTITION_STRATEGY_HASH": "h"}
_WORDS = {"l": "list", "r": "range", "h": "hash"}
_INFINITE = {"minvalue": Infinite(-1), "maxvalue": Infinite(1)}


def read_bound(run: Run, parent: Table, node: Node) -> PartitionBound:
    """What FOR VALUES says, with its values as the partition key's types have them (`transformPartitionBound`).

    Raises:
        Refused: it is of another kind than the parent's partition key, or a value does not fit.
    """
    strategy = STRATEGIES[(parent.partition_key or {})["strategy"]]
    if node.get("is_default"):
        if strategy == "h":
            raise Refused(
                INVALID_TABLE_DEFINITION, "a hash-partitioned table may not have a default partition"
            )
        return PartitionBound(strategy, default=True)
    if node.get("strategy") != strategy:
        raise Refused(
            INVALID_TABLE_DEFINITION, f"invalid bound specification for a {_WORDS[strategy]} partition"
        )
    if strategy == "h":
        return _hash(node)
    keys = _key_types(parent)
    if strategy == "l":
        values = [_value(run, item, *keys[0]) for item in node["listdatums"]]
        unique = [value for at, value in enumerate(values) if value not in values[:at]]
        return PartitionBound(strategy, values=tuple(unique))
    return PartitionBound(
        strategy,
        values=_side(run, node["lowerdatums"], keys, "FROM"),
        upper=_side(run, node["upperdatums"], keys, "TO"),
    )


def _hash(node: Node) -> PartitionBound:
    modulus, remainder = node.get("modulus", 0), node.get("remainder", 0)
    for bad, message in (
        (modulus <= 0, "modulus for hash partition must be an integer value greater than zero"),
        (
            remainder < 0,
            "remainder for hash partition must be an integer value greater than or equal to zero",
        ),
        (remainder >= modulus, "remainder for hash partition must be less than modulus"),
    ):
        if bad:
            raise Refused(INVALID_TABLE_DEFINITION, message)
    return PartitionBound("h", modulus=modulus, remainder=remainder)


def _key_types(parent: Table) -> list[tuple[TypeRef | None, str]]:
    """Type and name of each key; the type of an expression is None where it can't be told."""
    from schemaguard.catalog.analysis.bound import bound_of
    from schemaguard.catalog.analysis.types import type_ref

    expressions = iter(parent.partition_expressions)
    found: list[tuple[TypeRef | None, str]] = []
    for element in (parent.partition_key or {}).get("partParams") or ():
        fields = element["PartitionElem"]
        if name := fields.get("name"):
            column = parent.column_at(dict(parent.partition_columns)[name])
            found.append((column.type if column else None, column.name if column else name))
            continue
        tree = bound_of(next(expressions)).tree
        found.append((type_ref(tree.type, tree.typmod) if tree.type else None, ""))
    return found


def _side(
    run: Run, nodes: Sequence[Node], keys: list[tuple[TypeRef | None, str]], word: str
) -> tuple[Any, ...]:
    if len(nodes) != len(keys):
        message = f"{word} must specify exactly one value per partitioning column"
        raise Refused(INVALID_TABLE_DEFINITION, message)
    values = tuple(_value(run, node, *key) for node, key in zip(nodes, keys, strict=True))
    for before, after in pairwise(values):
        if isinstance(before, Infinite) and after != before:
            name = "MINVALUE" if before.sign < 0 else "MAXVALUE"
            raise Refused(DATATYPE_MISMATCH, f"every bound following {name} must also be {name}")
    if any(_is_null(value) for value in values):
        raise Refused(INVALID_OBJECT_DEFINITION, "cannot specify NULL in range bound")
    return values


def _value(run: Run, node: Node, of: TypeRef | None, name: str) -> Any:  # noqa: ANN401 - a constant, or Infinite
    from schemaguard.catalog.analysis.binding import bind_expression
    from schemaguard.catalog.analysis.bound import bound_of

    tag, fields = only(node)
    if tag == "ColumnRef" and len(fields["fields"]) == 1 and "String" in fields["fields"][0]:
        infinite = _INFINITE.get(string(fields["fields"][0]))
        if infinite is not None:
            return infinite
    return bound_of(
        bind_expression(run.session, node, None, None, context="bound", target=of, name=name)
    ).tree


def _is_null(value: Any) -> bool:  # noqa: ANN401 - a constant, or Infinite
    from schemaguard.catalog.analysis.tree import Const

    return isinstance(value, Const) and value.value is None


# Against the other partitions


def refuse_overlap(run: Run, parent: Table, name: str, bound: PartitionBound) -> None:
    """Refuse a bound that takes what another partition of `parent` has (`check_new_partition_bound`)."""
    others = [(child.name, child.partition_bound) for child in run.catalog.children(parent.oid)]
    present = [(other, theirs) for other, theirs in others if theirs is not None]
    if bound.default:
        for other, theirs in present:
            if theirs.default:
                message = f'partition "{name}" conflicts with existing default partition "{other}"'
                raise Refused(INVALID_OBJECT_DEFINITION, message)
        return
    present = [(other, theirs) for other, theirs in present if not theirs.default]
    compare = _Comparison(run.catalog)
    if bound.strategy == "h":
        _refuse_modulus(bound, [theirs for _other, theirs in present])
    if bound.strategy == "r" and compare.before(bound.upper, bound.values, or_equal=True):
        raise Refused(INVALID_OBJECT_DEFINITION, f'empty range bound specified for partition "{name}"')
    for other, theirs in present:
        if compare.overlap(bound, theirs):
            raise Refused(INVALID_OBJECT_DEFINITION, f'partition "{name}" would overlap partition "{other}"')


def _refuse_modulus(bound: PartitionBound, present: list[PartitionBound]) -> None:
    """The moduli of hash partitions divide each other."""
    smaller = [theirs.modulus for theirs in present if theirs.modulus <= bound.modulus]
    larger = [theirs.modulus for theirs in present if theirs.modulus >= bound.modulus]
    if (smaller and bound.modulus % max(smaller)) or (larger and min(larger) % bound.modulus):
        message = "every hash partition modulus must be a factor of the next larger modulus"
        raise Refused(INVALID_OBJECT_DEFINITION, message)


class _Comparison:
    """Compares the values of bounds; what can't be compared overlaps nothing."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def overlap(self, one: PartitionBound, other: PartitionBound) -> bool:
        """Whether two bounds share a value."""
        if one.strategy == "h":
            smaller = min(one.modulus, other.modulus)
            return one.remainder % smaller == other.remainder % smaller
        if one.strategy == "l":
            ours = [self._key(value) for value in one.values]
            return any(self._key(value) in ours for value in other.values if self._key(value) is not None)
        return self.before(one.values, other.upper) and self.before(other.values, one.upper)

    def before(self, left: Sequence[Any], right: Sequence[Any], *, or_equal: bool = False) -> bool:
        """Whether one row of values comes before another."""
        for one, other in zip(left, right, strict=True):
            mine, theirs = self._key(one), self._key(other)
            if mine is None or theirs is None:
                return False
            if mine != theirs:
                return bool(mine < theirs)
        return or_equal

    def _key(self, value: Any) -> tuple[int, Any] | None:  # noqa: ANN401 - a constant, or Infinite
        """What sorts as the value does; None where that can't be told."""
        from schemaguard.catalog.analysis.tree import Const

        if isinstance(value, Infinite):
            return value.sign, ""
        if not isinstance(value, Const) or value.reason:
            return None
        if value.value is None:
            return 0, None
        record = self.catalog.objects.get(value.type)
        if isinstance(record, Type) and record.kind == "e":
            return 0, record.labels.index(value.value)
        if value.type in _NUMBERS:
            try:
                return 0, Decimal(value.value)
            except InvalidOperation:
                return None
        return 0, value.value


_NUMBERS = (20, 21, 23, 26, 700, 701, 1700)
