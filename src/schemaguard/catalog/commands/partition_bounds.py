"""The bounds of partitions: of the parent's kind, and clear of those of the other partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import INVALID_TABLE_DEFINITION, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.model import Table
    from schemaguard.statements.statement import Node

STRATEGIES = {"PARTITION_STRATEGY_LIST": "l", "PARTITION_STRATEGY_RANGE": "r", "PARTITION_STRATEGY_HASH": "h"}


def check_bound(parent: Table, bound: Node) -> None:
    """Refuse a bound of another strategy than the parent's."""
    strategy = STRATEGIES.get((parent.partition_key or {}).get("strategy", ""), "")
    if bound.get("is_default"):
        if strategy == "h":
            raise Refused(
                INVALID_TABLE_DEFINITION, "a hash-partitioned table may not have a default partition"
            )
        return
    if bound.get("strategy") != strategy:
        words = {"l": "list", "r": "range", "h": "hash"}
        raise Refused(
            INVALID_TABLE_DEFINITION, f"invalid bound specification for a {words[strategy]} partition"
        )
    width = len((parent.partition_key or {}).get("partParams") or ())
    for side, word in (("lowerdatums", "FROM"), ("upperdatums", "TO")):
        if side in bound and len(bound[side]) != width:
            raise Refused(
                INVALID_TABLE_DEFINITION, f"{word} must specify exactly one value per partitioning column"
            )
