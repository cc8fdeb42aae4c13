"""A config as written: values of which each knows its place, whether the file is YAML or TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.config.errors import ConfigError, ConfigErrors

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

    from schemaguard.text import SourceFile, Span

# A config is a page or two. More values than this are aliases that multiply.
MAX_VALUES = 50_000
_TAG = "tag:yaml.org,2002:"


class Value:
    """A single value: `text` as written, `value` as Python reads it (None, bool, int, float, str)."""

    __slots__ = ("span", "text", "value")

    def __init__(self, text: str, value: object, span: Span) -> None:
        """Hold a value with its place."""
        self.text = text
        self.value = value
        self.span = span


class Items:
    """A list."""

    __slots__ = ("items", "span")

    def __init__(self, items: list[Node], span: Span) -> None:
        """Hold a list with its place."""
        self.items = items
        self.span = span


class Entries:
    """A mapping: for each key its node and the place of the key."""

    __slots__ = ("entries", "span")

    def __init__(self, entries: dict[str, tuple[Node, Span]], span: Span) -> None:
        """Hold a mapping with its place."""
        self.entries = entries
        self.span = span


Node = Value | Items | Entries


def plain(node: Node) -> Any:  # noqa: ANN401 - whatever the config holds
    """A node as Python's own lists, dicts and scalars."""
    if isinstance(node, Value):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key: plain(child) for key, (child, _) in node.entries.items()}


def read_yaml(file: SourceFile) -> Node:
    """Read a YAML file; an empty one is an empty mapping.

    Raises:
        ConfigError: it does not parse, repeats a key, or holds what no config needs (tags, two documents).
    """
    import yaml  # here, so that a run without a config does not load it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(file.text, loader)
        return Entries({}, file.span(0, 0)) if root is None else _YamlReader(file).read(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        parts = [part for part in (error.problem, error.context) if part]
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ConfigError(f"this is not YAML: {', '.join(parts)}", file.path, line, column) from None
    except yaml.reader.ReaderError as error:
        line, column = file.position(error.position)
        raise ConfigError(f"this is not YAML: {error.reason}", file.path, line, column) from None
    except RecursionError:
        raise ConfigError("this is nested too deeply for a config", file.path, 1, 1) from None


class _YamlReader:
    """Turns composed YAML nodes into ours."""

    def __init__(self, file: SourceFile) -> None:
        from yaml.constructor import SafeConstructor

        self.file = file
        self.errors: list[ConfigError] = []
        self.count = 0
        self.open: set[int] = set()  # ids of the collections being read: an alias may lead back to one
        construct = SafeConstructor()
        self.constructors = {
            _TAG + "int": construct.construct_yaml_int,
            _TAG + "float": construct.construct_yaml_float,
            _TAG + "bool": construct.construct_yaml_bool,
        }

    def read(self, root: yaml.Node) -> Node:
        node = self.node(root)
        if self.errors:
            raise ConfigErrors(self.errors)
        return node

    def span(self, node: yaml.Node) -> Span:
        start, end = node.start_mark.index, node.end_mark.index
        written = self.file.text[start:end].rstrip()  # a block ends where the next one begins
        return self.file.span(start, start + len(written))

    def fault(self, node: yaml.Node, message: str) -> None:
        self.errors.append(ConfigError.at(self.span(node), message))

    def node(self, node: yaml.Node) -> Node:
        from yaml.nodes import MappingNode, ScalarNode, SequenceNode

        self.count += 1
        if self.count > MAX_VALUES:
            raise ConfigError.at(self.span(node), f"more than {MAX_VALUES} values: aliases multiply them")
        if id(node) in self.open:
            self.fault(node, "this alias stands inside the value that it names")
            return Value("", None, self.span(node))
        if isinstance(node, ScalarNode):
            return self.scalar(node)
        self.open.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return Items([self.node(item) for item in node.value], self.span(node))
            return self.mapping(node) if isinstance(node, MappingNode) else Entries({}, self.span(node))
        finally:
            self.open.discard(id(node))

    def scalar(self, node: yaml.ScalarNode) -> Value:
        text, tag, span = node.value, node.tag, self.span(node)
        if tag == _TAG + "null":
            return Value(text, None, span)
        if tag in self.constructors:
            try:
                return Value(text, self.constructors[tag](node), span)
            except ValueError:
                self.fault(node, f"`{text}` is not a number")
        elif not tag.startswith(_TAG):
            self.fault(node, f"the tag `{tag}` means nothing here")
        return Value(text, text, span)

    def mapping(self, node: yaml.MappingNode) -> Entries:
        entries: dict[str, tuple[Node, Span]] = {}
        merged: dict[str, tuple[Node, Span]] = {}
        for key, child in node.value:
            if key.tag == _TAG + "merge":
                for each in self.merges(child):
                    merged = {**each.entries, **merged}
            elif not isinstance(key.value, str):
                self.fault(key, "a key must be text")
            elif key.value in entries:
                first = entries[key.value][1].line
                self.fault(key, f"the key `{key.value}` is given twice: first at line {first}")
            else:
                entries[key.value] = (self.node(child), self.span(key))
        return Entries({**merged, **entries}, self.span(node))

    def merges(self, node: yaml.Node) -> Iterator[Entries]:
        """The mappings that `<<` adds; the first named wins."""
        read = self.node(node)
        for each in read.items if isinstance(read, Items) else [read]:
            if isinstance(each, Entries):
                yield each
            else:
                self.errors.append(ConfigError.at(each.span, "`<<` takes a mapping or a list of mappings"))
