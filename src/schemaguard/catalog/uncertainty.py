"""Facts that depend on something the replay cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import (
    Constraint,
    Extension,
    Function,
    Policy,
    Relation,
    Role,
    Rule,
    Schema,
    Trigger,
    Type,
    Unknown,
    View,
)

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog


def mark_uncertain(catalog: Catalog, mark: int, reason: str) -> bool:
    """List every object that was changed since `mark` as unknown, because of `reason`; whether there was any."""
    changed = False
    for mapping, key, old in list(catalog.changed_since(mark)):
        if mapping is catalog.seed_rows:
            _doubt_rows(catalog, key, old, reason)
        if mapping is not catalog.objects:
            continue
        record = catalog.objects.get(key, old)
        if catalog.absent(record):
            continue
        changed = True
        path = object_path(catalog, record)
        catalog.put(catalog.unknown, (path, reason), Unknown(path, reason, getattr(record, "because", None)))
    return changed


def _doubt_rows(catalog: Catalog, oid: int, before: Any, reason: str) -> None:  # noqa: ANN401 - Seeds, or absent
    """Only the rows that were there before and are there after are there for certain."""
    from schemaguard.catalog.seeds.records import Doubt, Seeds

    old = Seeds() if catalog.absent(before) else before
    now = catalog.seed_rows.get(oid, Seeds())
    rows = tuple(row for row in now.rows if row in old.rows)
    catalog.put(catalog.seed_rows, oid, Seeds(rows, (*old.doubts, *now.doubts, Doubt(reason))))


def effect_signature(catalog: Catalog, mark: int) -> frozenset[tuple[Any, ...]]:
    """The changes since `mark` without their provenance, to compare two branches from the same state."""
    maps = {id(value): name for name, value in vars(catalog).items() if isinstance(value, dict)}
    found = set()
    for mapping, key, _old in catalog.changed_since(mark):
        name = maps.get(id(mapping))
        if name is not None:
            found.add((name, repr(key), _plain(mapping.get(key))))
    return frozenset(found)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any record
    """A record as a comparable value without its `because` fields."""
    fields = getattr(value, "__struct_fields__", None)
    if fields is not None:
        return (
            type(value).__name__,
            *(_plain(getattr(value, name)) for name in fields if not name.endswith("because")),
        )
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    if isinstance(value, dict):
        return _plain_node(value)
    return value


def _plain_node(node: Any) -> str:  # noqa: ANN401 - a parse tree
    """A parse tree without its locations, as text."""
    if isinstance(node, dict):
        return "{" + ",".join(f"{k}:{_plain_node(v)}" for k, v in node.items() if "location" not in k) + "}"
    if isinstance(node, list):
        return "[" + ",".join(_plain_node(item) for item in node) + "]"
    return repr(node)


def object_path(catalog: Catalog, record: Any) -> str:  # noqa: ANN401 - any record
    """The path of an object in the catalog's JSON: ``tables/public.orders/policies/p``."""
    match record:
        case Relation():
            kinds = {
                "v": "views",
                "m": "matviews",
                "S": "sequences",
                "i": "indexes",
                "I": "indexes",
                "c": "types",
            }
            return f"{kinds.get(record.kind, 'tables')}/{catalog.qualified(record)}"
        case Type():
            return f"types/{catalog.qualified(record)}"
        case Function():
            return f"functions/{catalog.qualified(record)}"
        case Role() | Schema() | Extension():
            return f"{type(record).__name__.lower()}s/{record.name}"
        case Constraint() | Policy() | Trigger() | Rule():
            owner = catalog.objects.get(record.table)
            part = {"Constraint": "constraints", "Policy": "policies", "Trigger": "triggers", "Rule": "rules"}
            base = object_path(catalog, owner) if isinstance(owner, (Relation, View)) else "types"
            return f"{base}/{part[type(record).__name__]}/{record.name}"
        case _:
            return f"{type(record).__name__.lower()}/{getattr(record, 'name', '')}"
