"""Which statement a change comes from: the one that made a fact true, or that ended what is gone."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from schemaguard.catalog.diff import entries
from schemaguard.catalog.events import Dropped, Revoked
from schemaguard.catalog.model import FIRST_USER_OID, Relation
from schemaguard.catalog.routines import identity_arguments
from schemaguard.text import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.diff import Path
    from schemaguard.catalog.facts.shape import Facts, Place
    from schemaguard.catalog.replay import Step
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

_PARTS = {
    "constraints": "constraints_of",
    "indexes": "indexes_of",
    "policies": "policies_of",
    "triggers": "triggers_of",
    "rules": "rules_of",
}
ROLE_ATTRIBUTES = ("superuser", "inherit", "createrole", "createdb", "login", "replication", "bypassrls")
_GLOBAL = ("schemas", "roles", "extensions", "publications", "event_triggers")


class Places:
    """Finds the place of a fact by its path.

    `steps`: the statements between the two states. Without them nobody knows where things were dropped.
    """

    def __init__(
        self, before: tuple[Catalog, Facts], after: tuple[Catalog, Facts], steps: Iterable[Step]
    ) -> None:
        """Take both states, as catalogs and as facts, and what happened between them."""
        self.before, self.old = before
        self.new = after[1]
        self.unchanged = _texts(self.before).items() & _texts(after[0]).items()
        self.dropped: dict[tuple[int, int], Dropped] = {}
        self.revoked: dict[tuple[int, int, str], Origin] = {}
        self.renamed: dict[str, Location] = {}
        for step in steps:
            if step.statement.kind == "RenameStmt":
                self.renamed[step.statement.node["newname"]] = step.statement.span.location
            for event in step.events:
                if isinstance(event, Dropped):
                    self.dropped[(event.sub and event.owner) or _oid(event.record), event.sub] = event
                elif isinstance(event, Revoked) and event.removed:
                    self.revoked[event.object, event.grantee, event.privilege] = event.because

    def of_new(self, path: Path, flag: str = "") -> Location | None:
        """Where a fact of the newer state was made true; `flag`: of an object's flag, if that is known by itself.

        None where all that is known is the statement that also made the older state, in the same file.
        """
        place = _place(self.new, path, flag)
        if place is not None and place == _place(self.old, path, flag) and place["path"] in self._same_files:
            return None
        return _location(place)

    @cached_property
    def _same_files(self) -> frozenset[str]:
        """The files that both states were read from, and that are the same."""
        return frozenset(path for path, _ in self.unchanged)

    def of_dropped(self, path: Path) -> Location | None:
        """Where an object of the older state was dropped."""
        for oid, sub in _objects(self.before, path):
            event = self.dropped.get((oid, sub))
            # In an edited history another object may have had the number.
            if event is not None and getattr(event.record, "name", "") == self.before.objects[oid].name:
                return event.because.span.location
        return None

    def of_revoked(self, path: Path, grantee: str, privilege: str) -> Location | None:
        """Where a privilege on the object at `path` was revoked; where its object's grantee is gone, nowhere."""
        role = self.before.roles.get(grantee, 0)
        for oid, _sub in _objects(self.before, path):
            because = self.revoked.get((oid, role, privilege))
            if because is not None:
                return because.span.location
        return None


def _texts(catalog: Catalog) -> dict[str, str]:
    """The files that a catalog's objects come from, with their text."""
    origins = (getattr(record, "because", None) for record in catalog.objects.values())
    files = {origin.statement.text.file for origin in origins if origin is not None}
    return {file.path: file.text for file in files}


def _oid(record: object) -> int:
    return int(getattr(record, "oid", 0))


def _location(place: Place | None) -> Location | None:
    if place is None:
        return None
    line, column = place["line"], place["column"]
    return Location(place["path"], line, column, line, column)


def _place(facts: Facts, path: Path, flag: str) -> Place | None:
    """The place of the innermost object on the way to a fact; that of the flag if it has one."""
    fact: Any = facts
    found: Place | None = None
    for step in path:
        fact = (entries(fact) or {}).get(step) if isinstance(fact, list) else fact.get(step)
        if not isinstance(fact, dict | list):
            break
        if isinstance(fact, dict):
            found = cast("Place | None", _flag(fact, flag) or fact.get("because") or found)
    return found


def _flag(fact: dict[str, Any], flag: str) -> Any:  # noqa: ANN401 - a place or None
    """The place of a flag, of whatever statement sets it together with others."""
    if flag == "member_of":
        return next((each.get("because") for each in reversed(fact.get("memberships", []))), None)
    return fact.get(f"{'attributes' if flag in ROLE_ATTRIBUTES else flag}_because")


def _objects(catalog: Catalog, path: Path) -> Iterator[tuple[int, int]]:
    """The objects (oid and column) that a path of the facts may lead to."""
    kind, name, *rest = path
    if kind in _GLOBAL:
        oid = getattr(catalog, kind).get(name)
        if oid is not None:
            yield oid, 0
        return
    if kind == "functions":
        yield from ((oid, 0) for oid in _routines(catalog, name))
        return
    schema, _, own = name.partition(".")
    key = (catalog.schemas.get(schema, -1), own)
    oid = catalog.types.get(key) if kind == "types" else catalog.relations.get(key)
    if oid is None or oid < FIRST_USER_OID:
        return
    match rest:
        case ["columns", column, *_]:
            found = catalog.get(oid, Relation).column(column)
            if found is not None:
                yield oid, found.number
        case [part, member, *_] if part in _PARTS:
            of_table = getattr(catalog, _PARTS[part]).get(oid, {})
            if member in of_table:
                yield of_table[member], 0
        case _:
            yield oid, 0


def _routines(catalog: Catalog, key: str) -> Iterator[int]:
    """The routine of a key with its arguments: `public.f(a integer)`."""
    schema, _, rest = key.partition(".")
    for routine in catalog.functions_named(catalog.schemas.get(schema, -1), rest.partition("(")[0]):
        if key.endswith(f"({identity_arguments(catalog, routine)})"):
            yield routine.oid
