"""
A DDL specification and the migrations differ.

Each specification is replayed in the place of what it specifies, with everything else as the migrations leave it, and
compared part by part: columns with their types, nullability, defaults and comments, constraints, indexes, the query of
a view, comments. Every difference is one finding at the statement of the migrations, with the specification's line as
evidence. A statement of a specification that can't be parsed, run or followed is a finding, too: what it says is
compared with nothing.

## Why it matters
People build on the specification: the API's authors, reviewers, the next migration. Where it says NOT NULL and the
database does not, they are wrong about the data.

## When it is fine
Owners, privileges and the order of columns are not compared: a specification does not speak of them. Policies,
triggers, rules and row security are compared where the specification states them, for they often have a place of
their own.

## Instead
Write a migration that brings the schema to the specification, or correct the specification.

## References
* Seed, phase 2.1: DDL specifications of the core tables
* Seed, phase 2.5: DDL specifications of the materialized views
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Relation, Rule, Severity, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Drift, Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="specs")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each difference between a specification of a governed object and the final state."""
    for drift in project.spec_comparison.drifts:
        record = project.catalog.objects.get(drift.relation)
        if isinstance(record, Relation) and not project.governs(
            project.catalog.schema_name(record.schema), record.name
        ):
            continue
        yield _finding(project, drift, record)


def _finding(project: Project, drift: Drift, record: object) -> Finding:
    file = drift.script.file
    at, because = drift.history, [(drift.spec or file.span(0, 0), "the specification")]
    if at is None:
        at, because = drift.spec or file.span(0, 0), []
    return rule.finding(
        project,
        at,
        drift.words,
        object=record if record is not None else f"specification {file.path}",
        detail=drift.detail if record is not None else (drift.detail, fingerprint(drift.words)),
        because=because,
    )
