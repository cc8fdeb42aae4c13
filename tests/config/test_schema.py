"""
The JSON Schema of schemaguard.yaml is made from the policy's types, and takes every way in which a setting is written.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemaguard.config.schema import config_schema
from tests.source_tree import SRC

VALIDATOR = Draft202012Validator(json.loads(config_schema()))


def test_the_packaged_schema_is_the_one_that_is_made() -> None:
    """`make docs` writes it; editors read it from the package."""
    assert (SRC / "config" / "config.schema.json").read_text(encoding="utf-8") == config_schema()


TAKEN: list[dict[str, Any]] = [
    {"version": 1},
    {"version": 1, "sources": [{"sql": "db/*.sql"}]},
    {"version": 1, "sources": [{"sql": ["a", "b"], "role": "owner"}]},
    {"version": 1, "rules": {"money-overflow-risk": "off", "table-comment-missing": "error"}},
    {"version": 1, "rules": {"money-overflow-risk": False, "a": None}},
    {"version": 1, "rules": {"money-overflow-risk": {"severity": "warning", "whatever_the_rule_takes": 3}}},
    {"version": 1, "append_only": ["ledger"]},
    {"version": 1, "append_only": {"ledger": {"guard": "required"}, "events": None}},
    {"version": 1, "external": {"roles": {"app": None}}},
    {"version": 1, "roles": {"application": "app"}},
    {"version": 1, "tenancy": "off"},
]
REFUSED: list[dict[str, Any]] = [
    {"version": 2},
    {"version": 1, "nothing": 1},
    {"version": 1, "rules": {"a": "loud"}},
    {"version": 1, "sources": "db"},
    {"version": 1, "append_only": 5},
    {"version": 1, "postgres": "sixteen"},
]


@pytest.mark.parametrize("config", TAKEN, ids=json.dumps)
def test_takes_the_shorter_ways_of_writing(config: dict[str, Any]) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(config)] == []


@pytest.mark.parametrize("config", REFUSED, ids=json.dumps)
def test_refuses_what_the_reader_refuses(config: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(config))
