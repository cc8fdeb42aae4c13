"""The form of a mapping file: what it says, in records whose texts know their place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.contracts.mapping.references import Reference, place_in, references_in
from schemaguard.contracts.nodes import Entries, Items, Scalar, entries, get, items, text, value
from schemaguard.contracts.reading import Document, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.contracts.nodes import Node
    from schemaguard.text import Span


class Said(NamedTuple):
    """A text of the mapping, with its place."""

    text: str
    place: Span


class EntityColumn(NamedTuple):
    """A column of an entity: what the mapping says of it.

    `checks` and `uniques`: the texts in `CHECK (…)` and `UNIQUE (…)` of its validation. `foreign_key`: `table.column`.
    `stitching`: the columns that it can be followed to. `is_mapped`: its text refers to the contract.
    """

    name: Said
    type: Said | None
    references: tuple[Reference, ...]
    not_null: Said | None = None
    checks: tuple[Said, ...] = ()
    uniques: tuple[Said, ...] = ()
    foreign_key: Said | None = None
    stitching: tuple[Said, ...] = ()
    computed: bool = False
    conversion: str = ""


class Entity(NamedTuple):
    """An entity: a table, the schemas it answers for, and its columns."""

    name: Said
    table: Said
    references: tuple[Reference, ...]
    columns: tuple[EntityColumn, ...]
    read_model: Said | None = None
    write: bool = True


class TypeRule(NamedTuple):
    """A row of the mapping's own type table: a type of the contract and the PostgreSQL types that may hold it.

    `words`: what its name says after `openapi_`: type, format and what it is for. `example`: the field it is seen at.
    """

    name: Said
    words: tuple[str, ...]
    postgres: tuple[str, ...]
    conversion: str
    example: Reference | None


class Mapping(NamedTuple):
    """A mapping file. `faults`: what is not of its form, the rest being read."""

    document: Document
    types: tuple[TypeRule, ...]
    exceptions: tuple[str, ...]
    entities: tuple[Entity, ...]
    stitching: tuple[tuple[Said, Said], ...]
    taxonomy: tuple[Said, ...]
    faults: tuple[Fault, ...]

    @property
    def path(self) -> str:
        """The file."""
        return self.document.file.path


def read_mapping(document: Document) -> Mapping:
    """What a document says as a mapping; what is not of its form is left out and is one of the faults."""
    return _Reader(document).read()


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults = list(document.faults)

    def read(self) -> Mapping:
        root = self.document.root
        if not isinstance(root, Entries):
            self.fault(root, "a mapping file is a mapping with the key `entities`")
        elif not {"entities", "types", "correlation_stitching", "channel_taxonomy"} & root.entries.keys():
            self.fault(root, "this is no mapping file: it has none of the keys `entities` and `types`")
        return Mapping(
            self.document,
            tuple(self.types(root)),
            tuple(self.exceptions(root)),
            tuple(self.entities(root)),
            tuple(self.stitching(root)),
            tuple(self.taxonomy(root)),
            tuple(self.faults),
        )

    def fault(self, node: Node, message: str) -> None:
        place = node.span
        line_end = place.file.text.find("\n", place.start, place.end)
        self.faults.append(Fault(place if line_end < 0 else place._replace(end=line_end), message))

    # Entities

    def entities(self, root: Node) -> Iterator[Entity]:
        listed = get(root, "entities")
        if listed is not None and not isinstance(listed, Entries):
            self.fault(listed, "`entities` is a mapping from each entity's name to what it is")
        if not isinstance(listed, Entries):
            return
        for name, node in listed.entries.items():
            if not isinstance(node, Entries):
                self.fault(node, f"the entity `{name}` is a mapping with `table` and `columns`")
                continue
            own = Said(name, listed.place(name))
            yield Entity(
                name=own,
                table=self.said(node, "table") or own,
                references=tuple(self.references(node, "contract_reference")),
                columns=tuple(self.columns(name, node)),
                read_model=self.said(node, "read_model"),
                write=self.choice(node, "write", default=True),
            )

    def columns(self, entity: str, node: Entries) -> Iterator[EntityColumn]:
        listed = get(node, "columns")
        if listed is not None and not isinstance(listed, Items):
            self.fault(listed, f"`columns` of `{entity}` is a list")
        for item in items(node, "columns"):
            name = self.said(item, "name")
            if name is None:
                self.fault(item, f"a column of `{entity}` is a mapping with a `name`")
                continue
            validation = self.prose(item, "validation")
            fk_reference = self.prose(item, "fk_reference")
            conversion = self.said(item, "conversion")
            yield EntityColumn(
                name=name,
                type=self.said(item, "type"),
                references=tuple(self.references(item, "contract_mapping")),
                not_null=next(_found(r"\bNOT NULL\b(?![^(]*\))", validation), None),
                checks=tuple(_arguments("CHECK", validation)),
                uniques=tuple(_arguments("UNIQUE", validation)),
                foreign_key=next(_found(r"^\s*((?:\w+\.)?\w+\.\w+)", fk_reference), None),
                stitching=tuple(_found(r"\b(\w+\.\w+)\b", self.prose(item, "stitching"))),
                computed=self.choice(item, "computed", default=False),
                conversion=conversion.text if conversion is not None else "",
            )

    def references(self, node: Node, key: str) -> Iterator[Reference]:
        found = get(node, key)
        for each in found.items if isinstance(found, Items) else [found]:
            if isinstance(each, Scalar) and isinstance(each.value, str):
                yield from references_in(each)
            elif each is not None:
                self.fault(each, f"`{key}` is a text, or a list of texts")

    def said(self, node: Node, key: str) -> Said | None:
        found = self.prose(node, key)
        if found is None:
            return None
        if isinstance(found.value, str) and found.value:
            return Said(found.value, found.span)
        self.fault(found, f"`{key}` is empty")
        return None

    def prose(self, node: Node, key: str) -> Scalar | None:
        found = get(node, key)
        if found is None or (isinstance(found, Scalar) and isinstance(found.value, str)):
            return found
        self.fault(found, f"`{key}` is a text")
        return None

    def choice(self, node: Node, key: str, *, default: bool) -> bool:
        found = get(node, key)
        if found is None:
            return default
        if isinstance(found, Scalar) and isinstance(found.value, bool):
            return found.value
        self.fault(found, f"`{key}` is true or false")
        return default

    # The rest of the file

    def types(self, root: Node) -> Iterator[TypeRule]:
        listed = get(root, "types")
        if listed is not None and not isinstance(listed, Entries):
            self.fault(listed, "`types` is a mapping from each type's name to what it is in PostgreSQL")
        if not isinstance(listed, Entries):
            return
        for name, node in listed.entries.items():
            said = get(node, "postgres")
            texts = [value(each) for each in (said.items if isinstance(said, Items) else [said])]
            postgres = [part for each in texts if isinstance(each, str) for part in _alternatives(each)]
            if not postgres:
                self.fault(node, f"the type `{name}` has no `postgres`")
                continue
            yield TypeRule(
                Said(name, listed.place(name)),
                tuple(name.removeprefix("openapi_").split("_")),
                tuple(postgres),
                text(node, "conversion"),
                self.example(node),
            )

    def example(self, node: Node) -> Reference | None:
        found = get(node, "example_contract")
        if not isinstance(found, Scalar):
            return None
        reference = next(references_in(found), None)
        field = text(node, "example_field")
        return reference._replace(name=reference.name or field) if reference is not None else None

    def exceptions(self, root: Node) -> Iterator[str]:
        for each in items(root, "nullability", "required", "exceptions"):
            if isinstance(each, Scalar):
                yield str(each.value)
            else:
                yield " ".join(str(value(child)) for _, child in entries(each))

    def stitching(self, root: Node) -> Iterator[tuple[Said, Said]]:
        for each in items(root, "correlation_stitching", "tables"):
            table, column = self.said(each, "name"), self.said(each, "column")
            if table is None or column is None:
                self.fault(each, "a table of `correlation_stitching` is a mapping with `name` and `column`")
            else:
                yield table, column

    def taxonomy(self, root: Node) -> Iterator[Said]:
        """The taxonomy's table, its key and the columns that read paths show."""
        node = get(root, "channel_taxonomy")
        for key in ("table", "primary_key"):
            if (said := self.said(node, key) if node is not None else None) is not None:
                yield said


def _alternatives(said: str) -> list[str]:
    return [part.strip() for part in re.split(r"\s+or\s+|\||/", said) if part.strip()]


def _found(pattern: str, node: Node | None) -> Iterator[Said]:
    """What a pattern (its group, where it has one) finds in a text."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        for found in re.finditer(pattern, node.value):
            part = found[found.lastindex or 0]
            yield Said(part, place_in(node, part))


def _arguments(keyword: str, node: Node | None) -> Iterator[Said]:
    """What stands in the parentheses behind a keyword, at any depth of them."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return
    for found in re.finditer(rf"\b{keyword}\s*\(", node.value):
        depth, at = 1, found.end()
        while at < len(node.value) and depth:
            depth += {"(": 1, ")": -1}.get(node.value[at], 0)
            at += 1
        if not depth:
            yield Said(node.value[found.end() : at - 1], place_in(node, node.value[found.start() : at]))
