"""Privileges that are given and taken, in words: one change for each object and grantee."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.changes.change import Change, listed, short
from schemaguard.catalog.diff import ABSENT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from schemaguard.catalog.changes.places import Places
    from schemaguard.catalog.diff import Difference, Path
    from schemaguard.text import Location

LISTS = ("privileges", "owner_privileges", "column_privileges")
_ORDER = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN", "USAGE",
          "CREATE", "EXECUTE")  # fmt: skip
_KIND_WORDS = {"schemas": "schema ", "functions": "", "sequences": "sequence "}


class _Group(NamedTuple):
    """What makes entries one change: kind and name of the object, grantee, what happens, and for which columns."""

    path: Path
    grantee: str
    verb: str
    column: str


class Privileges:
    """Collects differences of access control lists, and makes changes of them."""

    def __init__(self, places: Places) -> None:
        """Collect nothing yet."""
        self.places = places
        self.found: dict[_Group, list[tuple[str, Location | None]]] = {}

    def take(self, difference: Difference) -> bool:
        """Take a difference if it is about an access control list of an object; whether it was."""
        path, old, new = difference
        if len(path) == 3 and path[2] == "owner_privileges":
            self._owner(path, old, new)
            return True
        if len(path) < 4 or path[2] not in LISTS:
            return False
        if len(path) == 4:
            entry, verb = (old, "takes") if difference.missing_right else (new, "gives")
            self.add(path[:2], entry, verb)
        elif path[4] == "grantable":
            entry = dict(zip(("grantee", "privilege", "grantor"), path[3].rsplit(" ", 2), strict=False))
            if path[2] == "column_privileges":
                column, _, grantee = entry["grantee"].partition(" ")
                entry |= {"column": column, "grantee": grantee}
            self.add(path[:2], entry, "lets" if new else "unlets")
        return True

    def _owner(self, path: Path, old: list[str], new: list[str]) -> None:
        for verb, those, others in (("takes", old, new), ("gives", new, old)):
            for privilege in those:
                if privilege not in others:
                    self.add(path[:2], {"grantee": "the owner", "privilege": privilege}, verb)

    def add(self, path: Path, entry: dict[str, Any], verb: str) -> None:
        """Add one entry: `verb` gives, takes, lets (pass it on) or unlets."""
        grantee, privilege, column = entry["grantee"], entry["privilege"], entry.get("column", "")
        if verb == "takes":
            place = self.places.of_revoked(path, grantee, privilege)
        else:
            keys = (column, grantee, privilege, entry.get("grantor", ""))
            name = " ".join(str(key) for key in (keys if column else keys[1:]))
            part = "column_privileges" if column else "privileges"
            place = self.places.of_new((*path, part, name))
        if verb == "gives" and entry.get("grantable"):
            verb = "gives, to be passed on,"
        self.found.setdefault(_Group(path, grantee, verb, column), []).append((privilege, place))

    def changes(self) -> list[Change]:
        """One change for each object, grantee and direction; columns with the same privileges together."""
        merged: dict[tuple[Path, str, str, tuple[str, ...], Location | None], list[str]] = {}
        for group, entries in self._without_new_grantors().items():
            privileges = tuple(sorted({privilege for privilege, _ in entries}, key=_rank))
            key = (group.path, group.grantee, group.verb, privileges, entries[0][1])
            merged.setdefault(key, []).append(group.column)
        return [_change(*key, [column for column in columns if column]) for key, columns in merged.items()]

    def _without_new_grantors(self) -> dict[_Group, list[tuple[str, Location | None]]]:
        """What was found, but for privileges that are the same as before and only come from another grantor."""
        kept = {}
        for group, entries in self.found.items():
            others = self.found.get(group._replace(verb=_OPPOSITES.get(group.verb, "")), ())
            again = {privilege for privilege, _ in others}
            if rest := [entry for entry in entries if entry[0] not in again]:
                kept[group] = rest
        return kept


_OPPOSITES = {"gives": "takes", "takes": "gives"}


def _rank(privilege: str) -> int:
    return _ORDER.index(privilege) if privilege in _ORDER else len(_ORDER)


def _change(
    path: Path,
    grantee: str,
    verb: str,
    privileges: tuple[str, ...],
    place: Location | None,
    columns: list[str],
) -> Change:
    words = ", ".join(privileges)
    what = f"{_KIND_WORDS.get(path[0], '')}{short(path[1])}"
    target = f"{what} ({', '.join(columns)})" if columns else what
    match verb:
        case "takes":
            kind, sentence = "privilege-taken", f"takes {words} on {target} from {grantee}"
        case "lets":
            kind, sentence = "grant-option-given", f"lets {grantee} pass on {words} on {target}"
        case "unlets":
            kind, sentence = "grant-option-taken", f"no longer lets {grantee} pass on {words} on {target}"
        case _:
            kind, sentence = "privilege-given", f"{verb} {grantee} {words} on {target}"
    value = {"grantee": grantee, "privileges": list(privileges), "columns": columns}
    gone = verb in ("takes", "unlets")
    return Change(kind, path[1], sentence, place, value if gone else None, None if gone else value)


def default_changes(differences: list[Difference], places: Places) -> list[Change]:
    """What will be given on objects that are not there yet, one change for each creator, grantee and kind of object."""
    merged: dict[tuple[str, ...], list[Difference]] = {}
    for difference in differences:
        gone = difference.missing_right
        entry = difference.left if gone else difference.right
        # The list of an owner begins with what it has anyhow; a grant option is no privilege.
        if not isinstance(entry, dict) or entry["grantee"] == entry["for_role"]:
            continue
        key = (
            entry["for_role"],
            entry["schema"] or "",
            entry["objtype"],
            entry["grantee"],
            "taken" if gone else "given",
        )
        merged.setdefault(key, []).append(difference)
    found = []
    for (role, schema, objtype, grantee, what), those in merged.items():
        gone = what == "taken"
        values = [each.left if gone else each.right for each in those]
        words = ", ".join(sorted((entry["privilege"] for entry in values), key=_rank))
        where = f" in {schema}" if schema else ""
        future = f"every {objtype} that {role} will create{where}"
        sentence = (
            f"takes {words} on {future} from {grantee}" if gone else f"gives {grantee} {words} on {future}"
        )
        place = None if gone else places.of_new(those[0].path)
        found.append(
            Change(
                f"default-privilege-{what}",
                role,
                sentence,
                place,
                values if gone else None,
                None if gone else values,
            )
        )
    return found


def reach_changes(
    differences: list[Difference], said: Mapping[tuple[str, str], Collection[str]]
) -> list[Change]:
    """What roles can do now, or no longer can, without being given it themselves: through groups, PUBLIC, ownership.

    `said`: the privileges that other changes tell, by object and role.
    """
    merged: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for path, was, new in differences:
        name, role = path[1], path[-1]
        if new is ABSENT:
            continue  # the role is gone
        old = () if was is ABSENT else was
        for verb, those, others in (("can now", new, old), ("can no longer", old, new)):
            privileges = tuple(sorted((set(those).difference(others, said.get((name, role), ()))), key=_rank))
            if privileges:
                merged.setdefault((role, verb, privileges), []).append(name)
    found = []
    for (role, verb, privileges), names in merged.items():
        shown = [short(name) for name in names[:_MOST]]
        rest = [f"{len(names) - _MOST} more"] if len(names) > _MOST else []
        kind = "reach-gained" if verb == "can now" else "reach-lost"
        value = {"privileges": list(privileges), "objects": names}
        gone = kind == "reach-lost"
        words = f"so {role} {verb} {listed(list(privileges))} on {listed([*shown, *rest])}"
        found.append(Change(kind, role, words, None, value if gone else None, None if gone else value))
    return found


_MOST = 6
"""So many objects are named in a sentence."""
