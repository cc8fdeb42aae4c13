"""
A schemaguard.yaml becomes a policy in which every setting knows its line.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, strategies as st
from jsonschema import Draft202012Validator

from schemaguard.config import ConfigErrors, Policy, parse_config
from schemaguard.config.load import rule_options
from schemaguard.config.policy import AppendOnly, ExternalRole, Money, RuleSetting, Tenancy
from schemaguard.text import SourceFile
from tests.source_tree import SRC

SCHEMA = json.loads((SRC / "config" / "config.schema.json").read_text(encoding="utf-8"))

EVERYTHING = """\
version: 1
postgres: 15
sources:
  - {sql: "db/bootstrap/*.sql", role: boot}
  - {alembic: alembic.ini, name: engine2, environment: {STAGE: prod}, values: {app.TABLES: [a, b]}}
  - {sql: [db/a, db/b], layout: golang-migrate, exclude: "*.mysql.up.sql", always: true}
external:
  roles: {app_rw: {login: true}, batch: {member_of: [app_rw], bypassrls: false}}
  schemas: [extensions]
  extensions: [pgcrypto]
  tables: {auth.users: {columns: {id: uuid}}}
  functions: {auth.uid(): uuid}
specs: "db/docs/specs/*_ddl_spec.sql"
roles: {application: [app_rw, app_admin], readonly: [app_ro], owner: [migration_owner]}
tenancy: {table: tenants, key: id, column: tenant_id, type: uuid, setting: app.current_tenant_id,
          shared: [tenants, "ref_*"], scopes: {preferences: {column: user_id, setting: app.user}}}
append_only:
  attribution_events: {guard: required}
  revenue_ledger: {guard: required, traceable_by: [allocation_id, correlation_id], corrections: additive}
privileges:
  "*": {app_rw: [select, insert, update, delete], app_ro: select, PUBLIC: []}
  revenue_ledger: {app_rw: [select, insert, "update(note, seen_at)"]}
money: {columns: ["*revenue*", "*_cents"], types: [integer, bigint], unit: _cents, nonnegative: true}
taxonomies:
  - {table: channel_taxonomy, columns: ["*.channel", "*.channel_code"], vendor_mapping: map.yaml}
time_series: {attribution_events: occurred_at}
idempotency: {attribution_events: [[tenant_id, external_event_id], [tenant_id, correlation_id]]}
correlation: {column: correlation_id, tables: [attribution_events]}
comments: {require: [table, materialized_view], content: [Purpose], columns: [correlation_id]}
contracts: {openapi: "api/*.yaml", mapping: mapping.yaml}
rules: {money-overflow-risk: off, table-comment-missing: error, downgrade-missing: on,
        generic-column-name: {severity: warning, names: [data, misc]}}
plugins: [governance/rules]
index_plan: plan.yaml
naming: {check: "ck_{table}_*", boolean: ["is_*", "has_*"]}
baseline: .schemaguard-baseline.yaml
exempt: [{object: "public.alembic_version", rules: ["*"], reason: "owned by Alembic", until: "2027-01-31"}]
gates: [{gate: "Row security", phase: "3.1", rules: [row_security], review: true}]
"""


def policy(text: str, path: str = "schemaguard.yaml") -> Policy:
    return parse_config(SourceFile(path, text))


def valid(text: str) -> bool:
    """Whether the JSON Schema takes a config, as an editor would say."""
    return bool(Draft202012Validator(SCHEMA).is_valid(yaml.safe_load(text)))


def test_every_setting_is_read() -> None:
    """What the file says is in the policy, each with its type."""
    read = policy(EVERYTHING)

    assert read.postgres == 15
    assert [source.kind for source in read.sources] == ["sql", "alembic", "sql"]
    assert read.sources[0].sql == ("db/bootstrap/*.sql",)
    assert read.sources[1].environment == {"STAGE": "prod"}
    assert read.sources[1].values == {"app.TABLES": ["a", "b"]}
    assert read.sources[2].always
    assert read.external.roles["batch"] == ExternalRole(member_of=("app_rw",))
    assert read.specs == ("db/docs/specs/*_ddl_spec.sql",)
    assert read.tenancy is not None
    assert read.tenancy.scopes["preferences"].column == "user_id"
    assert read.append_only["attribution_events"] == AppendOnly(guard="required")
    assert read.privileges["*"] == {
        "app_rw": ("select", "insert", "update", "delete"),
        "app_ro": ("select",),
        "PUBLIC": (),
    }
    assert read.idempotency["attribution_events"] == (
        ("tenant_id", "external_event_id"),
        ("tenant_id", "correlation_id"),
    )
    assert read.rules == {
        "money-overflow-risk": RuleSetting("off"),
        "table-comment-missing": RuleSetting("error"),
        "downgrade-missing": RuleSetting("on"),
        "generic-column-name": RuleSetting("warning", {"names": ["data", "misc"]}),
    }
    assert read.exempt[0].until == "2027-01-31"
    assert valid(EVERYTHING)


def test_every_setting_has_its_place() -> None:
    """The key of a setting, the item of a list, or the nearest setting around one that is absent."""
    read = policy(EVERYTHING)

    def place(*path: str | int) -> tuple[int, str]:
        span = read.where(*path)
        assert span is not None
        return span.line, span.text

    assert place("privileges", "revenue_ledger", "app_rw") == (22, "app_rw")
    assert place("privileges", "revenue_ledger", "app_rw", 2) == (22, '"update(note, seen_at)"')
    assert place("append_only", "revenue_ledger", "guard") == (19, "guard")
    assert place("sources", 1) == (5, EVERYTHING.splitlines()[4].removeprefix("  - "))
    assert place("rules", "money-overflow-risk", "severity") == (31, "money-overflow-risk")
    assert place("rules", "generic-column-name", "names", 1) == (32, "misc")
    assert place("tenancy", "nothing") == (15, "tenancy")
    assert read.says("naming", "check")
    assert not read.says("naming", "index")


def test_no_config_is_a_policy_of_defaults() -> None:
    """Nothing is said, nothing has a place."""
    read = Policy()

    assert read.where("tenancy") is None
    assert not read.says("tenancy")
    assert read == policy("")


def test_off_is_told_from_nothing_said() -> None:
    """`off` means that there are none; without it a check may look for itself."""
    for word in ("off", "'off'", "false", "~"):
        read = policy(f"tenancy: {word}\nmoney: {{}}\n")

        assert read.tenancy is None
        assert read.says("tenancy")
        assert read.money == Money()
    assert not policy("money: {}").says("tenancy")


def test_shorter_ways_of_writing() -> None:
    """A text for a list of one, names for a mapping of defaults, nothing for defaults."""
    read = policy("append_only: [ledger, events]\nexternal: {roles: {app: }}\nplugins: rules\ntenancy: {}\n")

    assert read.append_only == {"ledger": AppendOnly(), "events": AppendOnly()}
    assert read.external.roles == {"app": ExternalRole()}
    assert read.plugins == ("rules",)
    assert read.tenancy == Tenancy()
    span = read.where("append_only", "events")
    assert span is not None
    assert span.text == "events"


def test_names_that_yaml_takes_for_something_else() -> None:
    """A key is the text that is written, even where YAML 1.1 reads a boolean or a number."""
    read = policy("append_only: {on: {}, 2024: {}, null: {}}\n")

    assert list(read.append_only) == ["on", "2024", "null"]


def test_anchors_and_merges() -> None:
    """`<<` adds what a mapping does not say itself."""
    read = policy(
        "privileges:\n"
        "  a: &all {app: [select], other: [insert]}\n"
        "  b: {<<: *all, other: [delete]}\n"
        "  c: {<<: [{app: [update]}, *all]}\n"
    )

    assert read.privileges["b"] == {"app": ("select",), "other": ("delete",)}
    assert read.privileges["c"] == {"app": ("update",), "other": ("insert",)}


class Options(msgspec.Struct, forbid_unknown_fields=True):
    """What some rule might take."""

    names: tuple[str, ...] = ("data",)
    limit: int = 3


def test_options_of_a_rule() -> None:
    """A rule's options are read with the rule's own type, errors at their lines."""
    read = policy("rules:\n  a: {severity: error, names: x}\n  b: off\n  c: {limt: 3,\n      limit: x}\n")

    assert rule_options(read, "a", Options) == Options(("x",))
    assert rule_options(read, "b", Options) == rule_options(read, "z", Options) == Options()
    with pytest.raises(ConfigErrors) as caught:
        rule_options(read, "c", Options)
    assert [str(each) for each in caught.value.errors] == [
        "schemaguard.yaml:4:7: unknown key `limt` in `rules.c`; did you mean `limit`?",
        "schemaguard.yaml:5:14: `rules.c.limit` must be a whole number, not the text `x`",
    ]


PYPROJECT = """\
[project]
name = "x"

[tool.schemaguard]
postgres = 17
specs = ["a.sql", "b.sql"]

[tool.schemaguard.rules]
money-overflow-risk = "off"

[[tool.schemaguard.sources]]
sql = "db/*.sql"

[[tool.schemaguard.sources]]
alembic = "alembic.ini"
role = "owner"
"""


def test_pyproject() -> None:
    """The same settings as a table of pyproject.toml, with their lines."""
    read = policy(PYPROJECT, "pyproject.toml")

    assert read.postgres == 17
    assert [source.kind for source in read.sources] == ["sql", "alembic"]
    paths: list[tuple[str | int, ...]] = [
        ("specs", 1),
        ("rules", "money-overflow-risk"),
        ("sources", 1),
        ("sources", 1, "role"),
    ]
    lines = {path: span.line for path in paths if (span := read.where(*path))}
    assert lines == {
        ("specs", 1): 6,
        ("rules", "money-overflow-risk"): 9,
        ("sources", 1): 14,
        ("sources", 1, "role"): 16,
    }


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-3, 20)
    | st.sampled_from(["off", "select", "a", "error", "table", ""])
)
keys = st.sampled_from(
    [*Policy.__struct_fields__, *Tenancy.__struct_fields__, "sql", "severity", "x", "rules"]
)
anything: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(Policy.__struct_fields__), anything, max_size=4))
def test_what_is_read_the_schema_takes(content: dict[str, Any]) -> None:
    """No editor marks as wrong what schemaguard reads; and any content is read or refused with a place."""
    text = yaml.safe_dump(content)
    try:
        policy(text)
    except ConfigErrors as error:
        refused = error.errors
    else:
        refused = ()

    assert all(each.line > 0 and each.column > 0 for each in refused)
    assert refused or valid(text)
