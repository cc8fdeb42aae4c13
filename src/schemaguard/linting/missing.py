"""Schemas that the migrations use and never make: one fault each, and not one for every statement after it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.model import Schema
from schemaguard.sources.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Collection

    from schemaguard.catalog.replay import History
    from schemaguard.config import Policy

INVALID_SCHEMA_NAME = "3F000"
_NAMED = re.compile(r'schema "(?P<name>.+)" does not exist$')
_ALIKE = 0.8
"""From here on difflib takes a name for another one misspelt."""


def missing_schemas(history: History) -> dict[str, Problem]:
    """The schemas for want of which statements are refused and that no statement makes, with the first such statement.

    One that was dropped, that comes too late or whose name looks like that of another is not among them: there the
    refusals stand as they are.
    """
    found: dict[str, Problem] = {}
    made = _made(history)
    for step in history.steps:
        if step.error is None or step.error.sqlstate != INVALID_SCHEMA_NAME or step.maybe:
            continue
        match = _NAMED.match(step.error.message)
        if match is None or match["name"] in found or match["name"] in made:
            continue
        name = match["name"]
        if get_close_matches(name, made, n=1, cutoff=_ALIKE):
            continue
        found[name] = Problem(
            "statement-would-fail",
            step.statement.span,
            f"PostgreSQL refuses this statement: {step.error.message}, and no migration makes it",
            help=f"Create the schema first. If it is there before the migrations, declare `external: {{schemas: "
            f"[{name}]}}`. For the rest of this report it is taken to be there, whatever it holds.",
            object=f"schema {name}",
        )
    return found


def with_schemas(policy: Policy, names: Collection[str]) -> Policy:
    """The policy with further schemas that are there from the start."""
    external = msgspec.structs.replace(policy.external, schemas=(*policy.external.schemas, *names))
    widened = msgspec.structs.replace(policy, external=external)
    widened.__dict__.update(policy.__dict__)  # the places of the settings
    return widened


def _made(history: History) -> set[str]:
    made = {schema.name for schema in history.catalog.all(Schema)}
    for step in history.steps:
        if step.statement.kind == "CreateSchemaStmt" and "schemaname" in step.statement.node:
            made.add(step.statement.node["schemaname"])
    return made
