"""Contract and mapping files, YAML or JSON, read into nodes that know their lines; nothing but the text is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.contracts.nodes import Entries, Items, Scalar

if TYPE_CHECKING:
    from schemaguard.contracts.nodes import Node
    from schemaguard.text import SourceFile, Span

MAX_DEPTH = 200
"""How deep values may stand in each other. Contracts of thousands of operations stay below 60."""

MAX_DIGITS = 400
"""A number of more digits is kept as text."""


class Fault(NamedTuple):
    """What is wrong at a place of a file: `message` completes "this …"."""

    place: Span
    message: str


class Document(NamedTuple):
    """A file that was read. `faults`: what is wrong with it, though it could be read (a key that is given twice)."""

    file: SourceFile
    root: Node
    faults: tuple[Fault, ...] = ()


class UnreadDocument(Exception):  # noqa: N818 - an answer of the reader
    """A file that is neither YAML nor JSON, or is nested without end."""

    def __init__(self, place: Span, message: str) -> None:
        """Say what is wrong, and where."""
        super().__init__(message)
        self.fault = Fault(place, message)


def read_document(file: SourceFile) -> Document:
    """Read a file: JSON where its name ends so, else YAML (of which JSON is a part).

    Raises:
        UnreadDocument: it does not parse, holds several documents, or is nested too deeply.
    """
    if file.path.endswith(".json"):
        from schemaguard.contracts.json_reading import read_json

        return read_json(file)
    return _read_yaml(file)


def _read_yaml(file: SourceFile) -> Document:
    import yaml  # here, so that a run without contracts does not load it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(file)
    try:
        for event in yaml.parse(file.text, loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        parts = ", ".join(part for part in (error.problem, error.context) if part)
        at = min(mark.index, len(file.text)) if mark else 0
        raise UnreadDocument(file.span(at, at), f"is not YAML: {parts}") from None
    except yaml.reader.ReaderError as error:
        at = min(error.position, len(file.text))
        raise UnreadDocument(file.span(at, at), f"is not YAML: {error.reason}") from None
    root = builder.root if builder.root is not None else Entries(file, 0)
    return Document(file, root, tuple(builder.faults))


class _Builder:
    """Turns the parser's events into nodes, without recursion."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self.open: list[tuple[Items | Entries, str]] = []  # with the anchor it bears
        self.keys: list[tuple[str, int, int] | None] = []  # the key whose value is awaited, for each open one
        self.merges: list[list[Node]] = []  # what `<<` names, for each open one
        self.anchors: dict[str, Node] = {}
        self.takers = {
            "ScalarEvent": self.scalar,
            "MappingStartEvent": self.start,
            "SequenceStartEvent": self.start,
            "MappingEndEvent": self.finish,
            "SequenceEndEvent": self.finish,
            "AliasEvent": self.alias,
            "DocumentStartEvent": self.document,
        }

    def take(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events have no common type with marks
        """Take the next event."""
        if (taker := self.takers.get(type(event).__name__)) is not None:
            taker(event)

    def document(self, event: Any) -> None:  # noqa: ANN401
        if self.root is not None:
            at = event.start_mark.index
            raise UnreadDocument(self.file.span(at, at), "holds more than one YAML document")

    def scalar(self, event: Any) -> None:  # noqa: ANN401
        start, end = event.start_mark.index, event.end_mark.index
        if self.awaits_key():
            self.keys[-1] = (event.value, start, end)
            return
        value = plain_value(event.value) if event.implicit[0] and not event.tag else event.value
        node = Scalar(self.file, start, end, value)
        if event.anchor:
            self.anchors[event.anchor] = node
        self.put(node)

    def start(self, event: Any) -> None:  # noqa: ANN401
        at = event.start_mark.index
        if self.awaits_key():
            raise UnreadDocument(self.file.span(at, at), "has a key that is no text")
        if len(self.open) >= MAX_DEPTH:
            message = f"is nested more than {MAX_DEPTH} levels deep"
            raise UnreadDocument(self.file.span(at, at), message)
        is_mapping = type(event).__name__ == "MappingStartEvent"
        node = Entries(self.file, at) if is_mapping else Items(self.file, at)
        self.open.append((node, event.anchor or ""))
        self.keys.append(None)
        self.merges.append([])

    def finish(self, event: Any) -> None:  # noqa: ANN401
        node, anchor = self.open.pop()
        self.keys.pop()
        merged = self.merges.pop()
        node.end = event.end_mark.index
        if merged and isinstance(node, Entries):
            self.merge(node, merged)
        if anchor:
            self.anchors[anchor] = node
        self.put(node)

    def alias(self, event: Any) -> None:  # noqa: ANN401
        start, end = event.start_mark.index, event.end_mark.index
        if self.awaits_key():
            known = self.anchors.get(event.anchor)
            text = str(known.value) if isinstance(known, Scalar) else f"*{event.anchor}"
            self.keys[-1] = (text, start, end)
            return
        found = self.anchors.get(event.anchor)
        if found is None:
            inside = any(anchor == event.anchor for _, anchor in self.open)
            why = "stands inside the value that it names" if inside else "names nothing before it"
            self.faults.append(Fault(self.file.span(start, end), f"the alias `*{event.anchor}` {why}"))
            found = Scalar(self.file, start, end, None)
        self.put(found)

    def awaits_key(self) -> bool:
        """Whether the next value is a key."""
        return bool(self.open) and isinstance(self.open[-1][0], Entries) and self.keys[-1] is None

    def put(self, node: Node) -> None:
        """Put a finished value where it belongs."""
        if not self.open:
            self.root = node
            return
        parent = self.open[-1][0]
        if isinstance(parent, Items):
            parent.items.append(node)
            return
        key = self.keys[-1]
        self.keys[-1] = None
        if key is None:  # pragma: no cover - a value always follows its key
            return
        name, start, end = key
        if name == "<<":
            self.merges[-1].extend(node.items if isinstance(node, Items) else [node])
        elif name in parent.entries:
            line = parent.place(name).line
            self.faults.append(
                Fault(self.file.span(start, end), f"the key `{name}` is given twice: first at line {line}")
            )
        else:
            parent.entries[name] = node
            parent.keys[name] = (start, end)

    def merge(self, node: Entries, merged: list[Node]) -> None:
        """Add what `<<` names; what the mapping says itself wins, then what is named first."""
        for each in merged:
            if isinstance(each, Entries):
                for name, child in each.entries.items():
                    if name not in node.entries:
                        node.entries[name] = child
                        node.keys[name] = each.keys[name]
            else:
                self.faults.append(Fault(each.span, "`<<` takes a mapping or a list of mappings"))


_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def plain_value(text: str) -> object:
    """A value without quotes by YAML 1.2's core schema: `on`, `no` and dates are text, unlike in 1.1."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789" and len(text) <= MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        if text.startswith(("0x", "0o")):
            try:
                return int(text, 0)
            except ValueError:
                return text
    return text
