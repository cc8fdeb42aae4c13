"""
Drift planted in a whole repository is found, once, at the right line on both sides.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest

from schemaguard.config import parse_config
from schemaguard.linting.pipeline import check
from schemaguard.linting.registry import registry
from schemaguard.linting.selection import Choice
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile
from tests.source_tree import ROOT

PROJECT = ROOT / "fixtures" / "projects" / "b03_hardened"
FILES = {
    path.relative_to(PROJECT).as_posix(): path.read_bytes() for path in PROJECT.rglob("*") if path.is_file()
}
SPECS = "db/docs/specs"
CORE = "alembic/versions/202511131115_add_core_tables.py"


class Planted(NamedTuple):
    """An edit of one file, and what it must lead to: rule, words, the line to blame, and the line on the other side."""

    path: str
    old: str
    new: str
    rule: str
    words: str
    at: tuple[str, str]
    other: tuple[str, str] | None


CASES = [
    Planted(
        f"{SPECS}/attribution_events_ddl_spec.sql",
        "occurred_at        timestamptz NOT NULL",
        "occurred_at        timestamptz",
        "spec-drift",
        "`attribution_events.occurred_at` is NOT NULL in the migrations, nullable in the specification",
        (CORE, "occurred_at"),
        (f"{SPECS}/attribution_events_ddl_spec.sql", "occurred_at        timestamptz,"),
    ),
    Planted(
        f"{SPECS}/revenue_ledger_ddl_spec.sql",
        "allocation_id          uuid NOT NULL",
        "allocation_id          uuid NULL",
        "spec-drift",
        "`revenue_ledger.allocation_id` is NOT NULL in the migrations, nullable in the specification",
        ("alembic/versions/202511141040_require_ledger_allocation.py", "SET NOT NULL"),
        (f"{SPECS}/revenue_ledger_ddl_spec.sql", "allocation_id          uuid NULL"),
    ),
    Planted(
        f"{SPECS}/attribution_allocations_ddl_spec.sql",
        "channel_code             text NOT NULL",
        "channel_code             varchar(40) NOT NULL",
        "spec-drift",
        "`attribution_allocations.channel_code` is text in the migrations, character varying(40) in the specification",
        (CORE, "channel "),
        (f"{SPECS}/attribution_allocations_ddl_spec.sql", "channel_code             varchar(40)"),
    ),
    Planted(
        f"{SPECS}/revenue_ledger_ddl_spec.sql",
        "ON revenue_ledger (tenant_id, posted_at DESC);",
        "ON revenue_ledger (tenant_id, posted_at);",
        "spec-drift",
        "the columns of the index `idx_revenue_ledger_tenant_posted_at` of `revenue_ledger` are "
        "`tenant_id, posted_at DESC` in the migrations, `tenant_id, posted_at` in the specification",
        ("alembic/versions/202511131250_enhance_revenue_ledger.py", "idx_revenue_ledger_tenant_posted_at"),
        (f"{SPECS}/revenue_ledger_ddl_spec.sql", "CREATE INDEX idx_revenue_ledger_tenant_posted_at"),
    ),
    Planted(
        f"{SPECS}/mv_realtime_revenue_ddl_spec.sql",
        "SUM(rl.revenue_cents)",
        "MAX(rl.revenue_cents)",
        "spec-drift",
        "the query of `mv_realtime_revenue` is another one in the specification than in the migrations",
        (
            "alembic/versions/202511131119_add_materialized_views.py",
            "CREATE MATERIALIZED VIEW mv_realtime_revenue",
        ),
        (f"{SPECS}/mv_realtime_revenue_ddl_spec.sql", "CREATE MATERIALIZED VIEW mv_realtime_revenue"),
    ),
    Planted(
        f"{SPECS}/dead_events_ddl_spec.sql",
        "CREATE TABLE dead_events (",
        "CREATE TABLE dead_letters (",
        "spec-missing",
        "the table `dead_events` has no DDL specification",
        (CORE, "CREATE TABLE dead_events"),
        None,
    ),
    Planted(
        "db/channel_mapping.yaml",
        '"IN_FEED": tiktok_paid',
        '"IN_FEED": tik_tok_paid',
        "vendor-code-unknown",
        "`IN_FEED` of `tiktok_ads` is mapped to `tik_tok_paid`, which no migration puts into `channel_taxonomy`; "
        "did you mean `tiktok_paid`?",
        ("db/channel_mapping.yaml", '"IN_FEED": tik_tok_paid'),
        ("alembic/versions/202511141050_add_channel_taxonomy.py", "CREATE TABLE channel_taxonomy"),
    ),
    Planted(
        "alembic/versions/202511141050_add_channel_taxonomy.py",
        "'TikTok Ads'),",
        "'TikTok Ads'); UPDATE channel_taxonomy SET is_active = false WHERE code LIKE 'tiktok%'; "
        "INSERT INTO channel_taxonomy (code, family, is_paid, display_name) VALUES",
        "vendor-code-unknown",
        "`IN_FEED` of `tiktok_ads` is mapped to `tiktok_paid`, which `channel_taxonomy` has as not active",
        ("db/channel_mapping.yaml", '"IN_FEED": tiktok_paid'),
        ("alembic/versions/202511141050_add_channel_taxonomy.py", "CREATE TABLE channel_taxonomy"),
    ),
]


def line(files: dict[str, bytes], path: str, number: int) -> str:
    """The text of a line."""
    return files[path].decode().splitlines()[number - 1]


@pytest.mark.parametrize("case", CASES, ids=[case.words[:60] for case in CASES])
def test_planted_drift(case: Planted) -> None:
    text = FILES[case.path].decode()
    assert text.count(case.old) == 1
    files = {**FILES, case.path: text.replace(case.old, case.new).encode()}
    policy = parse_config(SourceFile("schemaguard.yaml", FILES["schemaguard.yaml"].decode()))
    choice = Choice(select=("specs", "vendor-code-unknown", "vendor-mapping-invalid"))
    found = check(MemoryTree(files), policy, registry(), choice, today=date(2026, 1, 1)).findings
    mine = [finding for finding in found if finding.rule == case.rule]

    assert [finding.message for finding in mine] == [case.words]
    at = mine[0].location
    assert at.path == case.at[0]
    assert case.at[1] in line(files, at.path, at.line) + line(files, at.path, at.line + 1)
    others = [each.location for each in mine[0].evidence if each.location is not None]
    assert bool(others) is (case.other is not None)
    if case.other is not None:
        assert others[0].path == case.other[0]
        assert case.other[1] in line(files, others[0].path, others[0].line)


def test_the_repository_itself_has_none() -> None:
    policy = parse_config(SourceFile("schemaguard.yaml", FILES["schemaguard.yaml"].decode()))
    choice = Choice(
        select=("specs", "vendor-code-unknown", "vendor-mapping-invalid", "view-without-taxonomy")
    )

    assert list(check(MemoryTree(FILES), policy, registry(), choice, today=date(2026, 1, 1)).findings) == []
