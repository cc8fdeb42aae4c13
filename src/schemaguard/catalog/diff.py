"""Two states of a schema, as facts, compared: what one has and the other has not, fact by fact."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from schemaguard.catalog.facts.shape import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemaguard.catalog.facts.shape import Facts

Path = tuple[str, ...]


class _Absent:
    """Stands on the side of a difference where there is no such fact."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


class Difference(NamedTuple):
    """One fact, or one whole object, that differs; `ABSENT` on the side that has none.

    `path` leads to it: ``("tables", "public.orders", "columns", "status", "not_null")``.
    """

    path: Path
    left: Any
    right: Any

    @property
    def missing_left(self) -> bool:
        """Whether only the right side has it."""
        return self.left is ABSENT

    @property
    def missing_right(self) -> bool:
        """Whether only the left side has it."""
        return self.right is ABSENT


class Agreement(NamedTuple):
    """How many facts of a kind there are on either side, and how many of them are the same on both."""

    same: int
    total: int

    @property
    def share(self) -> float:
        """The part that is the same, from 0 to 1."""
        return self.same / self.total if self.total else 1.0


def differences(left: Facts, right: Facts) -> list[Difference]:
    """What differs between two states, in the order of the facts.

    Paths that either side calls unknown are left out of both, and so is where facts were made true.
    """
    hidden = _hidden(left, right)
    found: list[Difference] = []
    for kind in KINDS:
        one, other = left.get(kind), right.get(kind)
        if one != other:
            found.extend(_compare((kind,), one, other, hidden))
    return found


def agreement(left: Facts, right: Facts) -> dict[str, Agreement]:
    """How far two states agree, by kind of fact; kinds that neither side has anything of are left out."""
    hidden = _hidden(left, right)
    differing: Counter[str] = Counter()
    for path, one, other in differences(left, right):
        differing[path[0]] += max(_leaves(one), _leaves(other))
    found = {}
    for kind in KINDS:
        total = max(_leaves(_visible((kind,), side.get(kind), hidden)) for side in (left, right))
        total = max(total, differing[kind])
        if total:
            found[kind] = Agreement(total - differing[kind], total)
    return found


def _hidden(*sides: Facts) -> frozenset[Path]:
    return frozenset(tuple(unknown["path"].split("/")) for side in sides for unknown in side["unknown"])


def _is_hidden(path: Path, hidden: frozenset[Path]) -> bool:
    """Whether a path is unknown; routines are also meant by their name without arguments."""
    if not hidden:
        return False
    return path in hidden or (*path[:-1], path[-1].partition("(")[0]) in hidden


def _compare(path: Path, left: Any, right: Any, hidden: frozenset[Path]) -> Iterator[Difference]:  # noqa: ANN401
    if _is_hidden(path, hidden):
        return
    if isinstance(left, dict) and isinstance(right, dict):
        for key in [*left, *(key for key in right if key not in left)]:
            if not _is_place(key):
                yield from _compare((*path, key), left.get(key, ABSENT), right.get(key, ABSENT), hidden)
    elif (ours := entries(left)) is not None and (theirs := entries(right)) is not None:
        yield from _compare(path, ours, theirs, hidden)
        common = [name for name in ours if name in theirs]
        if path[-1] == "columns" and common != [name for name in theirs if name in ours]:
            yield Difference((*path, "order"), list(ours), list(theirs))
    elif left != right:
        yield Difference(path, _without_places(left), _without_places(right))


def _is_place(key: str) -> bool:
    return key == "because" or key.endswith("_because")


def _without_places(fact: Any) -> Any:  # noqa: ANN401 - any level of the facts
    if isinstance(fact, dict):
        return {key: _without_places(value) for key, value in fact.items() if not _is_place(key)}
    if isinstance(fact, list):
        return [_without_places(entry) for entry in fact]
    return fact


# What makes an entry of a list the same entry on both sides; the first of these whose keys it has.
_IDENTITIES = (
    ("for_role", "schema", "objtype", "grantee", "privilege"),
    ("column", "grantee", "privilege", "grantor"),
    ("grantee", "privilege", "grantor"),
    ("role", "grantor"),
    ("name",),
)


def entries(fact: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any level of the facts
    """A list of objects by what identifies each; None for anything else. An empty list may be either."""
    if not isinstance(fact, list) or (fact and not isinstance(fact[0], dict)):
        return None
    if not fact:
        return {}
    keys = next(keys for keys in _IDENTITIES if all(key in fact[0] for key in keys))
    return {" ".join(str(entry[key]) for key in keys): entry for entry in fact}


def _visible(path: Path, fact: Any, hidden: frozenset[Path]) -> Any:  # noqa: ANN401 - any level of the facts
    """The fact without its unknown parts."""
    if _is_hidden(path, hidden):
        return ABSENT
    members = fact if isinstance(fact, dict) else entries(fact)
    if hidden and members:
        return {key: _visible((*path, key), value, hidden) for key, value in members.items()}
    return fact


def _leaves(fact: Any) -> int:  # noqa: ANN401 - any level of the facts
    """How many single facts there are in an object."""
    if fact is ABSENT:
        return 0
    if isinstance(fact, dict):
        own = cast("Mapping[str, Any]", fact)
        return sum(_leaves(value) for key, value in own.items() if not _is_place(key))
    if isinstance(fact, list) and fact and isinstance(fact[0], dict):
        return sum(_leaves(entry) for entry in fact)
    return 1
