"""What can't be known: taken out of the facts, and listed with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from schemaguard.catalog.changed_facts import object_path
from schemaguard.catalog.facts.shape import OBJECT_TYPES
from schemaguard.catalog.model import Relation, Role
from schemaguard.catalog.privileges.acl import objtype_of
from schemaguard.catalog.privileges.membership import reached
from schemaguard.catalog.uncertainty import doubts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemaguard.catalog.facts.builder import Builder, Path
    from schemaguard.catalog.facts.shape import Facts, UnknownFact


def declared_unknown(build: Builder) -> None:
    """Add what the replay itself has marked as unknown, and what follows from it."""
    for unknown in build.catalog.unknown.values():
        path = tuple(unknown.path.split("/"))
        build.leave_out(path, unknown.reason, unknown.because)
        for follows in _following(build, path):
            build.leave_out(follows, unknown.reason, unknown.because)
    for default, since, reason in doubts(build.catalog).defaults:
        for record in build.catalog.objects.values():
            fits = getattr(record, "owner", 0) == default.role and objtype_of(record) == default.objtype
            if fits and record.oid > since and default.schema in (0, getattr(record, "schema", 0)):
                path = tuple(object_path(build.catalog, record).split("/"))
                for part in ("privileges", "effective_privileges")[: 1 + isinstance(record, Relation)]:
                    build.leave_out((*path, part), reason, default.because)


def _following(build: Builder, path: Path) -> Iterator[Path]:
    """What is worked out from a fact: effective privileges from entries, owners and memberships."""
    match path:
        case (("tables" | "views" | "matviews") as kind, name, "privileges", entry):
            grantee = entry.rpartition(":")[0]
            roles = [""] if grantee == "PUBLIC" else _members(build, grantee)
            for role in roles:
                yield (kind, name, "effective_privileges", *([role] if role else []))
        case (("tables" | "views" | "matviews") as kind, name, "privileges" | "owner"):
            yield kind, name, "effective_privileges"
        case (("tables" | "views" | "matviews") as kind, name, "columns", column, "privileges"):
            yield kind, name, "column_privileges", column
        case ("roles", member, "member_of", _group):
            yield "roles", member, "memberships"
            for role in _members(build, member):
                yield "effective_privileges_of", role


def _members(build: Builder, name: str) -> list[str]:
    """A role and those that have its privileges."""
    catalog = build.catalog
    oid = catalog.roles.get(name)
    roles = [catalog.get(each, Role) for each in catalog.roles.values()]
    return [
        name,
        *(role.name for role in roles if role.name != name and oid in reached(catalog, role.oid, "inherit")),
    ]


def left_out(facts: Facts, unknown: Mapping[Path, UnknownFact]) -> Facts:
    """The same facts without the paths of `unknown`, which they list instead, sorted."""
    listed: dict[Path, UnknownFact] = {}
    for path, entry in unknown.items():
        if path[0] == "effective_privileges_of":
            for kind in ("tables", "views", "matviews"):
                for name, fact in cast("dict[str, Any]", facts)[kind].items():
                    place = (kind, name, "effective_privileges", path[1])
                    fact["effective_privileges"].pop(path[1], None)
                    listed[place] = {**entry, "path": "/".join(place)}
            continue
        _remove(cast("dict[str, Any]", facts), path)
        listed[path] = entry
    facts["unknown"] = sorted(listed.values(), key=lambda entry: (entry["path"], entry["reason"]))
    return facts


def _remove(fact: Any, path: Path) -> None:  # noqa: ANN401 - any level of the facts
    """Delete what a path leads to; entries of a list are found by their name, routines also without arguments."""
    *way, last = path
    for step in way:
        fact = _child(fact, step)
        if fact is None:
            return
    if isinstance(fact, list):
        fact[:] = [entry for entry in fact if last not in _keys(entry)]
    elif isinstance(fact, dict):
        for key in [key for key in fact if key == last or key.startswith(f"{last}(")]:
            del fact[key]


def _keys(entry: Any) -> tuple[str, ...]:  # noqa: ANN401 - an entry of a list
    """What an entry of a list is called in a path: its name, or what a privilege gives to whom."""
    if isinstance(entry, str):
        return (entry,)
    if "objtype" in entry:
        letter = _LETTERS.get(entry["objtype"], entry["objtype"])
        return (f"{entry['for_role']}:{entry['schema'] or ''}:{letter}",)
    if "privilege" in entry:
        return (f"{entry['grantee']}:{entry['privilege']}", *([entry["column"]] if "column" in entry else []))
    return (entry.get("name", ""),)


_LETTERS = {word: letter for letter, word in OBJECT_TYPES.items()}


def _child(fact: Any, step: str) -> Any:  # noqa: ANN401 - any level of the facts
    if isinstance(fact, list):
        return next((entry for entry in fact if step in _keys(entry)), None)
    return fact.get(step) if isinstance(fact, dict) else None
