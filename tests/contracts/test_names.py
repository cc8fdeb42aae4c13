"""
Names and references of mappings that lead nowhere, each said once, with what was probably meant.
"""

from __future__ import annotations

import pytest

from tests.contracts.support import findings_of

CONTRACT = """\
openapi: 3.0.3
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
components:
  schemas:
    Order:
      properties:
        id: {type: string, format: uuid}
        total: {type: integer}
"""
HISTORY = """\
CREATE DOMAIN amount AS integer DEFAULT 0 NOT NULL;
CREATE DOMAIN plain_amount AS integer;
CREATE TABLE customers (id uuid PRIMARY KEY, total integer);
CREATE TABLE orders (id uuid PRIMARY KEY REFERENCES customers (id), total amount, other plain_amount NOT NULL);
CREATE VIEW open_orders AS SELECT id, total FROM orders;
"""
OUTDATED = "contract-mapping-outdated: the mapping says"
OPTIONAL = "request-field-optional: a request may leave out"
TOTAL = "api.yaml#/components/schemas/Order/properties/total"


def messages(mapping: str, contract: str = CONTRACT) -> list[str]:
    """The findings that are not about what is left unmapped."""
    texts = {
        "schemaguard.yaml": "contracts: {openapi: [api.yaml], mapping: [m.yaml]}\nsources: [{sql: '*.sql'}]\n",
        "0.sql": HISTORY,
        "api.yaml": contract,
        "m.yaml": mapping,
    }
    return [
        f"{finding.rule}: {finding.message}"
        for finding in findings_of(texts)
        if finding.rule not in ("contract-entity-unmapped", "contract-field-unmapped")
    ]


def column(said: str, table: str = "orders") -> str:
    return f"entities:\n  o:\n    table: {table}\n    columns:\n      - {{{said}}}\n"


@pytest.mark.parametrize(
    ("mapping", "found"),
    [
        (
            "entities: {}\ncorrelation_stitching: {tables: [{name: order, column: id}, {name: orders, column: idd}]}",
            [
                "correlation-broken: `orders` has no column `idd`: the trail of an event ends there",
                "contract-column-unknown: there is no table `order`; did you mean `orders`?",
            ],
        ),
        (
            "entities: {}\nchannel_taxonomy: {table: channels, primary_key: code}",
            ["contract-column-unknown: there is no table `channels`"],
        ),
        (
            "entities: {}\nchannel_taxonomy: {table: orders, primary_key: code}",
            ["contract-column-unknown: `orders` has no column `code`"],
        ),
        (
            column("name: id, stitching: 'letters.id, orders.id'"),
            ["contract-column-unknown: there is no table `letters`"],
        ),
        (
            "entities: {o: {table: orders, read_model: open_order}}",
            ["contract-column-unknown: there is no view `open_order`; did you mean `open_orders`?"],
        ),
        ("entities: {o: {table: open_orders, columns: [{name: id, type: uuid}]}}", []),
        (
            "entities: {o: {table: open_orders, columns: [{name: id, type: text}]}}",
            ["contract-mapping-outdated: the mapping says `text` of `open_orders.id`, but it is uuid"],
        ),
        (
            column("name: id, fk_reference: orders.id"),
            [f"{OUTDATED} `a foreign key to orders.id` of `orders.id`, but it refers to `customers.id`"],
        ),
        (
            column("name: id, validation: 'CHECK (a +)'"),
            ["contract-mapping-outdated: the mapping says `CHECK (a +)` of `orders.id`, which is no condition"],
        ),
        # The domain gives the value that the request leaves out; another domain does not.
        (column(f"name: total, contract_mapping: '{TOTAL}'"), []),
        (
            column(f"name: other, contract_mapping: '{TOTAL}'"),
            [f"{OPTIONAL} `total`, but `orders.other` is NOT NULL and has no default"],
        ),
    ],
)  # fmt: skip
def test_names(mapping: str, found: list[str]) -> None:
    assert messages(mapping) == found


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("api.yaml:3-4", "names lines, but no field in them"),
        ("api.yaml#/components/schemas/Gone/properties/x", "leads nowhere"),
        ("api.yaml#/components/schemas/Order/x", "leads nowhere"),
        ("api.yaml#/components/schemas/Order/properties", "leads to what is no field"),
        ("api.yaml#/components/schemas/Order/properties/totl", "leads to no field; did you mean `total`?"),
        ("api.yaml:1-99 (totle)", "has no field `totle`; did you mean `total`?"),
        ("api.yaml:1-3 (total)", "does not hold `total`, which is at line 11 now"),
        ("api.yaml:1-99 (total: string)", "holds `total` as integer, not as string"),
        ("api.yaml:1-99 (id: string date)", "holds `id` as string uuid, not as string date"),
    ],
)
def test_references_to_fields(reference: str, why: str) -> None:
    words = reference.partition(" ")[0]

    assert messages(column(f"name: total, contract_mapping: '{reference}'")) == [
        f"contract-reference-stale: `{words}` {why}"
    ]


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("api.yaml:3-4", "names lines, but no schema in them"),
        ("api.yaml:1-3 (Order)", "does not hold the schema `Order`, which is at line 8 now"),
        ("api.yaml:1-99 (Ordr)", "has no schema `Ordr`; did you mean `Order`?"),
        ("api.yaml#/components/schemas/Gone", "leads nowhere"),
        ("gone.yaml#/components/schemas/Order", "is not there"),
        ("m.yaml:1-99 (Order)", "has no schema `Order`"),
    ],
)
def test_references_to_schemas(reference: str, why: str) -> None:
    words = reference.partition(" ")[0]

    assert messages(f"entities: {{o: {{table: orders, contract_reference: '{reference}'}}}}") == [
        f"contract-reference-stale: `{words}` {why}"
    ]


@pytest.mark.parametrize(
    "reference",
    [
        TOTAL,
        "api.yaml#/paths/~1orders/post/requestBody/content/application~1json/schema/properties/total",  # through $ref
        "api.yaml:1-99 (total: integer)",
        "api.yaml:11 (total)",
        "a text, then api.yaml:11-11 (total: integer), and more",
    ],
)
def test_references_that_lead_to_their_field(reference: str) -> None:
    assert messages(column(f"name: total, contract_mapping: '{reference}'")) == []


def test_an_enum_may_be_said_as_one() -> None:
    contract = CONTRACT.replace("total: {type: integer}", "total: {type: string, enum: [a]}")
    assert messages(column("name: total, contract_mapping: 'api.yaml:11 (total: string enum)'"), contract)[
        0
    ].startswith("contract-type-mismatch")


def test_an_unreadable_document_is_one_finding() -> None:
    found = messages(column(f"name: total, contract_mapping: '{TOTAL}'"), "openapi: 3.0.3\npaths: [\n")

    assert [message.partition(", while")[0] for message in found] == [
        "contract-reference-stale: `api.yaml`: this is not YAML: did not find expected node content"
    ]


NO_VIEW = "contract-column-unknown: there is no view `open_order`; did you mean `open_orders`?"


def test_a_read_model_that_is_not_there_is_one_finding() -> None:
    """Said by an entity of a schema, or by the schema itself."""
    entity = (
        "{table: orders, read_model: open_order, contract_reference: 'api.yaml#/components/schemas/Order'}"
    )
    said = CONTRACT.replace("    Order:\n", "    Order:\n      x-read-model: open_order\n")

    assert messages(f"entities: {{o: {entity}}}") == [NO_VIEW]
    assert messages("entities: {}", said) == [NO_VIEW]
