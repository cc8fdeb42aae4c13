"""
`schemaguard contract`: the table in each format, its verdicts and totals, and references turned into pointers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.support import CommandLine

CONFIG = "contracts: {openapi: [api.yaml], mapping: [m.yaml]}\nsources: [{sql: 'db/*.sql'}]\n"
SQL = """\
CREATE TABLE orders (id uuid PRIMARY KEY, total_cents bigint NOT NULL, note text, number varchar(10) NOT NULL);
CREATE VIEW order_totals AS SELECT id, max(total_cents) OVER (ORDER BY id) AS total_cents, note FROM orders;
CREATE TABLE lines (id uuid PRIMARY KEY, article text NOT NULL);
"""
API = """\
openapi: 3.1.0
paths:
  /orders:
    get:
      parameters: [{name: number, in: query, schema: {type: string}}]
      responses:
        "200": {content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/NewOrder"}}}}
      responses: {"201": {description: made}}
components:
  schemas:
    Order:
      required: [id, total, note]
      x-read-model: order_totals
      properties:
        id: {type: string, format: uuid}
        total: {type: integer, x-maps-to: {table: orders, column: total_cents}}
        note: {type: string}
        words: {type: string, x-computed: true}
        extra: {type: string}
        lines: {type: array, items: {$ref: "#/components/schemas/Line"}}
    NewOrder:
      required: [number]
      properties:
        number: {type: string, maxLength: 20}
        nothing: {type: string, x-maps-to: {table: orders, column: gone}}
    Line:
      properties:
        article: {type: string, x-maps-to: {table: lines, column: article}}
    Unused:
      properties:
        total: {type: integer, x-maps-to: {table: orders, column: total_cents}}
"""
MAPPING = """\
entities:
  order:
    table: orders
    columns:
      - {name: id, contract_mapping: "api.yaml:17-17 (id: string uuid)"}
      - name: number  # kept
        contract_mapping: "api.yaml:26-26 (number: string)"
      - {name: note, contract_mapping: "api.yaml:2-3 (note: string)"}
"""


@pytest.fixture
def project(cli: CommandLine) -> CommandLine:
    cli.put("schemaguard.yaml", CONFIG)
    cli.put("db/0001.sql", SQL)
    cli.put("api.yaml", API)
    cli.put("m.yaml", MAPPING)
    return cli


def test_the_table(project: CommandLine) -> None:
    done = project("contract")

    assert done.code == 1
    assert (
        done.out
        == """\
GET /orders  response 200 Order
  id     string uuid  required  →  orders.id           uuid    NOT NULL  via order_totals  verified
  total  integer      required  →  orders.total_cents  bigint  NOT NULL  via order_totals  verified
  note   string       required  →  order_totals.note   text    NULL      via order_totals  contract-field-nullable
  words  string       optional                                                             computed
  extra  string       optional                                                             unmapped
  lines  array        optional                                                             structure

GET /orders  response 200 Line
  article  string  optional  →  lines.article  text  NOT NULL    verified

POST /orders  request NewOrder
  number   string  required  →  orders.number  character varying(10)  NOT NULL    contract-limit-mismatch
  nothing  string  optional  →  orders.gone                                       contract-column-unknown

no operation  response Unused
  total  integer  optional  →  orders.total_cents  bigint  NOT NULL    verified

7 mapped, 4 verified, 1 unmapped, 1 stale, 1 computed
"""
    )


def test_as_json(project: CommandLine) -> None:
    done = project("contract", "--format", "json")
    document = json.loads(done.out)

    assert document["totals"] == {"mapped": 7, "verified": 4, "stale": 1, "unmapped": 1, "computed": 1}
    assert document["exit_code"] == done.code == 1
    assert document["fields"][2] == {
        "operation": "GET /orders", "sent": "response 200", "schema": "Order", "field": "note",
        "field_type": "string", "required": True, "at": {"path": "api.yaml", "line": 19, "column": 9},
        "table": "order_totals", "column": "note", "type": "text", "nullable": True, "view": "order_totals",
        "verdict": "contract-field-nullable", "rules": ["contract-field-nullable"],
    }  # fmt: skip
    assert len(document["fields"]) == 10


def test_as_markdown(project: CommandLine) -> None:
    done = project("contract", "--format", "markdown")
    lines = done.out.splitlines()

    assert lines[0] == "### GET /orders: response 200 Order"
    assert lines[2] == "| field | type | required | column | type | null | via | verdict |"
    assert lines[4] == (
        "| `id` | string uuid | yes | `orders.id` | uuid | NOT NULL | `order_totals` | verified |"
    )
    assert lines[-1] == "7 mapped, 4 verified, 1 unmapped, 1 stale, 1 computed"


def test_a_statement_of_the_mapping_that_is_outdated_counts(project: CommandLine) -> None:
    project.put("m.yaml", MAPPING.replace("{name: id, ", "{name: id, type: bigint, "))
    done = project("contract", "--format", "json")

    assert json.loads(done.out)["fields"][0]["verdict"] == "contract-mapping-outdated"


def test_all_verified(project: CommandLine) -> None:
    project.put("m.yaml", "entities: {order: {table: orders}, line: {table: lines}}\n")
    project.put(
        "api.yaml",
        "openapi: 3.0.3\ncomponents: {schemas: {O: {properties: {id: {type: string, format: uuid, "
        "x-maps-to: {table: orders, column: id}}}}}}\n",
    )
    done = project("contract")

    assert done.code == 0
    assert done.out.endswith("1 mapped, 1 verified, 0 unmapped, 0 stale\n")


def test_references_become_pointers(project: CommandLine) -> None:
    shown = project("contract", "--upgrade-references")

    assert shown.code == 0
    assert (
        '+      - {name: id, contract_mapping: "api.yaml#/components/schemas/Order/properties/id"}'
        in shown.out
    )
    assert shown.err == "schemaguard: m.yaml:8: `api.yaml:2-3` leads nowhere and is left as it is\n"
    assert (project.folder / "m.yaml").read_text() == MAPPING

    written = project("contract", "--upgrade-references", "--write")
    text = (project.folder / "m.yaml").read_text()

    assert (written.code, written.out) == (0, "")
    assert "schemaguard: m.yaml: 2 references rewritten\n" in written.err
    assert "name: number  # kept\n" in text
    assert '"api.yaml#/components/schemas/NewOrder/properties/number"' in text

    again = project("contract", "--upgrade-references", "--write")
    assert "rewritten" not in again.err
    assert (project.folder / "m.yaml").read_text() == text


def test_without_a_contract(cli: CommandLine) -> None:
    cli.put("db/0001.sql", SQL)
    done = cli("contract")

    assert (done.code, done.out) == (2, "")
    assert "the config names no contract: see `contracts` in schemaguard.yaml" in done.err


def test_writing_is_for_references(project: CommandLine) -> None:
    done = project("contract", "--write")

    assert done.code == 2
    assert "--write goes with --upgrade-references" in done.err
