"""
Rules written in YAML: what they select, what they demand, what they refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.linting.attributes import KINDS
from schemaguard.linting.errors import RuleRefused
from schemaguard.linting.registry import registry
from schemaguard.linting.selection import Choice
from tests.linting.support import lint

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """
CREATE SCHEMA billing;
CREATE ROLE app_rw LOGIN;
CREATE TYPE state AS ENUM ('open', 'paid');
CREATE DOMAIN cents AS bigint;
CREATE TABLE billing.invoices (
  id uuid PRIMARY KEY,
  created_by uuid NOT NULL,
  total cents DEFAULT 0,
  note varchar(20)
);
CREATE TABLE billing.payments (
  id uuid PRIMARY KEY,
  created_by uuid,
  invoice uuid REFERENCES billing.invoices ON DELETE CASCADE
);
CREATE INDEX payments_invoice ON billing.payments (invoice);
COMMENT ON TABLE billing.invoices IS 'What was billed';
CREATE TABLE orders (id bigint);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON orders TO app_rw USING (true);
CREATE VIEW order_ids WITH (security_invoker = true) AS SELECT id FROM orders;
CREATE FUNCTION answer() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 42';
CREATE SEQUENCE numbers;
"""


def names(folder: Path, rule: str) -> list[str]:
    """Return the objects that a declarative rule reports."""
    (folder / "ours.yaml").write_text(rule, encoding="utf-8")
    rules = registry([(str(folder), "governance")])
    result = lint({"a.sql": SCHEMA}, choice=Choice(only=("ours",)), rules=rules)
    return [each.object for each in result.findings]


def test_five_lines_are_a_rule(tmp_path: Path) -> None:
    """The promise of the manual: every table in schema `billing` has `created_by uuid NOT NULL`."""
    rule = """
message: "`{name}` does not say who created its rows: it has no {missing}"
select: {kind: table, schema: billing}
require:
  column: {name: created_by, type: uuid, not_null: true}
"""
    (tmp_path / "created_by.yaml").write_text(rule, encoding="utf-8")
    rules = registry([(str(tmp_path), "governance")])
    [finding] = lint({"a.sql": SCHEMA}, choice=Choice(only=("created-by",)), rules=rules).findings

    assert finding.message == "`payments` does not say who created its rows: it has no column created_by"
    assert finding.key == "created-by:billing.payments:column created_by"
    assert (finding.location.path, finding.location.line) == ("a.sql", 12)
    assert (finding.severity.label, finding.family) == ("error", "custom")


@pytest.mark.parametrize(
    ("select", "demand", "reported"),
    [
        ("kind: table", "require: {comment: '*'}", ["table billing.payments", "table public.orders"]),
        ("kind: table", "forbid: {rls_enabled: true}", ["table public.orders"]),
        ("kind: table, name: 'o*'", "require: {constraint: {type: primary key}}", ["table public.orders"]),
        ("kind: table, owner: app_rw", "require: {comment: '*'}", []),
        ("kind: table", "forbid: {column: {type: 'character varying*'}}", ["table billing.invoices"]),
        ("kind: table", "forbid: {policy: {roles: app_rw, using: 'true'}}", ["table public.orders"]),
        (
            "kind: column, name: created_by",
            "require: {not_null: true}",
            ["column billing.payments.created_by"],
        ),
        ("kind: column, table: invoices", "forbid: {default: '*'}", ["column billing.invoices.total"]),
        (
            "kind: column, type: [uuid, bigint], schema: billing",
            "forbid: {name: invoice}",
            ["column billing.payments.invoice"],
        ),
        (
            "kind: constraint, type: foreign key",
            "require: {on_delete: [NO ACTION, RESTRICT]}",
            ["constraint payments_invoice_fkey on table billing.payments"],
        ),
        (
            "kind: constraint, ref_table: billing.invoices",
            "forbid: {columns: [invoice]}",
            ["constraint payments_invoice_fkey on table billing.payments"],
        ),
        ("kind: index, unique: false", "require: {comment: '*'}", ["index billing.payments_invoice"]),
        ("kind: index, columns: [invoice]", "forbid: {method: btree}", ["index billing.payments_invoice"]),
        ("kind: view", "forbid: {options: security_invoker=true}", ["view public.order_ids"]),
        ("kind: function, returns: integer", "forbid: {volatility: immutable}", ["function public.answer()"]),
        ("kind: type", "forbid: {labels: open}", ["type public.state"]),
        ("kind: domain", "require: {not_null: true}", ["domain public.cents"]),
        ("kind: sequence", "forbid: {owned_by: null}", ["sequence public.numbers"]),
        ("kind: schema, name: billing", "require: {comment: '*'}", ["schema billing"]),
        ("kind: role, login: true", "forbid: {superuser: false}", ["role app_rw"]),
        ("kind: policy", "forbid: {cmd: ALL}", ["policy mine on table public.orders"]),
    ],
)
def test_selects_and_demands(tmp_path: Path, select: str, demand: str, reported: list[str]) -> None:
    """Of every kind of object, by attributes and by parts."""
    assert names(tmp_path, f"message: found\nselect: {{{select}}}\n{demand}\n") == reported


@pytest.mark.parametrize(
    ("rule", "line", "words"),
    [
        ("select: {kind: table}\nrequire: {comment: '*'}", 1, "lacks `message`"),
        ("message: x\nselect: {kind: tabel}\nrequire: {comment: '*'}", 2, "did you mean `table`?"),
        ("message: x\nselect: {name: a}\nrequire: {comment: '*'}", 2, "does not say which `kind`"),
        ("message: x\nselect: {kind: table}", 1, "it demands nothing"),
        ("message: x\nselect: {kind: table}\nrequire: {coment: '*'}", 3, "did you mean `comment`?"),
        ("message: x\nselect: {kind: table}\nrequire:\n  column: {typ: uuid}", 4, "did you mean `type`?"),
        ("message: x\nselect: {kind: table}\nrequire: {column: created_by}", 3, "takes a mapping"),
        ("message: x\nselect: {kind: table}\nrequire: {comment: {a: b}}", 3, "takes a value"),
        ("message: x\nselect: {kind: role}\nrequire: {column: {name: x}}", 3, "no attribute `column`"),
        ("message: '{who} x'\nselect: {kind: table}\nrequire: {comment: '*'}", 1, "names `{who}`"),
        ("message: 'a { b'\nselect: {kind: table}\nrequire: {comment: '*'}", 1, "can't be filled in"),
        ("message: x\nselect: {kind: table}\nrequire: {comment: '*'}\nseverity: fatal", 4, "severity"),
        ("message: x\nselect: {kind: table}\nrequired: {comment: '*'}", 3, "unknown key `required`"),
        ("message: [}", 1, "this is not YAML"),
    ],
)
def test_a_badly_shaped_rule_is_refused(tmp_path: Path, rule: str, line: int, words: str) -> None:
    """With its line and the nearest right name."""
    (tmp_path / "ours.yaml").write_text(rule, encoding="utf-8")

    with pytest.raises(RuleRefused) as caught:
        list(registry([(str(tmp_path), "governance")]).all())

    assert (caught.value.path, caught.value.line) == ("governance/ours.yaml", line)
    assert words in caught.value.message


def test_every_attribute_can_be_asked(tmp_path: Path) -> None:
    """None of them raises on a schema that has objects of every kind."""
    for kind in KINDS.values():
        for attribute in kind.attributes:
            names(
                tmp_path,
                f"message: x\nselect: {{kind: {kind.name}}}\nforbid: {{{attribute}: no such value}}\n",
            )
