"""
Policy predicates: what the rules read from the tree is what a server does with the rows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from schemaguard.config import parse_config
from schemaguard.linting.pipeline import check
from schemaguard.linting.registry import registry
from schemaguard.linting.selection import Choice
from schemaguard.testing import TODAY, MemoryTree
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.postgres.server import Connection, Server

A = "00000000-0000-0000-0000-00000000000a"
B = "00000000-0000-0000-0000-00000000000b"

WORLD, *PARAGRAPHS = re.split(
    r"\n(?=-- Predicates,)|\n\n+(?=-- \w)", (Path(__file__).parent / "predicates.sql").read_text()
)

CONFIG = """
tenancy: {table: tenants, key: id, column: tenant_id, setting: app.tenant_id, shared: [tenants, members, model, lookup]}
roles: {application: [app_rw]}
sources: [{sql: world.sql, layout: plain}]
"""
RULES = {
    "policy-ignores-tenant": "leaks",
    "policy-fails-open": "open",
    "tenant-setting-may-error": "raises",
}
ROWS = f"""
INSERT INTO tenants VALUES ('{A}'), ('{B}');
INSERT INTO members VALUES ('{A}', '{A}'), ('{B}', '{B}');
INSERT INTO lookup VALUES ('{A}', '{A}'), ('{B}', '{B}');
INSERT INTO model SELECT gen_random_uuid(), t.id, t.id::text, u.id, p, k, t.id
    FROM tenants t, tenants u, unnest('{{t,f}}'::boolean[]) p, unnest('{{x,y}}'::text[]) k;
"""


class Predicate(NamedTuple):
    """A predicate, with the words that are said of it."""

    number: int
    words: frozenset[str]
    text: str

    @property
    def table(self) -> str:
        """The table whose policy it is."""
        return f"p{self.number}"

    @property
    def policy(self) -> str:
        """The statements that make the table and its policy."""
        return (
            f"CREATE TABLE {self.table} (LIKE model);\n"
            f"ALTER TABLE {self.table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n"
            f"GRANT SELECT ON {self.table} TO app_rw;\n"
            f"CREATE POLICY own ON {self.table} USING ({self.text.replace('{table}', self.table)});\n"
        )


def predicates() -> Iterator[Predicate]:
    """Read them; a paragraph without words of its own is part of the comment before."""
    for number, paragraph in enumerate(PARAGRAPHS):
        head, _, text = paragraph.strip().partition("\n")
        if text and not text.startswith("--"):
            words = head.removeprefix("-- ").replace(" on purpose", "-on-purpose").split(", ")
            yield Predicate(number, frozenset(words), text)


PREDICATES = list(predicates())
SCHEMA = WORLD + "\n" + "".join(each.policy for each in PREDICATES)


@pytest.fixture(scope="module")
def reported() -> dict[str, set[str]]:
    """What the rules say of each table."""
    policy = parse_config(SourceFile("schemaguard.yaml", CONFIG))
    found = check(
        MemoryTree({"world.sql": SCHEMA.encode()}), policy, registry(), Choice(only=tuple(RULES)), today=TODAY
    )
    by_table: dict[str, set[str]] = {each.table: set() for each in PREDICATES}
    for finding in found.findings:
        by_table[finding.object.rpartition(" ")[2].rpartition(".")[2]].add(RULES[finding.rule])
    return by_table


@pytest.fixture(scope="module")
def observed(server: Server) -> dict[str, set[str]]:
    """What happens to the rows of each table on a server."""
    with server.database() as name:
        with server.connect(name) as owner:
            owner.execute(SCHEMA.encode())
            owner.execute(ROWS.encode())
            for each in PREDICATES:
                owner.execute(f"INSERT INTO {each.table} SELECT * FROM model".encode())
        sessions = [
            _session(server, name, tenant=A, user=user, mode=mode)
            for user in (A, B)
            for mode in ("", "support")
        ]
        without = [
            _session(server, name, tenant=None, user=A, mode=""),
            _session(server, name, tenant="", user=A, mode=""),
        ]
        found = {each.table: _effects(each.table, sessions, without) for each in PREDICATES}
        for session in (*sessions, *without):
            session.close()
    return found


def _session(server: Server, database: str, *, tenant: str | None, user: str, mode: str) -> Connection:
    """Connect as the application; all other settings speak for another tenant."""
    connection = server.connect(database)
    settings = {"app.user_id": user, "app.mode": mode, "app.other": B, "app.tenant": B, "app.pattern": "%"}
    settings |= {"app.tenant_ids": B, "app.claims": f'{{"tenant_id": "{B}"}}' if tenant else ""}
    if tenant is not None:
        settings["app.tenant_id"] = tenant
    for name, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])
    connection.execute("SET ROLE app_rw")
    return connection


def _effects(table: str, sessions: list[Connection], without: list[Connection]) -> set[str]:
    rows = f"SELECT tenant_id::text FROM {table}".encode()
    seen = {tenant for session in sessions for (tenant,) in session.execute(rows)}
    effects = {"leaks"} if B in seen else set()
    for session in without:
        try:
            if session.execute(rows).fetchone():
                effects.add("open")
        except psycopg.Error:
            effects.add("raises")
    return effects


@pytest.mark.postgres
@pytest.mark.parametrize("predicate", PREDICATES, ids=lambda each: " ".join(each.text.split()))
def test_is_read_as_the_server_works(
    predicate: Predicate, reported: dict[str, set[str]], observed: dict[str, set[str]]
) -> None:
    """What is written beside a predicate is what a server does, and what the rules report."""
    words = {word.removesuffix("-on-purpose") for word in predicate.words} - {"safe", "suspected"}
    here = observed[predicate.table]
    if "leaks" in words:  # what else comes of it is of no interest
        assert "leaks" in here
        assert "leaks" in reported[predicate.table]
        return
    demanded = set(predicate.words) - {"safe", "raises-on-purpose"}

    assert here == words
    assert reported[predicate.table] == ({"leaks"} if "suspected" in demanded else demanded)
