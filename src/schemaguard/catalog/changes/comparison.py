"""Two catalogs compared, and every difference put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from schemaguard.catalog.changes.attributes import attribute_words
from schemaguard.catalog.changes.bodies import body_changes
from schemaguard.catalog.changes.change import Change, brief, known, short
from schemaguard.catalog.changes.objects import PARTS, details, noun, part_details, part_name, part_noun
from schemaguard.catalog.changes.places import Places
from schemaguard.catalog.changes.privileges import LISTS, Privileges, default_changes, reach_changes
from schemaguard.catalog.changes.renames import find_renames, rename_words, spelled_anew
from schemaguard.catalog.diff import ABSENT, Difference, differences, entries
from schemaguard.catalog.facts import facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.changes.renames import Rename
    from schemaguard.catalog.diff import Path
    from schemaguard.catalog.facts.shape import Facts
    from schemaguard.catalog.replay import Step
    from schemaguard.catalog.state import Catalog


def describe(before: Catalog, after: Catalog, steps: Iterable[Step] = ()) -> list[Change]:
    """What was done to the schema between two states of it: renames first, then kind by kind as the facts have them.

    `steps`: the statements between the two, by which what was dropped, revoked or renamed finds its place. The two may
    be states of one history, or of two that differ (both sides of a pull request). `before` is left as it was.
    """
    renames = find_renames(before, after)
    with spelled_anew(before, after, renames) as lent:
        old = facts(before, locations=True)
        new = facts(after, locations=True)
        for name in lent:
            old["schemas"].pop(name, None)
        places = Places((before, old), (after, new), steps)
        found = _Description(old, new, places).changes()
    renamed = [
        change for rename in renames if (change := _renamed(before, after, rename, places)) is not None
    ]
    return [*renamed, *found, *body_changes(before, after), *_unknown(old, new)]


def _renamed(before: Catalog, after: Catalog, rename: Rename, places: Places) -> Change | None:
    said = rename_words(before, after, rename)
    if said is None:
        return None
    what, old, new = said
    slug, place = what.replace(" ", "-"), places.renamed.get(new.rpartition(".")[2])
    if new.rpartition(".")[2] == old.rpartition(".")[2]:
        if rename.old.schema == rename.new.schema:
            return None  # its schema has another name
        words = f"moves {what} {short(old)} to schema {new.partition('.')[0]}"
        return Change(f"{slug}-moved", new, words, None, old, new)
    words = f"renames {what} {short(old)} to {new.rpartition('.')[2]}"
    return Change(f"{slug}-renamed", new, words, place, old, new)


def _unknown(old: Facts, new: Facts) -> Iterator[Change]:
    """What can't be told since: nobody may take it for unchanged."""
    known = {entry["path"] for entry in old["unknown"]}
    for entry in new["unknown"]:
        if entry["path"] not in known:
            words = f"leaves unknown what becomes of {entry['path']}: {entry['reason']}"
            yield Change("unknown", entry["path"], words, None, None, entry["reason"])


class _Description:
    """Puts the differences of two facts into words."""

    def __init__(self, old: Facts, new: Facts, places: Places) -> None:
        self.old = cast("dict[str, Any]", old)
        self.new = cast("dict[str, Any]", new)
        self.places = places
        self.privileges = Privileges(places)
        self.found: list[Change] = []

    def changes(self) -> list[Change]:
        defaults: list[Difference] = []
        reach: list[Difference] = []
        for difference in differences(cast("Facts", self.old), cast("Facts", self.new)):
            path = difference.path
            if path[0] == "default_privileges":
                defaults.append(difference)
            elif len(path) > 3 and path[2] == "effective_privileges":
                reach.append(difference)
            elif not self.privileges.take(difference):
                self._take(difference)
        given = self.privileges.changes()
        said: dict[tuple[str, str], set[str]] = {}
        for change in given:
            value = change.after or change.before
            said.setdefault((change.object, value["grantee"]), set()).update(value["privileges"])
        owned = {change.object for change in self.found if change.kind.endswith("-owner-changed")}
        reach = [each for each in reach if each.path[1] not in owned]
        self.found += [
            *given,
            *default_changes(defaults, self.places),
            *reach_changes(reach, said),
            *self._rows(),
        ]
        return self.found

    def _take(self, difference: Difference) -> None:
        path = difference.path
        if difference.missing_left or difference.missing_right:
            if len(path) == 2:
                self._object(difference)
                return
            if len(path) == 4 and path[2] in PARTS:
                self._part(difference)
                return
        side = self.new if difference.missing_left or not difference.missing_right else self.old
        owner = known(side[path[0]][path[1]])
        if len(path) > 4 and path[2] in PARTS:
            owner = _member(owner[path[2]], path[3])
        old = None if difference.missing_left else difference.left
        new = None if difference.missing_right else difference.right
        sentence = attribute_words(path[0], path, owner, old, new)
        if sentence is not None:
            kind, words = sentence
            self.found.append(
                Change(
                    kind,
                    path[1] if len(path) == 4 else _object_name(path),
                    words,
                    self.places.of_new(path, path[-1]),
                    old,
                    new,
                )
            )

    def _object(self, difference: Difference) -> None:
        """A whole object that came or went."""
        path, old, new = difference
        old, new = known(old), known(new)
        kind, name = path
        if new is ABSENT:
            if not self._belongs(self.old, self.new, kind, old):
                what = noun(kind, old)
                words = f"drops {what} {short(name)}"
                slug = f"{what.replace(' ', '-')}-dropped"
                self.found.append(Change(slug, name, words, self.places.of_dropped(path), old, None))
            return
        if self._belongs(self.new, self.old, kind, new):
            return
        what = noun(kind, new)
        words = f"adds {what} {short(name)}{details(kind, new)}"
        slug = f"{what.replace(' ', '-')}-added"
        self.found.append(Change(slug, name, words, self.places.of_new(path), None, new))
        for part in _parts_of_new(path, new):
            if not self.privileges.take(part):
                self._take(part)

    @staticmethod
    def _belongs(here: dict[str, Any], there: dict[str, Any], kind: str, fact: dict[str, Any]) -> bool:
        """Whether an object came or went with another one, that says it: the sequence of a serial column."""
        if kind != "sequences" or not fact["owned_by"]:
            return False
        table, _, column = fact["owned_by"].rpartition(".")
        other = there["tables"].get(table)
        return table in here["tables"] and (other is None or _member(other["columns"], column) is None)

    def _part(self, difference: Difference) -> None:
        """A column, constraint, index … of a relation that stays."""
        path, old, new = difference
        old, new = known(old), known(new)
        part = path[2]
        fact = old if new is ABSENT else new
        if part == "indexes" and fact["from_constraint"]:
            return
        if part == "columns" and path[0] != "tables":
            verb = "drops" if new is ABSENT else "adds"
            words = f"{verb} column {part_name(path)}"
        elif new is ABSENT:
            words = f"drops {part_noun(part, old)} {part_name(path)}"
        else:
            words = f"adds {part_noun(part, new)} {part_name(path)}{part_details(part, new)}"
        gone = new is ABSENT
        slug = f"{PARTS[part]}-{'dropped' if gone else 'added'}"
        place = self.places.of_dropped(path) if gone else self.places.of_new(path)
        before, after = (old, None) if gone else (None, new)
        self.found.append(Change(slug, _object_name(path), words, place, before, after))

    def _rows(self) -> Iterator[Change]:
        """Literal rows that came or went."""
        for table in dict.fromkeys((*self.old["seed_rows"], *self.new["seed_rows"])):
            old, new = (side["seed_rows"].get(table, []) for side in (self.old, self.new))
            for verb, kind, those, others in (
                ("inserts", "rows-added", new, old),
                ("removes", "rows-removed", old, new),
            ):
                rows = [row for row in those if row not in others]
                if rows:
                    word = "row" if len(rows) == 1 else "rows"
                    side = "into" if kind == "rows-added" else "from"
                    words = f"{verb} {len(rows)} {word} {side} {short(table)}: {brief(_row(rows[0]))}"
                    before, after = (rows, None) if kind == "rows-removed" else (None, rows)
                    yield Change(kind, table, words, None, before, after)


def _row(row: dict[str, Any]) -> str:
    return ", ".join(f"{column}={value}" for column, value in row.items())


def _member(members: Any, name: str) -> Any:  # noqa: ANN401 - a part of the facts
    found = entries(members) if isinstance(members, list) else members
    return (found or {}).get(name)


def _object_name(path: Path) -> str:
    """The object of a change: the relation, or for its parts the part, `public.orders.status`."""
    return f"{path[1]}.{path[3]}" if len(path) > 3 and path[2] in PARTS else path[1]


def _parts_of_new(path: Path, fact: dict[str, Any]) -> Iterator[Difference]:
    """What of a new object is worth a sentence of its own: who may use it, and what guards it."""
    for flag in ("rls_enabled", "rls_forced"):
        if fact.get(flag):
            yield Difference((*path, flag), False, True)
    for part in ("policies", "triggers", "rules"):
        for name, member in fact.get(part, {}).items():
            yield Difference((*path, part, name), ABSENT, member)
    for part in LISTS:
        if part == "owner_privileges":
            continue
        for key, entry in (entries(fact.get(part, [])) or {}).items():
            if path[0] != "functions" or entry["grantee"] != "PUBLIC":
                yield Difference((*path, part, key), ABSENT, entry)
