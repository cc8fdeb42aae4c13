"""What an object schema has for fields, and which of them it requires: allOf flattened, oneOf and anyOf weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.contracts.nodes import Entries, Scalar, entries, get, items

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.contracts.nodes import Node
    from schemaguard.contracts.openapi.index import Field
    from schemaguard.contracts.openapi.shapes import Shapes
    from schemaguard.text import Span

MAX_BRANCHES = 20


class Member(NamedTuple):
    """A field as one object schema has it.

    `required_at`: where its name stands in `required`. `also`: the same field as other parts of the schema define it.
    """

    field: Field
    required: bool
    required_at: Span | None
    also: tuple[Field, ...] = ()


class ObjectSchema(NamedTuple):
    """An object schema with all that is merged into it.

    `parts`: the schemas that make it, its own first. `inner`: the schemas of what it holds. `choices`: its
    alternatives, where it is nothing but a choice between them.
    """

    parts: tuple[Entries, ...]
    members: dict[str, Member]
    inner: tuple[Node, ...]
    required: dict[str, Span]
    choices: tuple[Node, ...] = ()


NOTHING = ObjectSchema((), {}, (), {})


class Objects:
    """The object schemas of some documents, each worked out once."""

    def __init__(self, shapes: Shapes, fields_of: Callable[[Entries], dict[str, Field]]) -> None:
        """Take how references are followed, and what the properties of a schema are."""
        self.shapes = shapes
        self.fields_of = fields_of
        self._known: dict[int, ObjectSchema] = {}
        self._open: set[int] = set()  # the `id`s of the schemas that are being worked out

    def of(self, schema: Node) -> ObjectSchema:
        """What a schema has; of one that is a choice of itself, what it has besides."""
        found = self._known.get(id(schema))
        if found is not None:
            return found
        if id(schema) in self._open or len(self._open) >= MAX_BRANCHES:
            return NOTHING
        self._open.add(id(schema))
        found = self._known[id(schema)] = self._of(schema)
        self._open.discard(id(schema))
        return found

    def _of(self, schema: Node) -> ObjectSchema:
        parts = self._merged(schema)
        required: dict[str, Span] = {}
        found: dict[str, list[Field]] = {}
        inner: list[Node] = []
        choices: list[Node] = []
        for part in parts:
            for item in items(part, "required"):
                if isinstance(item, Scalar) and isinstance(item.value, str):
                    required.setdefault(item.value, item.span)
            for name, child in entries(part, "properties"):
                found.setdefault(name, []).append(self.fields_of(part)[name])
                inner.append(child)
            inner.extend(_contents(part))
        for part in parts:
            for keyword in ("oneOf", "anyOf"):
                branches = [each for each in items(part, keyword) if not self._is_null(each)]
                if len(branches) > 1:
                    objects = [self.of(branch) for branch in branches]
                    if found:
                        self._weigh(objects, found, required)
                        inner.extend(child for each in objects for child in (*each.inner, *each.choices))
                    else:
                        choices.extend(branches)
        members = {
            name: Member(first, name in required, required.get(name), tuple(rest))
            for name, (first, *rest) in found.items()
        }
        return ObjectSchema(tuple(parts), members, tuple(inner), required, tuple(choices))

    def _merged(self, schema: Node) -> list[Entries]:
        """The schemas that all hold: with allOf, and a choice that is none (`oneOf: [X, null]`)."""
        parts: list[Entries] = []
        pending: list[Node] = [schema]
        seen: set[int] = set()
        while pending:
            for part in self.shapes.parts(pending.pop(0))[0]:
                if id(part) in seen:
                    continue
                seen.add(id(part))
                parts.append(part)
                for keyword in ("oneOf", "anyOf"):
                    branches = [each for each in items(part, keyword) if not self._is_null(each)]
                    if len(branches) == 1:
                        pending.extend(branches)
        return parts

    def _weigh(
        self, objects: list[ObjectSchema], found: dict[str, list[Field]], required: dict[str, Span]
    ) -> None:
        """Add the fields of alternatives; one is required where every alternative requires it."""
        for each in objects:
            for name, member in each.members.items():
                found.setdefault(name, []).extend((member.field, *member.also))
        for name, place in objects[0].required.items():
            if all(name in each.required for each in objects[1:]):
                required.setdefault(name, place)

    def _is_null(self, schema: Node) -> bool:
        return self.shapes.of(schema).types == ("null",)


def _contents(part: Entries) -> list[Node]:
    """The schemas of what a value holds that has no name: items, further properties, what `if` leads to."""
    found: list[Node] = [
        node
        for key in ("items", "additionalProperties", "contains", "unevaluatedProperties", "then", "else")
        if isinstance(node := get(part, key), Entries)
    ]
    found.extend(items(part, "prefixItems"))
    for key in ("patternProperties", "dependentSchemas"):
        found.extend(child for _, child in entries(part, key))
    return found
