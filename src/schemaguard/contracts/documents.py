"""The contract's files, each read once, and the references between them. Nothing outside the project is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from schemaguard.catalog.replay import no_cyclic_garbage_collection
from schemaguard.contracts.nodes import Entries, Items, Scalar, get, text
from schemaguard.contracts.reading import Document, Fault, UnreadDocument, read_document
from schemaguard.sources.tree import join, normalize, parent

if TYPE_CHECKING:
    from schemaguard.contracts.nodes import Node
    from schemaguard.linting.files import Files
    from schemaguard.text import Span

MAX_CHAIN = 100
"""How many references a chain of them may have."""

MAX_INDEX = 9
"""How many digits the place in a list may have."""


class Broken(NamedTuple):
    """A reference that leads nowhere: as written, why, and where it stands."""

    reference: str
    why: str
    place: Span


class Documents:
    """Files by their paths. `broken` gathers the `$ref`s that were followed and led nowhere."""

    def __init__(self, files: Files) -> None:
        """Read from `files`, when a document is first asked for."""
        self.files = files
        self.broken: dict[tuple[str, int], Broken] = {}
        self._read: dict[str, Document | Fault | None] = {}
        self._anchors: dict[str, dict[str, Node]] = {}
        self._endless: set[int] = set()  # the nodes of chains that lead back to themselves

    def get(self, path: str) -> Document | None:
        """A document; None where it can't be read (`why` says why not)."""
        if path not in self._read:
            self._read[path] = self._open(path)
        found = self._read[path]
        return found if isinstance(found, Document) else None

    def fault(self, path: str) -> Fault | None:
        """What is wrong with a file that has a text, but no document."""
        self.get(path)
        found = self._read[path]
        return found if isinstance(found, Fault) else None

    def why(self, path: str) -> str:
        """Why a file can't be read, in words that follow its name."""
        if (fault := self.fault(path)) is not None:
            return f"{fault.message} (line {fault.place.line})"
        if is_outside(path):
            return "lies outside of the project, where nothing is read"
        if not self.files.matching(path):
            return "is not there"
        reason = self.files.why_unread(path)
        return reason.removeprefix(f"{path} ")

    def read(self) -> list[Document]:
        """The documents read so far, sorted by path."""
        return [found for _, found in sorted(self._read.items()) if isinstance(found, Document)]

    def faults(self) -> list[Fault]:
        """What is wrong with files, those that could be read among them, in the order of their paths."""
        found: list[Fault] = []
        for _, each in sorted(self._read.items()):
            if isinstance(each, Fault):
                found.append(each)
            elif each is not None:
                found.extend(each.faults)
        return found

    def _open(self, path: str) -> Document | Fault | None:
        file = None if is_outside(path) else self.files.get(path)
        if file is None:
            return None
        try:
            with no_cyclic_garbage_collection():
                return read_document(file)
        except UnreadDocument as unread:
            return unread.fault

    # References

    def follow(self, node: Node) -> Node | None:
        """What a node stands for: itself, or what its `$ref` leads to, through any number of them; None: nowhere."""
        seen: set[int] = set()
        found: Node | None = node
        while isinstance(found, Entries) and (reference := reference_of(found)) is not None:
            if id(found) in self._endless:
                return None
            if id(found) in seen or len(seen) > MAX_CHAIN:
                self._break(found, "leads back to itself")
                self._endless |= seen
                return None
            seen.add(id(found))
            found = self.target(found, reference)
        return found

    def target(self, node: Entries, reference: str) -> Node | None:
        """What one `$ref` names, not followed any further; None: nothing, which `broken` then knows."""
        path, _, fragment = reference.partition("#")
        if "://" in path or path.startswith(("//", "urn:")):
            found = self._by_id(node.file.path, path, fragment)
            if found is None:
                self._break(node, "lies outside of the project, where nothing is read")
            return found
        path = join(parent(node.file.path), unquote(path)) if path else node.file.path
        document = self.get(path)
        if document is None:
            self._break(node, f"can't be followed: `{path}` {self.why(path)}")
            return None
        found = self.at(document, unquote(fragment))
        if found is None:
            self._break(node, "leads nowhere")
        return found

    def at(self, document: Document, pointer: str) -> Node | None:
        """What a JSON Pointer (or a `$anchor`'s name) means in a document, through `$ref`s on the way."""
        if pointer and not pointer.startswith("/"):
            return self._anchored(document).get(pointer)
        node: Node | None = document.root
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            node = self._step(node, key)
            if node is None:
                return None
        return node

    def _step(self, node: Node | None, key: str) -> Node | None:
        if isinstance(node, Entries) and key not in node.entries and reference_of(node) is not None:
            node = self.follow(node)
        if isinstance(node, Entries):
            return node.entries.get(key)
        if isinstance(node, Items) and key.isdecimal() and len(key) <= MAX_INDEX:
            return node.items[int(key)] if int(key) < len(node.items) else None
        return None

    def _anchored(self, document: Document) -> dict[str, Node]:
        """The nodes of a document that bear a `$anchor` (or `$dynamicAnchor`), or a `$id`."""
        known = self._anchors.get(document.file.path)
        if known is None:
            known = self._anchors[document.file.path] = {}
            for node in descendants(document.root):
                for key in ("$anchor", "$dynamicAnchor", "$id"):
                    if name := text(node, key):
                        known.setdefault(name, node)
        return known

    def _by_id(self, path: str, address: str, fragment: str) -> Node | None:
        """What an address means that is the `$id` of a schema in the same document."""
        document = self.get(path)
        if document is None:
            return None
        found = self._anchored(document).get(address)
        if found is None or not fragment:
            return found
        return self.at(Document(document.file, found), unquote(fragment))

    def _break(self, node: Entries, why: str) -> None:
        place = node.entries.get("$ref", node).span
        reference = text(node, "$ref") or text(node, "$dynamicRef")
        self.broken.setdefault((place.path, place.start), Broken(reference, why, place))


def reference_of(node: Node | None) -> str | None:
    """The text of a node's `$ref` (or `$dynamicRef`), None where it has none."""
    for key in ("$ref", "$dynamicRef"):
        found = get(node, key)
        if isinstance(found, Scalar) and isinstance(found.value, str):
            return found.value
    return None


def is_outside(path: str) -> bool:
    """Whether a path leads out of the project, or over a network."""
    return (
        path.startswith("/") or "://" in path or normalize(path).startswith("../") or normalize(path) == ".."
    )


def descendants(root: Node) -> list[Node]:
    """A node and all nodes in it, each once however often an alias names it."""
    found: list[Node] = []
    pending = [root]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Entries):
            found.append(node)
            pending.extend(node.entries.values())
        elif isinstance(node, Items):
            pending.extend(node.items)
    return found
