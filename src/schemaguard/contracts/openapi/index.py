"""Where the fields of a document are defined: properties, parameters and headers, by name and by pointer."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from schemaguard.contracts.nodes import Entries, Items, Scalar

if TYPE_CHECKING:
    from schemaguard.contracts.nodes import Node
    from schemaguard.contracts.reading import Document
    from schemaguard.text import Span

NAMES = frozenset(
    (
        "properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas", "responses",
        "parameters", "headers", "requestBodies", "callbacks", "links", "paths", "webhooks", "pathItems",
        "content", "encoding",
    )
)  # fmt: skip
"""Keywords whose value's keys are names, not keywords."""

DATA = frozenset(("example", "examples", "default", "enum", "const", "mapping", "scopes", "variables"))
"""Keywords whose value is no schema."""

PLACES = frozenset(("query", "path", "header", "cookie"))


class Field(NamedTuple):
    """A field as the contract defines it: a property of a schema, a parameter or a header.

    `schema`: its own schema. `owner`: the schema that has it as a property (the parameter or header itself for those).
    `place`: its key, or the parameter's name. `kind`: property, parameter or header. `pointer`: JSON Pointer to it.
    """

    name: str
    schema: Node
    owner: Entries
    place: Span
    kind: str
    pointer: str

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from all others while its document is held."""
        return id(self.owner), self.name

    @property
    def path(self) -> str:
        """The file that defines it."""
        return self.place.path

    @property
    def address(self) -> str:
        """File and pointer, as mappings write it."""
        return f"{self.path}#{encoded(self.pointer)}"


SAFE = "/~$-._!*+=@"
"""Characters of a pointer that are not percent-encoded in an address; commas, braces and spaces end one in prose."""


class NamedSchema(NamedTuple):
    """A schema that has a name, as in `components/schemas`."""

    name: str
    node: Entries
    place: Span
    pointer: str


class Index:
    """The fields of a document, and its named schemas."""

    def __init__(self, document: Document) -> None:
        """Walk the document once."""
        self.by_name: dict[str, list[Field]] = {}
        self.by_owner: dict[int, dict[str, Field]] = {}
        self.schemas: list[NamedSchema] = []
        self._walk(document.root)
        for fields in self.by_name.values():
            fields.sort(key=lambda field: field.place.start)
        self.schemas.sort(key=lambda schema: schema.place.start)

    @cached_property
    def by_pointer(self) -> dict[str, Field]:
        """The fields by their pointers."""
        return {field.pointer: field for field in self.fields()}

    def fields(self) -> list[Field]:
        """All of them, in the file's order."""
        found = [field for fields in self.by_name.values() for field in fields]
        return sorted(found, key=lambda field: field.place.start)

    def of(self, schema: Entries) -> dict[str, Field]:
        """The properties of a schema by name; also of one that stands where no schema is expected."""
        if id(schema) not in self.by_owner:
            self._properties(schema, "")
        return self.by_owner.setdefault(id(schema), {})

    def _walk(self, root: Node) -> None:
        pending: list[tuple[Node, str, str]] = [(root, "", "")]
        seen: set[int] = set()
        while pending:
            node, pointer, under = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, Items):
                pending.extend((item, f"{pointer}/{n}", "") for n, item in enumerate(node.items))
            elif isinstance(node, Entries):
                if under:
                    self._named(node, pointer, under)
                else:
                    self._properties(node, pointer)
                for key, child in node.entries.items():
                    if under or key not in DATA:
                        names = key if not under and key in NAMES and isinstance(child, Entries) else ""
                        pending.append((child, f"{pointer}/{escaped(key)}", names))

    def _properties(self, node: Entries, pointer: str) -> None:
        properties = node.entries.get("properties")
        if isinstance(properties, Entries):
            for name, schema in properties.entries.items():
                place = properties.place(name)
                self._add(
                    Field(name, schema, node, place, "property", f"{pointer}/properties/{escaped(name)}")
                )
        title = node.entries.get("name")
        where = node.entries.get("in")
        is_parameter = isinstance(where, Scalar) and where.value in PLACES
        if isinstance(title, Scalar) and is_parameter and {"schema", "content"} & node.entries.keys():
            schema = node.entries.get("schema", node)
            self._add(Field(str(title.value), schema, node, title.span, "parameter", pointer))

    def _named(self, node: Entries, pointer: str, under: str) -> None:
        """The named schemas and headers of a document."""
        for name, child in node.entries.items():
            if not isinstance(child, Entries):
                continue
            if under == "headers":
                schema = child.entries.get("schema", child)
                self._add(
                    Field(name, schema, child, node.place(name), "header", f"{pointer}/{escaped(name)}")
                )
            elif under in ("schemas", "$defs", "definitions"):
                self.schemas.append(NamedSchema(name, child, node.place(name), f"{pointer}/{escaped(name)}"))

    def _add(self, field: Field) -> None:
        self.by_name.setdefault(field.name, []).append(field)
        self.by_owner.setdefault(id(field.owner), {})[field.name] = field


def escaped(key: str) -> str:
    """A key as a part of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def encoded(pointer: str) -> str:
    """A pointer as the fragment of an address: nothing in it ends a reference, or a text in YAML."""
    return quote(pointer, safe=SAFE)
