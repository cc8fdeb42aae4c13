"""The API contract of a project: its documents, its operations, and every use of every field."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.contracts.documents import Broken, Documents, is_outside
from schemaguard.contracts.nodes import Entries
from schemaguard.contracts.openapi.index import Index
from schemaguard.contracts.openapi.objects import Objects
from schemaguard.contracts.openapi.operations import (
    PATCH,
    REQUEST,
    RESPONSE,
    OperationReader,
    version,
)
from schemaguard.contracts.openapi.shapes import Shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.contracts.nodes import Node
    from schemaguard.contracts.openapi.index import Field
    from schemaguard.contracts.openapi.objects import ObjectSchema
    from schemaguard.contracts.openapi.operations import Operation
    from schemaguard.contracts.openapi.shapes import Shape
    from schemaguard.contracts.reading import Document
    from schemaguard.linting.files import Files
    from schemaguard.text import Span

WRITING = (REQUEST, PATCH)


class Use(NamedTuple):
    """A field in one object schema that is sent in one direction; `required_at`: where it is required."""

    direction: str
    schema: ObjectSchema
    required: bool
    required_at: Span | None


class Unusable(NamedTuple):
    """A document that the config names, and that is no contract: why, and where."""

    path: str
    why: str
    place: Span | None


class Contract:
    """What the OpenAPI documents that the config names say, with all that they refer to."""

    def __init__(self, files: Files, named: Iterable[tuple[str, Span | None]]) -> None:
        """Take the patterns of documents, each with its place in the config; nothing is read yet."""
        self.documents = Documents(files)
        self.named = list(named)
        self._indexes: dict[str, Index] = {}
        self.rivals: dict[
            int, list[ObjectSchema]
        ] = {}  # by the `id` of an object schema: what may stand in its place
        self.shapes = Shapes(self.documents)

    @cached_property
    def roots(self) -> list[Document]:
        """The documents that the config names."""
        return self._roots[0]

    @cached_property
    def unusable(self) -> list[Unusable]:
        """What the config names and no contract can be read from."""
        return self._roots[1]

    @cached_property
    def _roots(self) -> tuple[list[Document], list[Unusable]]:
        found: dict[str, Document] = {}
        unusable: list[Unusable] = []
        for pattern, place in self.named:
            paths = [] if is_outside(pattern) else self.documents.files.matching(pattern)
            if not paths:
                why = "lies outside of the project" if is_outside(pattern) else "matches no file"
                unusable.append(Unusable(pattern, why, place))
            for path in paths:
                document = self.documents.get(path)
                if document is None:
                    if self.documents.fault(path) is None:
                        unusable.append(Unusable(path, self.documents.why(path), place))
                elif version(document).startswith("3."):
                    found[path] = document
                else:
                    said = version(document)
                    why = f"is OpenAPI {said}" if said else "has no `openapi: 3.…` at its top"
                    unusable.append(Unusable(path, f"{why}: 3.0 and later is read", _head(document)))
        return [found[path] for path in sorted(found)], unusable

    @cached_property
    def operations(self) -> list[Operation]:
        """Every operation, in the documents' order."""
        reader = OperationReader(self.documents)
        return [operation for document in self.roots for operation in reader.read(document)]

    # Fields

    def index(self, document: Document) -> Index:
        """Where the fields of a document are."""
        known = self._indexes.get(document.file.path)
        if known is None:
            known = self._indexes[document.file.path] = Index(document)
        return known

    @cached_property
    def objects(self) -> Objects:
        """What object schemas have."""
        return Objects(self.shapes, self.fields_of)

    def fields_of(self, schema: Entries) -> dict[str, Field]:
        """The properties of one schema, by name."""
        document = self.documents.get(schema.file.path)
        return {} if document is None else self.index(document).of(schema)

    @cached_property
    def uses(self) -> dict[tuple[int, str], list[Use]]:
        """Every use of every field that an operation reaches, or that none does (as in an answer), by its key."""
        found: dict[tuple[int, str], list[Use]] = {}
        seen: set[tuple[int, str]] = set()
        reached = [
            (content.schema, content.direction)
            for operation in self.operations
            for content in operation.contents
        ]
        self._reach(reached, seen, found)
        for document in self.roots:
            for schema in self.index(document).schemas:
                if not any(field.key in found for field in self.fields_of(schema.node).values()):
                    self._reach([(schema.node, RESPONSE)], seen, found)
        return found

    def _reach(
        self,
        starts: list[tuple[Node, str]],
        seen: set[tuple[int, str]],
        found: dict[tuple[int, str], list[Use]],
    ) -> None:
        pending = list(starts)
        while pending:
            schema, direction = pending.pop()
            schema_object = self.object(schema)
            if schema_object is None or (id(schema_object), direction) in seen:
                continue
            seen.add((id(schema_object), direction))
            for member in schema_object.members.values():
                for field in (member.field, *member.also):
                    if self.is_sent(field, direction):
                        use = Use(direction, schema_object, member.required, member.required_at)
                        found.setdefault(field.key, []).append(use)
            pending.extend((inner, direction) for inner in (*schema_object.inner, *schema_object.choices))
            self._note_rivals(schema_object)

    def _note_rivals(self, schema: ObjectSchema) -> None:
        """Remember which objects a choice is between."""
        objects = [found for choice in schema.choices if (found := self.object(choice)) is not None]
        for each in objects:
            others = [other for other in objects if other is not each]
            self.rivals.setdefault(id(each), []).extend(others)

    def object(self, schema: Node) -> ObjectSchema | None:
        """What an object schema has, the same for all references to it; None where a reference leads nowhere."""
        target = schema
        if isinstance(schema, Entries) and schema.entries.keys() == {"$ref"}:
            followed = self.documents.follow(schema)
            if followed is None:
                return None
            target = followed
        return self.objects.of(target)

    def is_sent(self, field: Field, direction: str) -> bool:
        """Whether a field goes in a direction: readOnly ones are not asked for, writeOnly ones not answered."""
        shape = self.shape(field)
        return not (shape.write_only if direction == RESPONSE else shape.read_only)

    def shape(self, field: Field) -> Shape:
        """What a field's schema says."""
        return self.shapes.of(field.schema)

    def uses_of(self, field: Field) -> list[Use]:
        """The uses of a field; none for one that is no property."""
        return self.uses.get(field.key, [])

    def read_fields(self) -> Iterator[Field]:
        """Every field of every document that was read, in order."""
        _ = self.uses  # what refers to other documents has then been followed
        for document in self.documents.read():
            yield from self.index(document).fields()

    @cached_property
    def broken(self) -> list[Broken]:
        """The `$ref`s that lead nowhere, in order."""
        for uses in self.uses.values():
            for use in uses:
                for member in use.schema.members.values():
                    self.shape(member.field)
        return [found for _, found in sorted(self.documents.broken.items())]


def _head(document: Document) -> Span:
    """Where a document says what it is: its first key."""
    root = document.root
    if isinstance(root, Entries) and root.keys:
        return root.place(next(iter(root.keys)))
    return document.file.span(root.start, root.start)
