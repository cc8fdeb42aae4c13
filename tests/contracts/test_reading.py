"""
Contract files are read as other readers of JSON and YAML read them, and every value knows its place.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, strategies as st

from schemaguard.contracts.nodes import Entries, Items, Scalar
from schemaguard.contracts.reading import MAX_DEPTH, UnreadDocument, plain_value, read_document
from schemaguard.text import SourceFile
from tests.contracts.support import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.contracts.nodes import Node

# YAML folds what it takes for line ends, also inside quotes.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=25,
)


def read(path: str, text: str) -> Any:  # noqa: ANN401 - whatever the file holds
    return plain(read_document(SourceFile(path, text)).root)


def scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Items):
        for item in node.items:
            yield from scalars(item)
    else:
        for child in node.entries.values():
            yield from scalars(child)


@given(VALUES, st.sampled_from([None, 1, 4]), st.booleans())
def test_json_is_read_as_python_reads_it(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = read_document(SourceFile("api.json", f" {text}\n"))

    assert plain(document.root) == value
    assert [json.loads(each.span.text) for each in scalars(document.root)] == [
        each.value for each in scalars(document.root)
    ]


@given(VALUES)
def test_json_is_yaml(value: object) -> None:
    """What is JSON reads the same as YAML, whose place is then the same, too."""
    text = json.dumps(value, ensure_ascii=False)
    as_yaml = read_document(SourceFile("api.yaml", text))

    assert plain(as_yaml.root) == value
    assert [each.span.text for each in scalars(as_yaml.root)] == [
        each.span.text for each in scalars(read_document(SourceFile("api.json", text)).root)
    ]


@given(st.dictionaries(TEXT, TEXT, max_size=5))
def test_yaml_is_read_as_it_was_dumped(value: dict[str, str]) -> None:
    assert read("api.yaml", yaml.safe_dump(value, allow_unicode=True)) == value


def test_places_are_those_of_the_text() -> None:
    text = "# head\npaths:\n  /orders: {get: [1, 'two']}\n\nb: >-\n  folded\n  text\n"
    root = read_document(SourceFile("api.yaml", text)).root
    assert isinstance(root, Entries)
    orders = root.entries["paths"]
    assert isinstance(orders, Entries)

    assert (root.place("b").line, root.place("b").text) == (5, "b")
    assert (orders.place("/orders").line, orders.place("/orders").text) == (3, "/orders")
    assert orders.entries["/orders"].span.text == "{get: [1, 'two']}"
    assert orders.span.text == "/orders: {get: [1, 'two']}"
    assert plain(root.entries["b"]) == "folded text"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("no", "no"), ("2026-01-01", "2026-01-01"), ("12:30:45", "12:30:45"), ("1_000", "1_000"),
        ("true", True), ("FALSE", False), ("~", None), ("", None), ("Null", None),
        ("12", 12), ("-7", -7), ("0x1F", 31), ("0o17", 15), ("0xZZ", "0xZZ"),
        ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("1.", 1.0), ("-", "-"), (".", "."), ("1.2.3", "1.2.3"),
        ("9" * 500, "9" * 500),
    ],
)  # fmt: skip
def test_plain_values_follow_yaml_1_2(text: str, value: object) -> None:
    assert plain_value(text) == value
    assert type(plain_value(text)) is type(value)


def test_quotes_make_text() -> None:
    assert read("a.yaml", "[\"1\", '2', !!str 3, true]") == ["1", "2", "3", True]


def test_aliases_and_merges() -> None:
    text = "base: &b {a: 1, c: 2}\nlist: &l [x]\nkey: &k name\nall:\n  c: 3\n  <<: [*b, {d: 4}]\n  *k : *l\n"

    assert read("a.yaml", text)["all"] == {"c": 3, "a": 1, "d": 4, "name": ["x"]}


def test_many_aliases_cost_nothing() -> None:
    """A billion laughs are a few nodes."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    root = read_document(SourceFile("a.yaml", "\n".join(lines))).root

    assert isinstance(root, Entries)
    assert len(root.entries) == 20


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key `a` is given twice: first at line 1"),
        ("a: &x [*x]\n", 1, "the alias `*x` stands inside the value that it names"),
        ("a: *y\n", 1, "the alias `*y` names nothing before it"),
        ("a:\n  <<: 5\n", 2, "`<<` takes a mapping or a list of mappings"),
    ],
)
def test_faults_leave_the_rest(text: str, line: int, message: str) -> None:
    document = read_document(SourceFile("a.yaml", text))

    assert [(fault.place.line, fault.message) for fault in document.faults] == [(line, message)]
    assert isinstance(document.root, Entries)
    assert "a" in document.root.entries


def test_a_key_given_twice_in_json() -> None:
    document = read_document(SourceFile("a.json", '{"a": 1,\n"a": 2}'))

    assert plain(document.root) == {"a": 1}
    assert [(fault.place.line, fault.message) for fault in document.faults] == [
        (2, "the key `a` is given twice: first at line 1")
    ]


@pytest.mark.parametrize(
    ("path", "text", "line", "message"),
    [
        ("a.yaml", "a: [1,\n", 2, "is not YAML: did not find expected node content"),
        ("a.yaml", "a: 'b", 1, "is not YAML: found unexpected end of stream"),
        ("a.yaml", "a: 1\n---\nb: 2\n", 2, "holds more than one YAML document"),
        ("a.yaml", "? [a]\n: 1\n", 1, "has a key that is no text"),
        ("a.yaml", "a: \x07", 1, "is not YAML: control characters are not allowed"),
        ("a.yaml", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1, f"is nested more than {MAX_DEPTH} levels"),
        ("a.json", "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1, f"is nested more than {MAX_DEPTH} levels"),
        ("a.json", '{"a": 1,}', 1, "is not JSON: a key in quotes was expected"),
        ("a.json", '{"a" 1}', 1, "is not JSON: `:` was expected"),
        ("a.json", '{"a": 1\n "b": 2}', 2, "is not JSON: `,` or an end was expected"),
        ("a.json", "[1, 2", 1, "is not JSON: `,` or an end was expected"),
        ("a.json", '["\\q"]', 1, "is not JSON: Invalid \\escape"),
        ("a.json", "[1,\nnope]", 2, "is not JSON: a value was expected"),
        ("a.json", "[1,\n]", 2, "is not JSON: a value was expected"),
        ("a.json", "", 1, "is not JSON: a value was expected"),
        ("a.json", "{} []", 1, "has something behind its value"),
    ],
)  # fmt: skip
def test_what_can_not_be_read(path: str, text: str, line: int, message: str) -> None:
    with pytest.raises(UnreadDocument) as caught:
        read_document(SourceFile(path, text))

    assert caught.value.fault.message.startswith(message)
    assert caught.value.fault.place.line == line


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert read("a.yaml", "# nothing\n") == {}


def test_a_long_number_is_text() -> None:
    assert read("a.json", "9" * 5000) == "9" * 5000
