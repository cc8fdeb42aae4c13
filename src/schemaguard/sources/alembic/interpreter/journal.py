"""What a tried branch changed among the program's own values, so that it can be taken back and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.values import Value

ABSENT: Any = object()
"""Stands for "no such name"."""

Place = tuple[int, "str | None"]
"""Identity of a mapping and a name in it; None for the whole contents of a list, dict or set."""


class Change:
    """A name of a mapping, or the whole of a container, with the value it has (or had)."""

    __slots__ = ("container", "name", "value")

    def __init__(self, container: Any, name: str | None, value: Value) -> None:  # noqa: ANN401 - list, dict, set, deque
        """Take what was changed and the value on one side of the change."""
        self.container = container
        self.name = name
        self.value = value

    @property
    def place(self) -> Place:
        """What was changed."""
        return id(self.container), self.name

    def apply(self) -> None:
        """Give the place this value."""
        container, value = self.container, cast("Any", self.value)
        if self.name is not None:
            if value is ABSENT:
                container.pop(self.name, None)
            else:
                container[self.name] = value
        elif isinstance(container, list):
            container[:] = value
        else:
            container.clear()
            container.update(value) if isinstance(container, (dict, set)) else container.extend(value)

    def now(self) -> Change:
        """The same place with the value it has at present."""
        if self.name is not None:
            return Change(self.container, self.name, self.container.get(self.name, ABSENT))
        return Change(self.container, None, copy_of(self.container))


class Journal:
    """The first old value of every place that was written since it was opened."""

    def __init__(self, outer: Journal | None) -> None:
        """Open a journal inside another; what it keeps belongs to the outer one, too."""
        self.outer = outer
        self.old: dict[Place, Change] = {}

    def before_write(self, mapping: dict[str, Value], name: str) -> None:
        """A name of a scope, object or class is about to be set or deleted."""
        if (id(mapping), name) not in self.old:
            self._remember(Change(mapping, name, mapping.get(name, ABSENT)))

    def before_mutation(self, container: Value) -> None:
        """A list, dict, set or deque is about to change."""
        if (id(container), None) not in self.old:
            self._remember(Change(container, None, copy_of(container)))

    def _remember(self, change: Change) -> None:
        self.old[change.place] = change
        if self.outer is not None and change.place not in self.outer.old:
            self.outer._remember(change)  # noqa: SLF001 - its own class

    def take_back(self) -> dict[Place, Change]:
        """Undo everything; returns the values that the places had until now."""
        after = {place: change.now() for place, change in self.old.items()}
        for change in self.old.values():
            change.apply()
        return after


def copy_of(container: Any) -> Any:  # noqa: ANN401 - list, dict, set or deque
    """A shallow copy of a container."""
    return container.copy()
