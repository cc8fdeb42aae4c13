"""
The mapping file: its form is that of the JSON Schema which is shipped, and its references are read as they are meant.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from schemaguard.contracts.mapping.form import read_mapping
from schemaguard.contracts.mapping.references import references_in
from schemaguard.contracts.mapping.types import rows_for
from schemaguard.contracts.nodes import Scalar, get
from schemaguard.contracts.openapi.shapes import Shape
from schemaguard.contracts.reading import read_document
from schemaguard.text import SourceFile
from tests.contracts.support import PROJECTS, plain
from tests.support import rule_fixtures

SCHEMA = json.loads(files("schemaguard.contracts.mapping").joinpath("mapping.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
FIXTURES = {
    f"{fixture}:{path}": content.decode()
    for fixture in rule_fixtures()
    for path, content in fixture.files()
    if fixture.path.parent.name == "contract" and path == "mapping.yaml"
}


def faults(text: str) -> list[str]:
    return [fault.message for fault in read_mapping(read_document(SourceFile("m.yaml", text))).faults]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["b03_foundation", "b03_hardened"])
def test_the_projects_are_of_its_form(name: str) -> None:
    text = (PROJECTS / name / "db/docs/contract_schema_mapping.yaml").read_text(encoding="utf-8")

    VALIDATOR.validate(yaml.safe_load(text))
    assert faults(text) == []


@pytest.mark.parametrize("text", FIXTURES.values(), ids=FIXTURES)
def test_the_fixtures_are_of_its_form_where_the_reader_says_so(text: str) -> None:
    assert VALIDATOR.is_valid(plain(read_document(SourceFile("m.yaml", text)).root)) == (faults(text) == [])


COLUMN = "entities: {o: {columns: [{name: a, %s}]}}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("entities: {}", None),
        ("types: {}", None),
        ("{}", "this is no mapping file: it has none of the keys `entities` and `types`"),
        ("[]", "a mapping file is a mapping with the key `entities`"),
        ("entities: []", "`entities` is a mapping from each entity's name to what it is"),
        ("entities: {o: []}", "the entity `o` is a mapping with `table` and `columns`"),
        ("entities: {o: {}}", None),
        ("entities: {o: {table: 5}}", "`table` is a text"),
        ("entities: {o: {table: ''}}", "`table` is empty"),
        ("entities: {o: {read_model: [v]}}", "`read_model` is a text"),
        ("entities: {o: {write: 'no'}}", "`write` is true or false"),
        ("entities: {o: {write: false}}", None),
        ("entities: {o: {columns: {}}}", "`columns` of `o` is a list"),
        ("entities: {o: {columns: [a]}}", "a column of `o` is a mapping with a `name`"),
        ("entities: {o: {columns: [{type: text}]}}", "a column of `o` is a mapping with a `name`"),
        ("entities: {o: {contract_reference: {}}}", "`contract_reference` is a text, or a list of texts"),
        ("entities: {o: {contract_reference: [x, y]}}", None),
        (COLUMN % "type: 1", "`type` is a text"),
        (COLUMN % "contract_mapping: 1", "`contract_mapping` is a text, or a list of texts"),
        (COLUMN % "contract_mapping: [1]", "`contract_mapping` is a text, or a list of texts"),
        (COLUMN % "contract_mapping: [x]", None),
        (COLUMN % "validation: []", "`validation` is a text"),
        (COLUMN % "fk_reference: 1", "`fk_reference` is a text"),
        (COLUMN % "stitching: 1", "`stitching` is a text"),
        (COLUMN % "computed: 1", "`computed` is true or false"),
        (COLUMN % "conversion: 1", "`conversion` is a text"),
        (COLUMN % "anything: [1, {}]", None),
        ("types: []", "`types` is a mapping from each type's name to what it is in PostgreSQL"),
        ("types: {a: {}}", "the type `a` has no `postgres`"),
        ("types: {a: {postgres: [uuid, text]}}", None),
        ("entities: {}\ncorrelation_stitching: {tables: [{name: a}]}", "a table of `correlation_stitching` is"),
        ("entities: {}\ncorrelation_stitching: {tables: [{name: a, column: b}]}", None),
        ("channel_taxonomy: {table: 1}", "`table` is a text"),
        ("channel_taxonomy: {table: t, primary_key: code}", None),
        ("entities: {}\nidentifiers: [1]\nsum_equality_invariant: x", None),
    ],
)  # fmt: skip
def test_reader_and_schema_agree(text: str, fault: str | None) -> None:
    """What the reader faults is what the schema refuses, and the reader says it in words."""
    found = faults(text)

    assert VALIDATOR.is_valid(plain(read_document(SourceFile("m.yaml", text)).root)) == (fault is None)
    assert (found[0][: len(fault)] if found and fault else None) == fault


def references(text: str) -> list[tuple[Any, ...]]:
    file = SourceFile("m.yaml", f"a: {text}\n")
    node = get(read_document(file).root, "a")
    assert isinstance(node, Scalar)
    return [
        (each.words, each.name, each.type, each.format, each.column, each.column_type, each.place.text)
        for each in references_in(node)
    ]


POINTER = "a.yaml#/components/schemas/O/properties/total"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Primary key (no contract field)", []),
        ('"see docs/notes.md:3-4 (x: string)"', []),
        (
            '"api/v1/a.yaml:60-63 (id: string uuid)"',
            [("api/v1/a.yaml:60-63", "id", "string", "uuid", "", "", "api/v1/a.yaml:60-63 (id: string uuid)")],
        ),
        (
            '"a.json:47 (t: number float) → cents (numeric(6,5)), b.yml:1-2 (x-y: boolean) -> y"',
            [
                ("a.json:47", "t", "number", "float", "cents", "numeric(6,5)", "a.json:47 (t: number float)"),
                ("b.yml:1-2", "x-y", "boolean", "", "y", "", "b.yml:1-2 (x-y: boolean)"),
            ],
        ),
        ("from a.yaml:3-4, by hand", [("a.yaml:3-4", "", "", "", "", "", "a.yaml:3-4")]),
        ("a.yaml:3-9 (Order)", [("a.yaml:3-9", "Order", "", "", "", "", "a.yaml:3-9 (Order)")]),
        (POINTER, [(POINTER, "", "", "", "", "", POINTER)]),
        (f'"{POINTER} → total_cents (bigint), exposed."', [(POINTER, "", "", "", "total_cents", "bigint", POINTER)]),
        (f"see {POINTER}.", [(POINTER, "", "", "", "", "", f"{POINTER}.")]),
        ("'a.yaml#/a~1b/c%2Cd'", [("a.yaml#/a~1b/c,d", "", "", "", "", "", "a.yaml#/a~1b/c%2Cd")]),
        (
            ">-\n  a.yaml:1-2 (x:\n  string) and a.yaml:3-4\n  (y)",
            [
                ("a.yaml:1-2", "x", "string", "", "", "", "a.yaml:1-2 (x:\n  string)"),
                ("a.yaml:3-4", "y", "", "", "", "", "a.yaml:3-4\n  (y)"),
            ],
        ),
        (
            '"https://example.com/a.yaml#/x"',
            [("https://example.com/a.yaml#/x", "", "", "", "", "", "https://example.com/a.yaml#/x")],
        ),
    ],
)  # fmt: skip
def test_references_in_prose(text: str, found: list[tuple[Any, ...]]) -> None:
    """What a reference names, and the very characters that it is written in."""
    assert references(text) == found


def test_what_is_said_of_a_column() -> None:
    text = """\
entities:
  o:
    columns:
      - name: a
        type: integer
        validation: "cents, NOT NULL, CHECK (a >= 0 AND f(a) < (2)), UNIQUE (a, b), known codes (ck_a)"
        fk_reference: "app.things.id (ON DELETE CASCADE)"
        stitching: "events.correlation_id, and letters.correlation_id"
      - {name: b, validation: "CHECK (b IS NOT NULL OR (a", fk_reference: "see things.id"}
"""
    columns = read_mapping(read_document(SourceFile("m.yaml", text))).entities[0].columns

    assert [columns[0].not_null, *columns[0].checks, *columns[0].uniques, columns[0].foreign_key] != []
    assert columns[0].not_null is not None
    assert columns[0].not_null.place.text == "NOT NULL"
    assert [(each.text, each.place.text) for each in columns[0].checks] == [
        ("a >= 0 AND f(a) < (2)", "CHECK (a >= 0 AND f(a) < (2))")
    ]
    assert [each.text for each in columns[0].uniques] == ["a, b"]
    assert columns[0].foreign_key is not None
    assert columns[0].foreign_key.text == "app.things.id"
    assert [each.text for each in columns[0].stitching] == ["events.correlation_id", "letters.correlation_id"]
    assert (columns[1].checks, columns[1].foreign_key) == ((), None)


TYPES = """\
types:
  openapi_string: {postgres: text}
  openapi_string_uuid: {postgres: uuid}
  openapi_string_date_time: {postgres: timestamptz}
  openapi_number_float_currency: {postgres: "integer or bigint", conversion: cents}
  openapi_number_float: {postgres: real}
  openapi_number_double_ratio: {postgres: "numeric(6,5)"}
  openapi_string_code: {postgres: varchar(3)}
"""


@pytest.mark.parametrize(
    ("kind", "form", "postgres", "closed"),
    [
        ("string", "", ["text", "varchar(3)"], True),
        ("string", "uuid", ["uuid"], True),
        ("string", "date-time", ["timestamptz"], True),
        ("string", "date", [], False),
        ("number", "float", ["integer", "bigint", "real"], True),
        ("number", "double", ["numeric(6,5)"], False),
        ("number", "", [], False),
        ("boolean", "", [], False),
    ],
)
def test_rows_of_the_type_table(kind: str, form: str, postgres: list[str], closed: bool) -> None:
    mapping = read_mapping(read_document(SourceFile("m.yaml", TYPES)))
    rows = rows_for(mapping, Shape(types=(kind,), format=form))

    assert [each for rule in rows.rules for each in rule.postgres] == postgres
    assert rows.closed is closed
    assert rows.conversion == ("cents" if form == "float" else "")
    assert rows_for(None, Shape(types=(kind,))) == ((), False)
