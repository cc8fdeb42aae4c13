"""The graph of Django's migrations: what comes after what, across apps, and an order to replay it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.problems import GRAPH_BROKEN, MULTIPLE_HEADS
from schemaguard.sources.django.files import FIRST, LATEST
from schemaguard.sources.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from schemaguard.sources.django.files import Key, MigrationFile
    from schemaguard.text import Span


class Graph:
    """Migrations by app and name, as they are applied to an empty database: squashed ones stand for what they replace.

    `replaced`: migrations that are therefore not run. What does not resolve is a problem, and the edge is left out.
    """

    def __init__(self, migrations: Sequence[MigrationFile], presumed: Collection[str] = ()) -> None:
        """Connect the migrations; `presumed` are the labels of apps that are known to be elsewhere."""
        self.problems: list[Problem] = []
        self.migrations = {migration.key: migration for migration in migrations}
        self._presumed = presumed
        self._stands_for = self._squashed()
        self.replaced = sorted(set(self._stands_for) & set(self.migrations))
        for key in self.replaced:
            del self.migrations[key]
        self.parents: dict[Key, set[Key]] = {key: set() for key in self.migrations}
        for key, migration in self.migrations.items():
            for wanted, span in migration.dependencies:
                if (parent := self._resolve(migration, wanted, span)) is not None:
                    self.parents[key].add(parent)
            for wanted, span in migration.run_before:
                if (child := self._resolve(migration, wanted, span)) is not None:
                    self.parents[child].add(key)
        self._inherit_of_replaced(migrations)

    def _squashed(self) -> dict[Key, Key]:
        """For each migration that is replaced: the one that stands for it, through squashes of squashes."""
        direct = {
            replaced: key
            for key, migration in self.migrations.items()
            for replaced, _span in migration.replaces
        }
        final = {}
        for replaced, key in direct.items():
            seen = {replaced}
            while key in direct and key not in seen:
                seen.add(key)
                key = direct[key]  # noqa: PLW2901 - followed to its end
            final[replaced] = key
        return {replaced: key for replaced, key in final.items() if replaced != key}

    def _inherit_of_replaced(self, migrations: Sequence[MigrationFile]) -> None:
        """A squashed migration also comes after what those that it replaces come after."""
        for migration in migrations:
            owner = self._stands_for.get(migration.key)
            if owner is None or owner not in self.parents:
                continue
            for wanted, span in migration.dependencies:
                parent = self._resolve(migration, wanted, span)
                if parent is not None and parent != owner:
                    self.parents[owner].add(parent)

    def _resolve(self, migration: MigrationFile, wanted: Key, span: Span) -> Key | None:
        app, name = wanted
        if name in (FIRST, LATEST):
            names = [key for key in self.migrations if key[0] == app]
            if app == migration.key[0]:
                return None
            if names:
                roots = [key for key in sorted(names) if not self._has_parent_in_app(key)]
                return roots[0] if name == FIRST and roots else max(names)
        found = self._stands_for.get(wanted, wanted)
        if found in self.migrations:
            return found
        if app in self._presumed:
            return None
        message = f"{migration.name} depends on {app}.{name}, and there is no such migration"
        problem = Problem(
            GRAPH_BROKEN, span, message, object=migration.name,
            help=f"Name the folder of {app}'s migrations under `django`, too, if the app is part of the project.",
        )  # fmt: skip
        if problem not in self.problems:
            self.problems.append(problem)
        return None

    def _has_parent_in_app(self, key: Key) -> bool:
        return any(wanted[0] == key[0] for wanted, _span in self.migrations[key].dependencies)

    def order(self) -> list[MigrationFile]:
        """All migrations, each after what it depends on; apps by their labels, as `migrate` does."""
        leaves = [key for app in sorted({key[0] for key in self.migrations}) for key in self.leaves(app)]
        done: dict[Key, None] = {}
        for leaf in [*leaves, *sorted(self.migrations)]:
            self._visit(leaf, done)
        return [self.migrations[key] for key in done]

    def swapped_order(self) -> list[MigrationFile]:
        """Another order that respects the graph: where an app has several leaves, the last comes first.

        Empty where every app has one.
        """
        apps = sorted({key[0] for key in self.migrations})
        if all(len(self.leaves(app)) < 2 for app in apps):
            return []
        done: dict[Key, None] = {}
        for leaf in [leaf for app in apps for leaf in self.leaves(app)[::-1]]:
            self._visit(leaf, done)
        return [self.migrations[key] for key in [*done, *(key for key in self.migrations if key not in done)]]

    def _visit(self, start: Key, done: dict[Key, None]) -> None:
        """Add a migration after its parents; one that comes before itself is reported, and added all the same."""
        path: dict[Key, None] = {}
        stack = [(start, iter(sorted(self.parents[start])))]
        path[start] = None
        while stack:
            key, parents = stack[-1]
            parent = next((found for found in parents if found not in done), None)
            if parent is None:
                stack.pop()
                path.pop(key, None)
                done[key] = None
            elif parent in path:
                self._report_cycle(key, parent)
            else:
                path[parent] = None
                stack.append((parent, iter(sorted(self.parents[parent]))))

    def _report_cycle(self, key: Key, parent: Key) -> None:
        migration = self.migrations[key]
        message = (
            f"{migration.name} comes before itself: it depends on {'.'.join(parent)}, which depends on it"
        )
        self.problems.append(Problem(GRAPH_BROKEN, migration.span, message, object=migration.name))

    def leaves(self, app: str) -> list[Key]:
        """The migrations of an app that no other of that app comes after."""
        names = [key for key in self.migrations if key[0] == app]
        needed = {parent for key in names for parent in self.parents[key]}
        return sorted(key for key in names if key not in needed)

    def check(self) -> list[Problem]:
        """What is wrong with the graph, once the order has been asked for."""
        problems = list(self.problems)
        for app in sorted({key[0] for key in self.migrations}):
            leaves = self.leaves(app)
            if len(leaves) < 2:
                continue
            last = self.migrations[leaves[-1]]
            names = ", ".join(key[1] for key in leaves)
            message = f"the migrations of {app} end in {len(leaves)} leaves ({names}): `migrate` refuses"
            evidence = tuple((f"migration {key[1]}", self.migrations[key].span) for key in leaves[:-1])
            problems.append(
                Problem(MULTIPLE_HEADS, last.span, message, evidence, object=f"migrations {names} of {app}")
            )
        return problems
