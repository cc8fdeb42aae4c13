"""What a schema says of a single value: types, null, format, enum, limits; through `$ref`, allOf, oneOf and anyOf."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.contracts.documents import reference_of
from schemaguard.contracts.nodes import Entries, Items, Scalar, flag, get, items, strings, text, value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.contracts.documents import Documents
    from schemaguard.contracts.nodes import Node
    from schemaguard.text import Span

NULL = "null"
MAX_BRANCHES = 20
"""How deep alternatives may stand in each other before the answer is given up."""


class Limit(NamedTuple):
    """A bound that a schema sets: `inclusive` where the value itself is allowed."""

    value: float
    place: Span
    inclusive: bool = True


class Values(NamedTuple):
    """The values that an `enum` or `const` lists, null aside, as text."""

    values: tuple[str, ...]
    place: Span


class Shape(NamedTuple):
    """What a schema says of a value.

    `types`: JSON types without null, empty where any is allowed. `nullable`: null is allowed. `limits`: minLength,
    maxLength, minimum and maximum. `known`: False where a reference could not be followed.
    """

    types: tuple[str, ...] = ()
    nullable: bool = False
    format: str = ""
    enum: Values | None = None
    limits: dict[str, Limit] = {}  # noqa: RUF012 - never changed
    pattern: tuple[str, Span] | None = None
    description: str = ""
    read_only: bool = False
    write_only: bool = False
    has_default: bool = False
    items: Node | None = None
    known: bool = True

    @property
    def words(self) -> str:
        """As people write it: `string uuid`, `array`, `string or integer`."""
        kind = " or ".join(self.types) or "any type"
        return f"{kind} {self.format}" if self.format else kind


class Shapes:
    """The shapes of the schemas of some documents, each worked out once."""

    def __init__(self, documents: Documents) -> None:
        """Follow references in `documents`."""
        self.documents = documents
        self._known: dict[int, Shape] = {}
        self._open: set[int] = set()  # the `id`s of the schemas that are being worked out

    def of(self, schema: Node) -> Shape:
        """What a schema says; of one that is a choice of itself, or of choices without end, `known` is False."""
        found = self._known.get(id(schema))
        if found is not None:
            return found
        if id(schema) in self._open or len(self._open) >= MAX_BRANCHES:
            return Shape(nullable=True, known=False)
        self._open.add(id(schema))
        found = self._known[id(schema)] = self._of(schema)
        self._open.discard(id(schema))
        return found

    def _of(self, schema: Node) -> Shape:
        parts, known = self.parts(schema)
        shapes = [_own(part) for part in parts]
        choices = [items(part, keyword) for part in parts for keyword in ("oneOf", "anyOf")]
        shapes.extend(self._alternatives(branches) for branches in choices if branches)
        shape = reduce(_both, shapes, Shape(nullable=True))
        if parts and flag(parts[0], "nullable"):
            shape = shape._replace(nullable=True)
        return shape if known else shape._replace(known=False)

    def _alternatives(self, branches: list[Node]) -> Shape:
        shapes = [self.of(branch) for branch in branches]
        nullable = any(shape.nullable for shape in shapes)
        rest = [shape for shape in shapes if not _is_null(shape)]
        return reduce(_either, rest)._replace(nullable=nullable) if rest else shapes[0]

    def parts(self, schema: Node) -> tuple[list[Entries], bool]:
        """The schemas that all hold for a value: itself, its `$ref`, its allOf; and whether all were found."""
        found: list[Entries] = []
        known = True
        pending = [schema]
        seen: set[int] = set()
        while pending:
            node = pending.pop(0)
            if not isinstance(node, Entries) or id(node) in seen:
                continue
            seen.add(id(node))
            reference = reference_of(node)
            if reference is not None:
                target = self.documents.target(node, reference)
                known = known and target is not None
                pending.extend([target] if target is not None else [])
                if self._ignores_siblings(node):
                    continue
            if node.entries.keys() != {"$ref"}:
                found.append(node)
            pending.extend(items(node, "allOf"))
        return found, known and (bool(found) or not isinstance(schema, Entries))

    def _ignores_siblings(self, node: Entries) -> bool:
        """Whether keywords beside `$ref` mean nothing, as in OpenAPI 3.0."""
        document = self.documents.get(node.file.path)
        return document is not None and text(document.root, "openapi").startswith("3.0")


def _is_null(shape: Shape) -> bool:
    return shape.types == (NULL,)


def _own(node: Entries) -> Shape:
    """What the keywords of one schema say, nothing followed."""
    types = _types(node)
    enum, has_null = _enum(node)
    said = [kind for kind in types if kind != NULL]
    nullable = flag(node, "nullable") or NULL in types or (not types and (enum is None or has_null))
    if enum is not None and not has_null and "const" not in node.entries:
        nullable = nullable and flag(node, "nullable")
    if not said and types:
        said = [NULL]
    pattern = node.entries.get("pattern")
    return Shape(
        types=tuple(said),
        nullable=nullable,
        format=text(node, "format"),
        enum=enum,
        limits=_limits(node),
        pattern=(text(node, "pattern"), pattern.span) if pattern is not None else None,
        description=text(node, "description"),
        read_only=flag(node, "readOnly"),
        write_only=flag(node, "writeOnly"),
        has_default="default" in node.entries,
        items=get(node, "items"),
    )


def _types(node: Entries) -> list[str]:
    said = node.entries.get("type")
    if isinstance(said, Items):
        return strings(node, "type")
    if isinstance(said, Scalar) and said.value is not None:
        return [str(said.value)]
    if isinstance(said, Scalar):
        return [NULL]
    if {"properties", "additionalProperties"} & node.entries.keys():
        return ["object"]
    return ["array"] if "items" in node.entries else []


def _enum(node: Entries) -> tuple[Values | None, bool]:
    """The values that are listed, and whether null is one of them."""
    listed = node.entries.get("enum")
    if isinstance(listed, Items):
        found = [value(item) for item in listed.items if isinstance(item, Scalar)]
        return (
            Values(tuple(_written(each) for each in found if each is not None), node.place("enum")),
            None in found,
        )
    if "const" in node.entries and isinstance(node.entries["const"], Scalar):
        found = [value(node.entries["const"])]
        return (
            Values(tuple(_written(each) for each in found if each is not None), node.place("const")),
            None in found,
        )
    return None, False


def _written(each: object) -> str:
    return str(each).lower() if isinstance(each, bool) else str(each)


def _limits(node: Entries) -> dict[str, Limit]:
    found: dict[str, Limit] = {}
    for key in ("minLength", "maxLength", "minimum", "maximum"):
        number = value(node.entries.get(key))
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            exclusive = value(node.entries.get(f"exclusive{key.capitalize()}")) is True
            found[key] = Limit(number, node.place(key), not exclusive)
    for key, exclusive_key in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        number = value(node.entries.get(exclusive_key))
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            found[key] = Limit(number, node.place(exclusive_key), inclusive=False)
    return found


def _both(left: Shape, right: Shape) -> Shape:
    """What two schemas say that both hold."""
    types = left.types or right.types
    if left.types and right.types:
        types = tuple(kind for kind in left.types if kind in right.types) or left.types
    limits = dict(left.limits)
    for key, limit in right.limits.items():
        if key not in limits or _is_tighter(key, limit, limits[key]):
            limits[key] = limit
    return Shape(
        types=types,
        nullable=left.nullable and right.nullable,
        format=left.format or right.format,
        enum=left.enum or right.enum,
        limits=limits,
        pattern=left.pattern or right.pattern,
        description=" ".join(filter(None, (left.description, right.description))),
        read_only=left.read_only or right.read_only,
        write_only=left.write_only or right.write_only,
        has_default=left.has_default or right.has_default,
        items=left.items or right.items,
        known=left.known and right.known,
    )


def _is_tighter(key: str, one: Limit, other: Limit) -> bool:
    return one.value < other.value if key.startswith("max") else one.value > other.value


def _either(left: Shape, right: Shape) -> Shape:
    """What two schemas say of which one holds: only what both do."""
    enum = None
    if left.enum is not None and right.enum is not None:
        enum = Values(_once((*left.enum.values, *right.enum.values)), left.enum.place)
    limits = {
        key: limit if not _is_tighter(key, limit, right.limits[key]) else right.limits[key]
        for key, limit in left.limits.items()
        if key in right.limits
    }
    return Shape(
        types=_once((*left.types, *right.types)) if left.types and right.types else (),
        nullable=left.nullable or right.nullable,
        format=left.format if left.format == right.format else "",
        enum=enum,
        limits=limits,
        pattern=left.pattern if left.pattern == right.pattern else None,
        description=" ".join(filter(None, (left.description, right.description))),
        read_only=left.read_only and right.read_only,
        write_only=left.write_only and right.write_only,
        has_default=left.has_default or right.has_default,
        items=left.items or right.items,
        known=left.known and right.known,
    )


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
