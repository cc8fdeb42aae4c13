"""Revisions by the names that people give them, and the part of a history that leads to one."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from schemaguard.config.decode import listing, nearest
from schemaguard.sources.sql.ordering import leading_number, stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from schemaguard.sources.migration import Migration

HEAD = ("head", "heads")
BASE = "base"
_MOST_NAMED = 5


class UnknownRevision(Exception):  # noqa: N818 - says what is so
    """No migration, or more than one, has the name that was asked for; the message is for the user."""


def find_migration(migrations: Sequence[Migration], wanted: str) -> Migration:
    """The migration that `wanted` names: its name, file, version (``7`` for ``0007_items.sql``), or a unique prefix.

    Raises:
        UnknownRevision: there is none, or several.
    """
    if wanted in HEAD and migrations:
        return migrations[-1]
    for matches in _WAYS:
        found = [migration for migration in migrations if matches(migration, wanted)]
        first = [migration for migration in found if not is_repeated(migration)]
        if len(first) == 1:
            return first[0]
        if first:
            names = [migration.name for migration in first[:_MOST_NAMED]]
            more = f" and {len(first) - len(names)} more" if len(first) > len(names) else ""
            raise UnknownRevision(f"{wanted!r} names several migrations: {listing(names)}{more}")
    hint = nearest(wanted, [migration.name for migration in migrations])
    raise UnknownRevision(
        f"there is no migration {wanted!r}; {hint or 'the last one is ' + _last(migrations)}"
    )


def is_repeated(migration: Migration) -> bool:
    """Whether it is one that ran before, once more at the end (`always` in the config)."""
    return migration.name.endswith(" (again)")


def _last(migrations: Sequence[Migration]) -> str:
    return f"`{migrations[-1].name}`" if migrations else "not there either: there are none"


def _is_name(migration: Migration, wanted: str) -> bool:
    path = migration.file.path
    return wanted in {migration.name, path, posixpath.basename(path), stem(path)}


def _is_version(migration: Migration, wanted: str) -> bool:
    """The number that a name begins with: `7` for `V7__x`, `1.2` for `V1_2__x`."""
    if not re.fullmatch(r"[vV]?\d+(?:[._-]\d+)*", wanted):
        return False
    asked = leading_number(wanted.replace("_", "."))
    flyway = re.match(r"[VURB](\d+(?:[._]\d+)*)__", migration.name)
    name = flyway[1].replace("_", ".") if flyway else migration.name
    return asked == leading_number(name)


def _begins(migration: Migration, wanted: str) -> bool:
    return migration.name.startswith(wanted) or posixpath.basename(migration.file.path).startswith(wanted)


_WAYS: tuple[Callable[[Migration, str], bool], ...] = (_is_name, _is_version, _begins)


def up_to(migrations: Sequence[Migration], wanted: str) -> list[Migration]:
    """The migrations that lead to the one that `wanted` names, itself included, in the order they run in.

    `head` is all of them, `base` none. Of an Alembic source only what the revision comes after, as
    `alembic upgrade REV` runs it: other branches are left out.

    Raises:
        UnknownRevision: there is no such migration.
    """
    if wanted == BASE:
        return []
    if wanted in HEAD:
        return list(migrations)
    last = find_migration(migrations, wanted)
    position = next(number for number, migration in enumerate(migrations) if migration is last)
    needed = _ancestors(migrations, last)
    return [
        migration
        for migration in migrations[: position + 1]
        if needed is None or migration.origin != last.origin or migration.name in needed
    ]


def _ancestors(migrations: Iterable[Migration], last: Migration) -> set[str] | None:
    """The revisions that one comes after, itself included; None for a layout that is a plain list."""
    if _revision(last) is None:
        return None
    revisions = {
        migration.name: revision
        for migration in migrations
        if migration.origin == last.origin and (revision := _revision(migration)) is not None
    }
    labels = {label: name for name, revision in revisions.items() for label in revision.labels}
    found: set[str] = set()
    waiting = [last.name]
    while waiting:
        name = waiting.pop()
        name = labels.get(name, name)
        if name in revisions and name not in found:
            found.add(name)
            waiting += [*revisions[name].down, *revisions[name].depends_on]
    return found


def _revision(migration: Migration) -> Any:  # noqa: ANN401 - Alembic's, which is not to be loaded for others
    return getattr(migration, "revision", None)
