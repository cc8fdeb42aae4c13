"""The graph of revisions: who comes after whom, what is wrong with it, and an order to replay it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.problems import GRAPH_BROKEN, MULTIPLE_HEADS, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.sources.alembic.revisions import Revision


class Graph:
    """Revisions by id, with `parents` (what a revision revises or depends on) resolved to ids that exist.

    Whatever does not resolve is a problem, and the edge is left out; revisions on a cycle are kept and come last.
    """

    def __init__(self, revisions: Sequence[Revision]) -> None:
        """Connect the revisions."""
        self.problems: list[Problem] = []
        self.revisions: dict[str, Revision] = {}
        for revision in revisions:
            self._add(revision)
        self.labels = self._map_labels()
        self.revises = {name: self._resolve_down(revision) for name, revision in self.revisions.items()}
        self.depends = {
            name: self._resolve_dependencies(revision) for name, revision in self.revisions.items()
        }
        self.parents = {
            name: tuple(dict.fromkeys((*self.revises[name], *self._needed(name)))) for name in self.revisions
        }

    def _add(self, revision: Revision) -> None:
        other = self.revisions.get(revision.id)
        if other is None:
            self.revisions[revision.id] = revision
            return
        message = (
            f"revision {revision.id} is also defined in {other.file.path}: Alembic keeps only one of the two"
        )
        evidence = ((f"the other revision {revision.id}", other.span()),)
        self.problems.append(
            Problem(GRAPH_BROKEN, revision.span(), message, evidence, object=f"revision {revision.id}")
        )

    def _map_labels(self) -> dict[str, str]:
        labels: dict[str, str] = {}
        for revision in self.revisions.values():
            for label in revision.labels:
                owner = labels.get(label) or (label if label in self.revisions else None)
                if owner is not None:
                    message = f"branch label `{label}` of revision {revision.id} is already used by revision {owner}"
                    evidence = ((f"revision {owner}", self.revisions[owner].span("branch_labels")),)
                    place = revision.span("branch_labels")
                    self.problems.append(
                        Problem(GRAPH_BROKEN, place, message, evidence, object=f"revision {revision.id}")
                    )
                    continue
                labels[label] = revision.id
        return labels

    def _resolve_down(self, revision: Revision) -> tuple[str, ...]:
        return tuple(
            found for name in revision.down if (found := self._resolve(revision, name, "down_revision"))
        )

    def _resolve_dependencies(self, revision: Revision) -> tuple[str, ...]:
        return tuple(
            found for name in revision.depends_on if (found := self._resolve(revision, name, "depends_on"))
        )

    def _resolve(self, revision: Revision, name: str, identifier: str) -> str | None:
        """The id of what another revision calls `name`; only `depends_on` may use a branch label."""
        if name in self.revisions:
            return name
        if identifier == "depends_on" and name in self.labels:
            return self.labels[name]
        what = "revision or branch label" if identifier == "depends_on" else "revision"
        verb = "depends on" if identifier == "depends_on" else "revises"
        message = f"revision {revision.id} {verb} `{name}`, and there is no such {what}"
        self.problems.append(
            Problem(GRAPH_BROKEN, revision.span(identifier), message, (), object=f"revision {revision.id}")
        )
        return None

    def _needed(self, name: str) -> tuple[str, ...]:
        """The dependencies of a revision that none of its ancestors has, as Alembic reduces them."""
        needed = self.depends[name]
        if not needed:
            return ()
        inherited = {
            found for ancestor in self.ancestors(name, self.revises) for found in self.depends[ancestor]
        }
        return tuple(found for found in needed if found not in inherited)

    def ancestors(self, name: str, parents: dict[str, tuple[str, ...]] | None = None) -> set[str]:
        """All revisions that `name` comes after; itself only if it is on a cycle."""
        edges = self.parents if parents is None else parents
        seen: set[str] = set()
        stack = list(edges[name])
        while stack:
            current = stack.pop()
            if current not in seen:
                seen.add(current)
                stack.extend(edges[current])
        return seen

    def heads(self) -> list[str]:
        """Revisions that no other revises, in the order of their files."""
        revised = {down for downs in self.revises.values() for down in downs}
        return [name for name in self.revisions if name not in revised]

    def order(self) -> list[Revision]:
        """All revisions, each after those it revises or depends on, in the order of `alembic upgrade heads`."""
        acyclic = self._without_cycles()
        return [self.revisions[name] for name in [*_upgrade_order(self, acyclic), *self._on_cycles(acyclic)]]

    def swapped_order(self) -> list[Revision]:
        """Another order that respects the graph: of each two heads, the one that came last comes first.

        Empty where there is only one head, or no order at all.
        """
        heads, position = self.heads(), {revision.id: at for at, revision in enumerate(self.order())}
        if len(heads) < 2 or self._on_cycles(self._without_cycles()):
            return []
        done: dict[str, None] = {}
        for head in sorted(heads, key=lambda name: -position[name]):
            wanted = {head, *self.ancestors(head)} - done.keys()
            done.update(dict.fromkeys(sorted(wanted, key=position.__getitem__)))
        return [self.revisions[name] for name in done]

    def check(self, *, complete: bool = True) -> list[Problem]:
        """Everything that is wrong with the graph.

        A broken link makes heads of its own, and so does a file that could not be read (the revisions are then not
        `complete`): nothing is said about heads there.
        """
        problems = list(self.problems)
        acyclic = self._without_cycles()
        cyclic = self._on_cycles(acyclic)
        if cyclic:
            first = self.revisions[cyclic[0]]
            chain = " → ".join(self._cycle(cyclic))
            evidence = tuple(
                (f"revision {name}", self.revisions[name].span("down_revision")) for name in cyclic[1:10]
            )
            message = f"the revisions {chain} come before themselves: none of them can be reached"
            problems.append(
                Problem(
                    GRAPH_BROKEN,
                    first.span("down_revision"),
                    message,
                    evidence,
                    object=f"revision {first.id}",
                )
            )
        heads = self.heads()
        if len(heads) > 1 and complete and not problems:
            last = self.revisions[heads[-1]]
            evidence = tuple((f"revision {name}", self.revisions[name].span()) for name in heads[:-1])
            message = (
                f"the history ends in {len(heads)} heads ({', '.join(heads)}): `alembic upgrade head` refuses"
            )
            problems.append(
                Problem(
                    MULTIPLE_HEADS, last.span(), message, evidence, object=f"revisions {', '.join(heads)}"
                )
            )
        return problems

    def _without_cycles(self) -> set[str]:
        """The revisions that are not on a cycle or after one."""
        waiting = {name: len(parents) for name, parents in self.parents.items()}
        children: dict[str, list[str]] = {name: [] for name in self.revisions}
        for name, parents in self.parents.items():
            for parent in parents:
                children[parent].append(name)
        ready = [name for name, count in waiting.items() if not count]
        found: set[str] = set()
        while ready:
            name = ready.pop()
            found.add(name)
            for child in children[name]:
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
        return found

    def _on_cycles(self, acyclic: Iterable[str]) -> list[str]:
        known = set(acyclic)
        return [name for name in self.revisions if name not in known]

    def _cycle(self, members: Sequence[str]) -> list[str]:
        """A cycle that is reached from the first of `members` backwards, from one revision to the same one."""
        among = set(members)
        path: list[str] = []
        name = members[0]
        while name not in path:
            path.append(name)
            name = next(parent for parent in self.parents[name] if parent in among)
        return [*path[path.index(name) :], name]


def _upgrade_order(graph: Graph, members: set[str]) -> list[str]:
    """Alembic's own order of an upgrade to `heads`: branches are walked from their heads down, then turned round.

    A head is emitted only when no other branch still needs it; where a branch begins the walk goes on with the branch
    before it. (`RevisionMap._topological_sort` describes the order by doing it.)
    """
    todo = set(members)
    needed = {parent for name in members for parent in (*graph.revises[name], *graph.depends[name])}
    heads = [name for name in graph.revisions if name in members and name not in needed]
    ancestors = [{name, *graph.ancestors(name)} for name in heads]
    output: list[str] = []
    at = 0
    while heads:
        candidate = heads[at]
        waiting_for = next(
            (index for index, known in enumerate(ancestors) if index != at and candidate in known), None
        )
        if waiting_for is not None:
            at = waiting_for
            continue
        if candidate in todo:
            output.append(candidate)
            todo.remove(candidate)
        parents = [name for name in graph.parents[candidate] if name in todo and name not in heads]
        if not parents:
            del heads[at], ancestors[at]
            at = max(at - 1, 0)
        elif len(graph.parents[candidate]) == 1:
            heads[at] = parents[0]
            ancestors[at].discard(candidate)
        else:
            heads[at] = parents[0]
            heads.extend(parents[1:])
            ancestors[at] = {parents[0], *graph.ancestors(parents[0])}
            ancestors.extend({name, *graph.ancestors(name)} for name in parents[1:])
    return output[::-1]
