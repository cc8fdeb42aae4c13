"""
What a platform brings, and schemas that nobody makes: one fault is one finding, and the rest is checked.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from schemaguard.catalog.model import Role
from schemaguard.config import Policy, parse_config
from schemaguard.linting.history import Replayed, presumed_history, replayed
from schemaguard.linting.platforms import BY_LAYOUT, with_platform
from schemaguard.linting.selection import Choice
from schemaguard.sources.load import load_sources
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile
from tests.linting.support import found, lint

if TYPE_CHECKING:
    from schemaguard.linting.result import Result

SUPABASE = "supabase/migrations/20260101000000_a.sql"
FAILS = Choice(only=("statement-would-fail",))


def history(files: dict[str, str], config: str = "") -> Replayed:
    policy = parse_config(SourceFile("schemaguard.yaml", config)) if config else Policy()
    return replayed(MemoryTree({path: text.encode() for path, text in files.items()}), policy)


def refusals(read: Replayed) -> list[str]:
    return [step.error.message for step in read.history.steps if step.error is not None]


@pytest.mark.parametrize("name", sorted(set(BY_LAYOUT.values())))
def test_what_a_platform_brings_can_exist(name: str) -> None:
    """Every statement of it is taken."""
    policy = parse_config(
        SourceFile("schemaguard.yaml", f"external: {{platform: {name}}}\nsources: [{{sql: a.sql}}]")
    )
    loaded = load_sources(MemoryTree({"a.sql": b"SELECT 1;"}), policy)
    completed, words = with_platform(policy, loaded)

    steps = presumed_history(completed).steps

    assert steps
    assert [step.error or step.opaque for step in steps if step.error or step.opaque] == []
    assert words is None, "what the config says itself needs no note"
    assert import_module(f"schemaguard.linting.platforms.{name}").PLATFORM.words


def test_supabase_is_told_from_its_folder() -> None:
    """Its roles, schemas and functions are there, its extensions are found without their schema, and a note says so."""
    read = history(
        {
            SUPABASE: """
            CREATE TABLE notes (
                id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
                owner uuid NOT NULL DEFAULT auth.uid() REFERENCES auth.users ON DELETE CASCADE
            );
            ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON notes TO authenticated USING (owner = auth.uid());
            """
        }
    )

    assert refusals(read) == []
    assert not read.problems
    assert any("Supabase" in note for note in read.sources.notes)
    assert read.policy.roles.application == ("anon", "authenticated")
    assert read.history.catalog.get(read.history.catalog.roles["service_role"], Role).bypassrls


def test_a_platform_can_be_declined() -> None:
    """`platform: none` goes back to an empty server."""
    read = history(
        {SUPABASE: "CREATE TABLE notes (o uuid REFERENCES auth.users);"}, "external: {platform: none}"
    )

    assert [problem.object for problem in read.problems] == ["schema auth"]
    assert "anon" not in read.history.catalog.roles


def test_what_the_config_says_wins() -> None:
    """A role of the platform with other attributes."""
    read = history(
        {SUPABASE: "SELECT 1;"},
        "external: {roles: {service_role: {bypassrls: false}}}\nroles: {application: [service_role]}",
    )

    assert not read.history.catalog.get(read.history.catalog.roles["service_role"], Role).bypassrls
    assert read.policy.roles.application == ("service_role",)


POLICIES = """
CREATE TABLE notes (id uuid PRIMARY KEY, body text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
"""


def policies_missing(result: Result) -> list[str]:
    return [each.message for each in result.findings if each.rule == "policy-missing"]


def test_privileges_of_the_platform_ask_for_no_policy() -> None:
    """Every table is granted to `anon` there: only what a migration grants is meant to be used."""
    choice = Choice(only=("policy-missing",))
    closed = lint({SUPABASE: POLICIES}, "", choice)
    granted = lint({SUPABASE: f"{POLICIES}GRANT SELECT ON notes TO anon;"}, "", choice)

    assert policies_missing(closed) == []
    assert len(policies_missing(granted)) == 1
    assert "`anon` may SELECT on `notes`" in policies_missing(granted)[0]


def test_diesel_has_its_table() -> None:
    read = history(
        {
            "migrations/2026-01-01-000000_a/up.sql": "SELECT version FROM __diesel_schema_migrations;",
            "migrations/2026-01-01-000000_a/down.sql": "SELECT 1;",
        }
    )

    assert refusals(read) == []


# Schemas that no migration makes


def test_a_schema_that_nobody_makes_is_one_fault() -> None:
    """It is taken to be there for the rest, so that what is in it is still checked."""
    files = {
        "1.sql": "CREATE TABLE billing.invoices (id int);\nCREATE TABLE billing.lines (id int PRIMARY KEY);",
        "2.sql": "ALTER TABLE billing.invoices ADD total int;\nALTER TABLE billing.invoices DROP nothing;",
    }

    assert found(lint(files, choice=Choice(only=("statement-would-fail", "primary-key-missing")))) == {
        ("1.sql", 1, "statement-would-fail"),
        ("1.sql", 1, "primary-key-missing"),
        ("2.sql", 2, "statement-would-fail"),
    }


@pytest.mark.parametrize(
    "also",
    [
        "CREATE SCHEMA billing;",
        "DO $$ BEGIN CREATE SCHEMA billing; END $$;",
        "CREATE SCHEMA billings;",
    ],
)
def test_one_that_comes_too_late_or_is_misspelt_stays_refused(also: str) -> None:
    """There the statement is at fault, and each that is refused says so."""
    text = f"CREATE TABLE billing.a (id int);\nCREATE TABLE billing.b (id int);\n{also}"

    assert found(lint({"1.sql": text}, choice=FAILS)) == {
        ("1.sql", 1, "statement-would-fail"),
        ("1.sql", 2, "statement-would-fail"),
    }


def test_one_that_was_dropped_stays_refused() -> None:
    text = "CREATE SCHEMA billing;\nDROP SCHEMA billing;\nCREATE TABLE billing.a (id int);"

    assert found(lint({"1.sql": text}, choice=FAILS)) == {("1.sql", 3, "statement-would-fail")}


def test_the_finding_says_what_to_declare() -> None:
    result = lint({"1.sql": "CREATE TABLE billing.a (id int);"}, choice=FAILS)
    declared = lint(
        {"1.sql": "CREATE TABLE billing.a (id int);"},
        'sources: [{sql: "*.sql"}]\nexternal: {schemas: [billing]}',
        FAILS,
    )

    assert "external: {schemas: [billing]}" in result.findings[0].help
    assert declared.findings == []
