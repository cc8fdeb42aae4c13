"""The operations of a document, webhooks and callbacks among them: what each takes and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.contracts.nodes import Entries, entries, get, items, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.contracts.documents import Documents
    from schemaguard.contracts.nodes import Node
    from schemaguard.contracts.reading import Document
    from schemaguard.text import Span

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

RESPONSE = "response"
REQUEST = "request"
PATCH = "patch"
PARAMETER = "parameter"


class Content(NamedTuple):
    """A schema that an operation takes or answers with.

    `direction`: response, request, patch (a request that changes only what it names) or parameter. `status`: of an
    answer.
    """

    schema: Node
    direction: str
    status: str = ""


class Operation(NamedTuple):
    """One method of one path. `place`: the method's key. `name`: as people write it, `GET /orders`.

    `own`: the API's own, not what it calls (a webhook, a callback).
    """

    method: str
    path: str
    place: Span
    contents: tuple[Content, ...]
    own: bool = True

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.method.upper()} {self.path}"

    def of(self, *directions: str) -> list[Content]:
        """The contents of some directions."""
        return [content for content in self.contents if content.direction in directions]


class OperationReader:
    """Reads the operations of documents."""

    def __init__(self, documents: Documents) -> None:
        """Follow references in `documents`."""
        self.documents = documents

    def read(self, document: Document) -> Iterator[Operation]:
        """The operations of a document, in its order."""
        for path, item in self._entries(document.root, "paths"):
            yield from self._item(path, item, own=True, within=frozenset())
        for name, item in self._entries(document.root, "webhooks"):
            yield from self._item(name, item, own=False, within=frozenset())

    def _item(self, path: str, item: Node, *, own: bool, within: frozenset[int]) -> Iterator[Operation]:
        found = self.documents.follow(item)
        if not isinstance(found, Entries) or id(found) in within:
            return
        for method, written in found.entries.items():
            node = self.documents.follow(written) if method in METHODS else None
            if node is None:
                continue
            contents = [*self._parameters(found), *self._parameters(node)]
            contents += self._body(method, node, own=own)
            contents += self._answers(node, own=own)
            yield Operation(method, path, found.place(method), tuple(contents), own)
            for name, callback in self._entries(node, "callbacks"):
                for expression, inner in self._entries(callback):
                    yield from self._item(
                        f"{path} {name} {expression}", inner, own=False, within=within | {id(found)}
                    )

    def _parameters(self, node: Node) -> Iterator[Content]:
        for each in items(node, "parameters"):
            for schema in self._schemas(self.documents.follow(each)):
                yield Content(schema, PARAMETER)

    def _body(self, method: str, node: Node, *, own: bool) -> Iterator[Content]:
        body = get(node, "requestBody")
        if body is not None:
            direction = (PATCH if method == "patch" else REQUEST) if own else RESPONSE
            for schema in self._schemas(self.documents.follow(body)):
                yield Content(schema, direction)

    def _answers(self, node: Node, *, own: bool) -> Iterator[Content]:
        direction = RESPONSE if own else REQUEST
        for status, answer in self._entries(node, "responses"):
            for schema in self._schemas(answer):
                yield Content(schema, direction, status)
            for _, header in self._entries(answer, "headers"):
                for schema in self._schemas(header):
                    yield Content(schema, direction, status)

    def _schemas(self, holder: Node | None) -> Iterator[Node]:
        """The schemas of a body, an answer, a parameter or a header."""
        schema = get(holder, "schema")
        if schema is not None:
            yield schema
        for _, media in self._entries(holder, "content"):
            if (schema := get(media, "schema")) is not None:
                yield schema

    def _entries(self, node: Node | None, *path: str) -> Iterator[tuple[str, Node]]:
        """The entries under some keys, each followed: splitters of contracts put a `$ref` wherever they like."""
        under = get(node, *path)
        for name, child in entries(self.documents.follow(under) if under is not None else None):
            found = self.documents.follow(child)
            if found is not None:
                yield name, found


def version(document: Document) -> str:
    """The version of OpenAPI that a document says it is written in; "" where it says none."""
    said = get(document.root, "openapi")
    return text(document.root, "openapi") or (str(getattr(said, "value", "")) if said is not None else "")
