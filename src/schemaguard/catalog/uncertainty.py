"""Facts that depend on something the replay cannot know.

What a stretch of the history changed that was perhaps not run is listed fact by fact in `catalog.unknown`, with the
reason and the statement. Which rows of the system catalogs are in doubt is kept for catalog queries: `doubts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.changed_facts import Fact, Kind, changed_facts
from schemaguard.catalog.model import DefaultAcl, Membership, Relation, Unknown

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog

DOUBTS = "doubts"
"""The key of `catalog.facts` under which the doubts are kept."""


class Doubts(NamedTuple):
    """What catalog queries can't rely on, each with its reason.

    `existence`: objects (oid, 0) and columns (oid, number) that are perhaps not there; `facts`: those of which
    something is not known; `gone`: records that are perhaps still there; `defaults`: default privileges, with the oid
    from which on new objects may have been made under them.
    """

    existence: dict[tuple[int, int], str]
    facts: dict[tuple[int, int], str]
    gone: tuple[tuple[Any, str], ...]
    defaults: tuple[tuple[DefaultAcl, int, str], ...]


NO_DOUBTS = Doubts({}, {}, (), ())


def doubts(catalog: Catalog) -> Doubts:
    """What is in doubt now."""
    found: Doubts = catalog.facts.get(DOUBTS, NO_DOUBTS)
    return found


def mark_uncertain(catalog: Catalog, mark: int, reason: str) -> list[str]:
    """List every fact that was changed since `mark` as unknown, because of `reason`; their paths."""
    from schemaguard.catalog.seeds import doubt_since

    doubt_since(catalog, mark, reason)
    facts = _outermost(list(changed_facts(catalog, mark)))
    if not facts:
        return []
    for fact in facts:
        key = (fact.path, reason)
        catalog.put(catalog.unknown, key, Unknown(fact.path, reason, fact.because))
    catalog.put(catalog.facts, DOUBTS, _with(doubts(catalog), facts, reason, catalog))
    return [fact.path for fact in facts]


def _outermost(facts: list[Fact]) -> list[Fact]:
    """The facts without those that belong to an object of which not even the existence is known."""
    whole = {fact.path for fact in facts if fact.kind != "changed"}
    kept: dict[str, Fact] = {}
    for fact in facts:
        parts = fact.path.split("/")
        if not any("/".join(parts[:at]) in whole for at in range(1, len(parts))):
            kept.setdefault(fact.path, fact)
    return list(kept.values())


class Changes:
    """What a branch changed, remembered for when it turns out not to be the one whose state stays."""

    def __init__(self, catalog: Catalog | None = None, mark: int = 0) -> None:
        """Remember the changes since `mark`, as facts."""
        self.facts = _outermost(list(changed_facts(catalog, mark))) if catalog is not None else []


NOTHING = Changes()
_FROM_HERE: dict[Kind, Kind] = {"new": "gone", "gone": "new", "changed": "changed"}
"""What a change of another branch is, seen from the branch whose state stays."""


def add_unknown(catalog: Catalog, changes: Changes, reason: str) -> None:
    """List as unknown what another branch would have changed: what it would have made is perhaps there."""
    missing = [fact for fact in changes.facts if (fact.path, reason) not in catalog.unknown]
    for fact in missing:
        catalog.put(catalog.unknown, (fact.path, reason), Unknown(fact.path, reason, fact.because))
    seen_from_here = [fact._replace(kind=_FROM_HERE[fact.kind]) for fact in missing]
    if missing:
        catalog.put(catalog.facts, DOUBTS, _with(doubts(catalog), seen_from_here, reason, catalog))


def _with(known: Doubts, facts: list[Fact], reason: str, catalog: Catalog) -> Doubts:
    existence, changed = dict(known.existence), dict(known.facts)
    gone, defaults = list(known.gone), list(known.defaults)
    for fact in facts:
        record = fact.record
        if isinstance(record, DefaultAcl):
            defaults.append((record, catalog.new_oid(), reason))
        elif isinstance(record, Membership):
            changed[record.member, 0] = reason
        elif fact.kind == "gone":
            gone.append((record, reason))
        else:
            target = existence if fact.kind == "new" else changed
            target[getattr(record, "oid", 0), fact.sub] = reason
    return Doubts(existence, changed, tuple(gone), tuple(defaults))


def in_doubt(catalog: Catalog, message: str) -> str:
    """Why an error that names objects may not be one: something of that name is perhaps there, or not; "" if not."""
    found = doubts(catalog)
    if found is NO_DOUBTS:
        return ""
    for oid, _sub in found.existence:
        record = catalog.objects.get(oid)
        if _named(record, message):
            return found.existence[oid, _sub]
    return next((reason for record, reason in found.gone if _named(record, message)), "")


def _named(record: Any, message: str) -> bool:  # noqa: ANN401 - any record
    name = getattr(record, "name", "")
    if isinstance(record, Relation) and any(f'"{column.name}"' in message for column in record.columns):
        return f'"{name}"' in message
    return bool(name) and (f'"{name}"' in message or f'.{name}"' in message)


def effect_signature(catalog: Catalog, mark: int) -> frozenset[tuple[Any, ...]]:
    """The changes since `mark` without their provenance, to compare two branches from the same state."""
    maps = {id(value): name for name, value in vars(catalog).items() if isinstance(value, dict)}
    found = set()
    for mapping, key, _old in catalog.changed_since(mark):
        name = maps.get(id(mapping))
        if name is not None:
            found.add((name, repr(key), plain(mapping.get(key))))
    return frozenset(found)


def plain(value: Any) -> Any:  # noqa: ANN401 - any record
    """A record as a comparable value without its `because` fields."""
    fields = getattr(value, "__struct_fields__", None)
    if fields is not None:
        return (
            type(value).__name__,
            *(plain(getattr(value, name)) for name in fields if not name.endswith("because")),
        )
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return _plain_node(value)
    return value


def _plain_node(node: Any) -> str:  # noqa: ANN401 - a parse tree
    """A parse tree without its locations, as text."""
    if isinstance(node, dict):
        return (
            "{" + ",".join(f"{k}:{_plain_node(v)}" for k, v in node.items() if "location" not in str(k)) + "}"
        )
    if isinstance(node, list):
        return "[" + ",".join(_plain_node(item) for item in node) + "]"
    return repr(node)


def paths_in_words(paths: list[str], most: int = 3) -> str:
    """A few paths of facts, for a message."""
    shown = ", ".join(f"`{path}`" for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"
