"""
The cross-check on small contracts: what is promised, by which of several schemas, through which view.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.table import contract_table
from tests.contracts.support import findings_of, line_of, project_of

CONFIG = "contracts: {openapi: [api.json], mapping: [m.yaml]}\nsources: [{sql: '*.sql'}]\n"


def texts(schemas: dict[str, Any], sql: str, mapping: str = "types: {}\n", **more: Any) -> dict[str, str]:
    contract = {"openapi": "3.1.0", "components": {"schemas": schemas}, **more}
    return {
        "schemaguard.yaml": CONFIG,
        "0.sql": sql,
        "api.json": json.dumps(contract, indent=1),
        "m.yaml": mapping,
    }


def maps_to(table: str, column: str, **schema: Any) -> dict[str, Any]:
    return {"type": "string", **schema, "x-maps-to": {"table": table, "column": column}}


def rules(given: dict[str, str]) -> list[str]:
    """The rules that found something, those aside that say what is not mapped."""
    found = [finding.rule for finding in findings_of(given)]
    return [rule for rule in found if rule not in ("contract-entity-unmapped", "contract-field-unmapped")]


CARD = {
    "required": ["id", "number"],
    "properties": {"id": maps_to("payments", "id"), "number": maps_to("payments", "number")},
}
BANK = {
    "required": ["id", "iban"],
    "properties": {"id": maps_to("payments", "id"), "iban": maps_to("payments", "iban")},
}
CHOICE = {"oneOf": [{"$ref": "#/components/schemas/Card"}, {"$ref": "#/components/schemas/Bank"}]}
PAYMENTS = "CREATE TABLE payments (id text PRIMARY KEY, number text, iban text);"


def get(schema: dict[str, Any]) -> dict[str, Any]:
    return {"/p": {"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}}}


@pytest.mark.parametrize(
    ("paths", "sql", "expected"),
    [
        # Rows of one kind have no values of the other: the table can't demand them.
        (get(CHOICE), PAYMENTS, []),
        # The same schemas on their own promise their fields in every answer.
        ({}, PAYMENTS, ["contract-field-nullable", "contract-field-nullable"]),
        # What both kinds have, the table must have.
        (get(CHOICE), PAYMENTS.replace("id text PRIMARY KEY", "id text"), ["contract-field-nullable"]),
    ],
)
def test_a_choice_of_kinds_in_one_table(paths: dict[str, Any], sql: str, expected: list[str]) -> None:
    assert rules(texts({"Card": CARD, "Bank": BANK}, sql, paths=paths)) == expected


def test_a_choice_of_kinds_in_tables_of_their_own() -> None:
    bank = {"required": ["iban"], "properties": {"iban": maps_to("banks", "iban")}}
    sql = "CREATE TABLE payments (id text PRIMARY KEY, number text); CREATE TABLE banks (iban text NOT NULL);"
    findings = findings_of(texts({"Card": CARD, "Bank": bank}, sql, paths=get(CHOICE)))

    assert [finding.message for finding in findings] == [
        "`payments.number` may be NULL, but holds `number`, which the contract requires"
    ]


def test_a_field_that_two_parts_define() -> None:
    """The definition that a mapping names need not be the first one: the object requires the field all the same."""
    schemas = {
        "Base": {"properties": {"note": maps_to("t", "note")}},
        "Whole": {
            "allOf": [{"$ref": "#/components/schemas/Base"}],
            "required": ["note"],
            "properties": {"note": {"description": "again"}},
        },
    }

    assert rules(texts(schemas, "CREATE TABLE t (note text);")) == ["contract-field-nullable"]


def test_fields_of_an_object_that_is_mapped_as_one() -> None:
    """`x-maps-to` of an object is not that of its fields."""
    schemas = {
        "Order": {
            "properties": {
                "data": {
                    "type": "object",
                    "required": ["a"],
                    "properties": {"a": {"type": "integer"}},
                    "x-maps-to": {"table": "t", "column": "data"},
                }
            }
        }
    }
    project = project_of(texts(schemas, "CREATE TABLE t (data jsonb);"))

    assert [(each.field.name, each.name) for each in cross_check(project).mapped] == [("data", "data")]


def test_parameters_and_headers_may_be_mapped() -> None:
    parameter = {"name": "kind", "in": "query", "schema": {"type": "string", "format": "uuid"}}
    parameter["x-maps-to"] = {"table": "t", "column": "kind"}
    header = {"schema": {"type": "integer", "x-maps-to": {"table": "t", "column": "rate"}}}
    paths = {
        "/t": {"get": {"parameters": [parameter], "responses": {"200": {"headers": {"X-Rate": header}}}}}
    }
    findings = findings_of(texts({}, "CREATE TABLE t (kind text, rate text);", paths=paths))

    assert [(each.rule, each.object) for each in findings] == [
        ("contract-type-mismatch", "column public.t.kind"),
        ("contract-type-mismatch", "column public.t.rate"),
    ]


def test_a_view_named_in_place_of_the_table() -> None:
    """What it passes on unchanged has the limits and the values of the column under it."""
    schemas = {
        "Order": {
            "properties": {
                "state": maps_to("v", "state", enum=["open"]),
                "code": maps_to("v", "code", maxLength=9),
                "loud": maps_to("v", "loud", enum=["OPEN"]),
            }
        }
    }
    sql = (
        "CREATE TABLE t (state text CHECK (state IN ('open', 'paid')), code varchar(5));\n"
        "CREATE VIEW w AS SELECT * FROM t;\nCREATE VIEW v AS SELECT state, code, upper(state) AS loud FROM w;\n"
    )

    assert rules(texts(schemas, sql)) == ["contract-enum-mismatch", "contract-limit-mismatch"]


def test_what_can_not_be_told_is_not_verified() -> None:
    schemas = {
        "Order": {
            "properties": {
                "lost": {"$ref": "#/gone", "x-maps-to": {"table": "t", "column": "a"}},
                "a": maps_to("t", "a"),
            }
        }
    }
    project = project_of(texts(schemas, "CREATE TABLE t (a text);"))
    table = contract_table(project, [])

    assert [(row.field, row.verdict) for row in table.rows] == [("lost", "unknown"), ("a", "verified")]
    assert (table.totals.mapped, table.totals.verified) == (2, 1)


@pytest.mark.parametrize("said", ["orders", {"table": "t"}, {"column": "a"}, {"table": 5, "column": "a"}])
def test_an_extension_that_is_not_of_its_form(said: object) -> None:
    given = texts(
        {"Order": {"properties": {"a": {"type": "string", "x-maps-to": said}}}}, "CREATE TABLE t (a text);"
    )
    (finding,) = [each for each in findings_of(given) if each.rule == "contract-reference-stale"]

    assert finding.message == "`x-maps-to` is a mapping with `table` and `column`"
    assert finding.location.line == line_of(given["api.json"], "x-maps-to")


def test_an_extension_may_demand_more_than_the_contract() -> None:
    schemas = {"Order": {"properties": {"a": maps_to("t", "a")}}}
    schemas["Order"]["properties"]["a"]["x-maps-to"]["required"] = True

    assert rules(texts(schemas, "CREATE TABLE t (a text);")) == ["contract-field-nullable"]


def test_a_transform_converts() -> None:
    field = maps_to("t", "a_cents", type="number")
    sql = "CREATE TABLE t (a_cents integer);"
    assert rules(texts({"Order": {"properties": {"a": field}}}, sql)) == ["contract-type-mismatch"]

    field["x-maps-to"]["transform"] = "cents"
    assert rules(texts({"Order": {"properties": {"a": field}}}, sql)) == []


@pytest.mark.parametrize(
    ("sql", "kind", "fits"),
    [
        ("integer", {"type": "boolean"}, False),
        ("boolean", {"type": "boolean"}, True),
        ("text[]", {"type": "array"}, True),
        ("text[]", {"type": "string"}, False),
        ("int4range", {"type": "object"}, True),
        ("text", {"type": "array"}, False),
        ("text", {"type": "object"}, False),
        ("money", {"type": "number"}, True),
        ("real", {"type": "number"}, True),
        ("real", {"type": "integer"}, False),
        ("numeric(5,0)", {"type": "integer"}, True),
        ("numeric", {"type": "integer"}, False),
        ("uuid", {"type": "string"}, True),
        ("uuid", {"type": ["integer", "string"]}, True),
        ("inet", {"type": "string", "format": "ipv4"}, True),
        ("bytea", {"type": "string", "format": "binary"}, True),
        ("bytea", {"type": "string"}, False),
        ("bigint", {"type": "string", "format": "int64"}, True),
        ("bigint", {"type": "string"}, False),
        ("pair", {"type": "object"}, True),
        ("pair", {"type": "string"}, False),
        ("mood", {"type": "string"}, True),
        ("mood", {"type": "integer"}, False),
        ("point", {"type": "string"}, True),
        ("date", {"type": "string", "format": "date-time"}, False),
        ("text", {"type": "null"}, True),
        ("text", {}, True),
    ],
)
def test_the_default_table_of_types(sql: str, kind: dict[str, Any], fits: bool) -> None:
    schemas = {"Order": {"properties": {"a": {**kind, "x-maps-to": {"table": "t", "column": "a"}}}}}
    history = (
        f"CREATE TYPE pair AS (x int, y int); CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (a {sql});"
    )

    assert ("contract-type-mismatch" not in rules(texts(schemas, history))) is fits


TABLE = """\
types: {openapi_string: {postgres: text}, openapi_integer: {postgres: "nonsense type"}}
entities:
  t:
    columns: [{name: a, contract_mapping: "api.json#/components/schemas/Order/properties/a"}]
"""


@pytest.mark.parametrize(
    ("sql", "kind", "expected"),
    [
        ("varchar(9)", {"type": "string"}, []),
        (
            "uuid",
            {"type": "string"},
            ["`t.a`, which holds `a`, is uuid, but the mapping's type table holds string in `text`"],
        ),
        ("mood", {"type": "string", "enum": ["ok"]}, []),
        ("text", {"type": "integer"}, []),  # the row names no type: contract-mapping-outdated is for columns
    ],
)
def test_the_mappings_own_table_of_types(sql: str, kind: dict[str, Any], expected: list[str]) -> None:
    history = f"CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (a {sql});"
    found = findings_of(texts({"Order": {"properties": {"a": kind}}}, history, TABLE))

    assert [finding.message for finding in found if finding.rule == "contract-type-mismatch"] == expected


def test_paths_are_relative_to_the_project_else_to_the_mapping() -> None:
    given = texts({"Order": {"properties": {"a": {"type": "string"}}}}, "CREATE TABLE t (a text);")
    mapping = "entities: {t: {columns: [{name: a, contract_mapping: '%s#/components/schemas/Order/properties/a'}]}}\n"
    config = CONFIG.replace("m.yaml", "docs/m.yaml").replace("api.json", "docs/v1/api.json")
    moved = {"schemaguard.yaml": config, "0.sql": given["0.sql"], "docs/v1/api.json": given["api.json"]}

    for path, expected in (("docs/v1/api.json", 1), ("v1/api.json", 1), ("api.json", 0)):
        project = project_of({**moved, "docs/m.yaml": mapping % path})
        assert len(cross_check(project).mapped) == expected


def test_mappings_that_are_not_there() -> None:
    given = texts({}, "CREATE TABLE t (a text);")
    config = CONFIG.replace("[m.yaml]", "[gone.yaml, ../m.yaml, 'maps/*.yaml']")

    assert [finding.message for finding in findings_of({**given, "schemaguard.yaml": config})] == [
        "`gone.yaml` matches no file",
        "`../m.yaml` lies outside of the project, where nothing is read",
        "`maps/*.yaml` matches no file",
    ]


def test_a_contract_of_many_schemas_is_read_once_through() -> None:
    """A chain of hundreds of references, and as many alternatives, end."""
    schemas: dict[str, Any] = {
        f"S{n}": {
            "allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}],
            "properties": {f"f{n}": {"type": "string"}},
        }
        for n in range(300)
    }
    schemas["S300"] = {"anyOf": [{"$ref": "#/components/schemas/S0"}, {"$ref": "#/components/schemas/S1"}]}
    check = cross_check(project_of(texts(schemas, "CREATE TABLE t (a text);")))

    assert len(check.contract.uses) == 300
    assert check.contract.broken == []
