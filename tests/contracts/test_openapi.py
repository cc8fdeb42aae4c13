"""
What schemas promise, held against a validator of JSON Schema; where operations lead, and what refers to what.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st
from jsonschema import Draft202012Validator

from schemaguard.contracts.nodes import get
from tests.contracts.support import contract_of

if TYPE_CHECKING:
    from schemaguard.contracts.openapi.contract import Contract
    from schemaguard.contracts.openapi.shapes import Shape

NAMES = ("a", "b", "c")
VALUE_SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {}, {"type": "string"}, {"type": ["integer", "null"]}, {"type": "null"}, {"enum": ["x", None]},
            {"type": "string", "enum": ["x", "y"]}, {"type": ["string", "null"], "enum": ["x", None]},
            {"const": None}, {"const": "x"}, {"$ref": "#/components/schemas/Text"},
            {"$ref": "#/components/schemas/Maybe"}, {"$ref": "#/components/schemas/Text", "type": ["string", "null"]},
            {"description": "anything"}, {"items": {}, "type": "array"},
        ]
    ),
    lambda inner: st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=3)})
    | st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)})
    | st.fixed_dictionaries({"type": st.just(["string", "null"]), "anyOf": st.lists(inner, min_size=1, max_size=2)}),
    max_leaves=6,
)  # fmt: skip
SCHEMAS = {"Text": {"type": "string"}, "Maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]}}


def of_schemas(
    schemas: dict[str, Any], paths: dict[str, Any] | None = None, version: str = "3.1.0"
) -> Contract:
    document = {"openapi": version, "components": {"schemas": schemas}, "paths": paths or {}}
    return contract_of({"api.json": json.dumps(document)})


@given(VALUE_SCHEMAS)
def test_null_is_allowed_where_a_validator_allows_it(schema: dict[str, Any]) -> None:
    contract = of_schemas({**SCHEMAS, "Order": {"properties": {"x": schema}}})
    field = next(field for field in contract.read_fields() if field.name == "x")
    validator = Draft202012Validator({**schema, "components": {"schemas": SCHEMAS}})

    assert contract.shape(field).nullable == validator.is_valid(None)


OBJECT_SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {"properties": st.fixed_dictionaries({name: st.just({"type": "integer"}) for name in NAMES})},
        optional={"required": st.lists(st.sampled_from(NAMES), unique=True)},
    ),
    lambda inner: (
        st.fixed_dictionaries(
            {"allOf": st.lists(inner, min_size=1, max_size=3)},
            optional={"required": st.lists(st.sampled_from(NAMES), unique=True)},
        )
        | st.fixed_dictionaries(
            {
                "properties": st.fixed_dictionaries({name: st.just({}) for name in NAMES}),
                "anyOf": st.lists(inner, min_size=1, max_size=3),
            }
        )
    ),
    max_leaves=5,
)


@given(OBJECT_SCHEMAS)
def test_a_field_is_required_where_no_valid_object_lacks_it(schema: dict[str, Any]) -> None:
    contract = of_schemas({"Order": schema})
    node = get(contract.roots[0].root, "components", "schemas", "Order")
    assert node is not None
    found = contract.object(node)
    assert found is not None
    validator = Draft202012Validator(schema)
    whole = dict.fromkeys(NAMES, 1)

    assert {name: member.required for name, member in found.members.items()} == {
        name: not validator.is_valid({key: 1 for key in whole if key != name}) for name in NAMES
    }


def shape_of(schema: dict[str, Any], version: str = "3.1.0", **others: object) -> Shape:
    contract = of_schemas({"Order": {"properties": {"x": schema}}, **others}, version=version)
    return contract.shape(next(field for field in contract.read_fields() if field.name == "x"))


@pytest.mark.parametrize(
    ("schema", "version", "nullable"),
    [
        ({"type": "string", "nullable": True}, "3.0.3", True),
        ({"type": "string"}, "3.0.3", False),
        ({"allOf": [{"$ref": "#/components/schemas/T"}], "nullable": True}, "3.0.3", True),
        ({"$ref": "#/components/schemas/T", "nullable": True}, "3.0.3", False),  # beside $ref nothing counts in 3.0
        ({"type": "string", "enum": ["a"], "nullable": True}, "3.0.3", True),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "3.1.0", True),
        ({"type": None}, "3.1.0", True),
    ],
)  # fmt: skip
def test_null_in_each_form(schema: dict[str, Any], version: str, nullable: bool) -> None:
    assert shape_of(schema, version, T={"type": "string"}).nullable is nullable


def test_what_a_schema_says_is_gathered() -> None:
    shape = shape_of(
        {
            "description": "One.",
            "allOf": [
                {"$ref": "#/components/schemas/T"},
                {"maxLength": 5, "minimum": 1, "readOnly": True, "description": "Two."},
            ],
        },
        T={
            "type": "string",
            "format": "uuid",
            "maxLength": 9,
            "pattern": "^a",
            "default": "a",
            "exclusiveMinimum": 2,
        },
    )

    assert (shape.words, shape.format, shape.read_only, shape.has_default) == (
        "string uuid",
        "uuid",
        True,
        True,
    )
    assert shape.description == "One. Two."
    assert shape.limits["maxLength"].value == 5
    assert (shape.limits["minimum"].value, shape.limits["minimum"].inclusive) == (2, False)
    assert shape.pattern is not None
    assert shape.pattern[0] == "^a"


def test_what_alternatives_share() -> None:
    shape = shape_of(
        {
            "oneOf": [
                {"type": "string", "enum": ["a"], "maxLength": 3, "description": "One."},
                {"type": "string", "const": "b", "maxLength": 5},
            ]
        }
    )
    mixed = shape_of({"anyOf": [{"type": "string", "format": "uuid", "maxLength": 3}, {"type": "integer"}]})

    assert shape.enum is not None
    assert (shape.types, shape.enum.values, shape.limits["maxLength"].value) == (("string",), ("a", "b"), 5)
    assert (mixed.words, mixed.limits, mixed.enum) == ("string or integer", {}, None)


@pytest.mark.parametrize(
    ("schema", "limit", "inclusive"),
    [
        ({"maximum": 5}, 5, True),
        ({"maximum": 5, "exclusiveMaximum": True}, 5, False),  # 3.0
        ({"exclusiveMaximum": 5}, 5, False),  # 3.1
        ({"maximum": 5, "exclusiveMaximum": False}, 5, True),
    ],
)
def test_exclusive_limits(schema: dict[str, Any], limit: int, inclusive: bool) -> None:
    found = shape_of({"type": "integer", **schema}).limits["maximum"]

    assert (found.value, found.inclusive) == (limit, inclusive)


def test_values_of_an_enum_are_text() -> None:
    enum = shape_of({"enum": [1, True, "x", None]}).enum

    assert enum is not None
    assert enum.values == ("1", "true", "x")


def test_alternatives_without_end_are_given_up() -> None:
    """A schema that is a choice of itself has no shape, and says so."""
    shape = shape_of({"$ref": "#/components/schemas/T"}, T={"anyOf": [{"$ref": "#/components/schemas/T"}]})

    assert not shape.known


# Operations

ORDER = {"$ref": "#/components/schemas/Order"}
JSON_ORDER = {"content": {"application/json": {"schema": ORDER}}}


def directions(paths: dict[str, Any], **more: Any) -> dict[str, set[tuple[str, bool]]]:
    """The uses of each field of `Order`: direction and whether it is required."""
    document = {
        "openapi": "3.1.0",
        "paths": paths,
        "components": {
            "schemas": {
                "Order": {
                    "required": ["id", "secret"],
                    "properties": {
                        "id": {"type": "integer", "readOnly": True},
                        "secret": {"type": "string", "writeOnly": True},
                        "note": {"type": "string"},
                    },
                }
            },
            **more.pop("components", {}),
        },
        **more,
    }
    contract = contract_of({"api.json": json.dumps(document)})
    assert contract.broken == []
    return {
        field.name: {(use.direction, use.required) for use in contract.uses_of(field)}
        for field in contract.read_fields()
        if field.kind == "property"
    }


@pytest.mark.parametrize(
    ("paths", "note"),
    [
        ({"/o": {"get": {"responses": {"200": JSON_ORDER}}}}, "response"),
        ({"/o": {"post": {"requestBody": JSON_ORDER}}}, "request"),
        ({"/o": {"patch": {"requestBody": JSON_ORDER}}}, "patch"),
        ({"/o": {"get": {"parameters": [{"name": "o", "in": "query", "schema": ORDER}]}}}, "parameter"),
        ({"/o": {"parameters": [{"name": "o", "in": "query", **JSON_ORDER}], "get": {}}}, "parameter"),
        ({"/o": {"get": {"responses": {"200": {"headers": {"X": {"schema": ORDER}}}}}}}, "response"),
        ({"/o": {"post": {"callbacks": {"done": {"{$url}": {"post": {"requestBody": JSON_ORDER}}}}}}}, "response"),
        ({"/o": {"get": {"responses": {"200": {"content": {"x": {"schema": {"items": ORDER}}}}}}}}, "response"),
        ({"/o": {"$ref": "#/components/pathItems/P"}}, "response"),
        ({"/o": {"get": {"$ref": "#/components/pathItems/P/get"}}}, "response"),  # as splitters write it
        ({}, "response"),  # what no operation reaches counts as an answer
    ],
)  # fmt: skip
def test_where_a_schema_goes(paths: dict[str, Any], note: str) -> None:
    components = {
        "pathItems": {"P": {"get": {"responses": {"200": {"$ref": "#/components/responses/R"}}}}}
    } | {"responses": {"R": JSON_ORDER}}
    if "pathItems" not in str(paths):
        components = {}
    found = directions(paths, components=components)

    assert found["note"] == {(note, False)}
    assert found["id"] == ({("response", True)} if note == "response" else set())
    assert found["secret"] == (set() if note == "response" else {(note, True)})


def test_webhooks_send_what_they_ask() -> None:
    found = directions({}, webhooks={"paid": {"post": {"requestBody": JSON_ORDER}}})

    assert found["id"] == {("response", True)}


def test_both_directions_are_kept_apart() -> None:
    found = directions({"/o": {"post": {"requestBody": JSON_ORDER, "responses": {"201": JSON_ORDER}}}})

    assert found["note"] == {("request", False), ("response", False)}
    assert (found["id"], found["secret"]) == ({("response", True)}, {("request", True)})


# References

FILES = {
    "api/v1/main.yaml": """\
openapi: 3.1.0
paths:
  /o:
    get:
      responses:
        '200':
          content:
            application/json:
              schema: {$ref: "../shared/order.json#/defs/Order"}
components:
  schemas:
    Local:
      properties:
        by_anchor: {$ref: "#money"}
        by_id: {$ref: "https://example.com/ids/money"}
        inside_id: {$ref: "https://example.com/ids/money#/properties/x"}
        through: {$ref: "#/components/schemas/Alias/properties/x"}
        in_list: {$ref: "#/components/schemas/Listed/allOf/1"}
        encoded: {$ref: "#/components/schemas/a~1b%20c"}
    Money: {$anchor: money, $id: "https://example.com/ids/money", type: integer, properties: {x: {type: boolean}}}
    Alias: {$ref: "#/components/schemas/Money"}
    Listed: {allOf: [{type: string}, {type: number}]}
    a/b c: {type: string, format: date}
""",
    "api/shared/order.json": '{"defs": {"Order": {"properties": {"next": {"$ref": "#/defs/Order"}, '
    '"total": {"$ref": "../v1/main.yaml#/components/schemas/Money"}}}}}',
}


def test_references_are_followed_across_files() -> None:
    contract = contract_of(FILES, "api/v1/*.yaml")
    shapes = {field.name: contract.shape(field).words for field in contract.read_fields()}

    assert shapes == {
        "by_anchor": "integer",
        "by_id": "integer",
        "inside_id": "boolean",
        "through": "boolean",
        "in_list": "number",
        "encoded": "string date",
        "x": "boolean",
        "next": "object",
        "total": "integer",
    }
    assert contract.broken == []
    assert {field.path for field in contract.read_fields()} == set(FILES)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("#/components/schemas/Gone", "leads nowhere"),
        ("#/components/schemas/Order/allOf/x", "leads nowhere"),
        ("#gone", "leads nowhere"),
        ("other.yaml#/x", "can't be followed: `other.yaml` is not there"),
        ("broken.yaml#/x", "can't be followed: `broken.yaml` is not YAML"),
        ("https://example.com/x.yaml", "lies outside of the project, where nothing is read"),
        (
            "../../x.yaml",
            "can't be followed: `../../x.yaml` lies outside of the project, where nothing is read",
        ),
        ("#/components/schemas/Order/properties/x", "leads back to itself"),
    ],
)
def test_references_that_lead_nowhere(reference: str, why: str) -> None:
    text = f'openapi: 3.0.3\ncomponents: {{schemas: {{Order: {{properties: {{x: {{$ref: "{reference}"}}}}}}}}}}\n'
    contract = contract_of({"api.yaml": text, "broken.yaml": "a: ["}, "api.yaml")

    assert [broken.reference for broken in contract.broken] == [reference]
    assert contract.broken[0].why.startswith(why)
    assert contract.broken[0].place.text == f'"{reference}"'
    assert not contract.shape(next(contract.read_fields())).known


@pytest.mark.parametrize(
    ("files", "patterns", "why"),
    [
        ({"a.yaml": "openapi: 2.0.0"}, ["a.yaml"], "is OpenAPI 2.0.0: 3.0 and later is read"),
        ({"a.yaml": "swagger: '2.0'"}, ["a.yaml"], "has no `openapi: 3.…` at its top: 3.0 and later is read"),
        ({"a.yaml": "[]"}, ["a.yaml"], "has no `openapi: 3.…` at its top: 3.0 and later is read"),
        ({"a.yaml": "x: 1"}, ["b/*.yaml"], "matches no file"),
        ({"a.yaml": "x: 1"}, ["../a.yaml"], "lies outside of the project"),
    ],
)
def test_documents_that_are_no_contract(files: dict[str, str], patterns: list[str], why: str) -> None:
    contract = contract_of(files, *patterns)

    assert [each.why for each in contract.unusable] == [why]
    assert contract.roots == []


def test_a_version_may_be_a_number() -> None:
    assert contract_of("openapi: 3.1").unusable == []


def test_fields_know_their_pointers() -> None:
    """Each property, parameter and header is found again under its pointer."""
    contract = contract_of(
        "openapi: 3.0.3\npaths:\n  /o/{id}:\n    get:\n      parameters: [{name: id, in: path, schema: {}}]\n"
        "      responses: {'200': {headers: {X-Rate: {schema: {type: integer}}}}}\n"
        "components:\n  schemas:\n    O:\n      properties: {properties: {type: string}, 'a~/b': {type: integer}}\n"
        "      example: {properties: {no: {type: string}}}\n"
    )
    fields = list(contract.read_fields())

    assert sorted(field.name for field in fields) == ["X-Rate", "a~/b", "id", "properties"]
    for field in fields:
        found = contract.documents.at(contract.roots[0], field.pointer)
        assert found is (field.schema if field.kind == "property" else field.owner)
    assert fields[-1].address == "api.yaml#/components/schemas/O/properties/a~0~1b"
