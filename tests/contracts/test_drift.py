"""
Drift between contract, mapping and migrations, planted into a project that has none, is found at both ends.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from schemaguard.contracts.judging.names import unknown_names
from schemaguard.linting.project import Project
from tests.contracts.support import changed, files_of, findings_of, line_of, project_of, project_texts

if TYPE_CHECKING:
    from schemaguard.findings import Finding

ATTRIBUTION = "api-contracts/openapi/v1/attribution.yaml"
RECONCILIATION = "api-contracts/openapi/v1/reconciliation.yaml"
MAPPING = "db/docs/contract_schema_mapping.yaml"
LATER = "alembic/versions/202511149999_later.py"
LAST = {"b03_foundation": "202511131250", "b03_hardened": "202511141050"}


@cache
def texts_of(name: str) -> dict[str, str]:
    return project_texts(name)


def migrated(sql: str, name: str = "b03_foundation") -> dict[str, str]:
    """The project with one more revision."""
    revision = (
        '"""Later"""\nfrom alembic import op\n\nrevision = "202511149999"\n'
        f'down_revision = "{LAST[name]}"\n\n\ndef upgrade():\n    op.execute("{sql}")\n'
        '\n\ndef downgrade():\n    op.execute("SELECT 1")\n'
    )
    return {**texts_of(name), LATER: revision}


def places(finding: Finding) -> set[tuple[str, int]]:
    found = {finding.location, *(each.location for each in finding.evidence)}
    return {(place.path, place.line) for place in found if place is not None}


def only(findings: list[Finding], rule: str) -> Finding:
    found = [finding for finding in findings if finding.rule == rule]
    assert len(found) == 1, [(each.rule, each.message) for each in findings]
    return found[0]


def known(name: str) -> list[Finding]:
    return findings_of(texts_of(name))


@pytest.mark.parametrize(("name", "expected"), [("b03_foundation", 1), ("b03_hardened", 0)])
def test_the_projects_hold_what_they_promise(name: str, expected: int) -> None:
    """The foundation does not yet describe its channel as a code; nothing else is wrong."""
    findings = known(name)

    assert [finding.rule for finding in findings] == ["contract-taxonomy-undocumented"] * expected


def test_lines_that_moved() -> None:
    """A line added at the top of a contract: each reference whose field is now below its lines, and no other."""
    texts = changed(texts_of("b03_hardened"), RECONCILIATION, lambda text: f"# moved\n{text}")
    findings = [each for each in findings_of(texts) if each.rule == "contract-reference-stale"]
    mapping = texts[MAPPING].splitlines()
    contract = texts[RECONCILIATION].splitlines()

    assert findings == []  # each range still holds the key of its field

    texts = changed(texts, RECONCILIATION, lambda text: "# moved\n" * 4 + text)
    findings = findings_of(texts)
    contract = texts[RECONCILIATION].splitlines()

    # One finding for each reference: that its field is mapped by nothing else is no second defect.
    assert {finding.rule for finding in findings} == {"contract-reference-stale"}
    assert len(findings) >= 9
    for finding in findings:
        assert finding.location.path == MAPPING
        assert "reconciliation.yaml:" in mapping[finding.location.line - 1]
        place = finding.evidence[0].location
        assert place is not None
        field = contract[place.line - 1].strip().rstrip(":")
        assert f"({field}" in mapping[finding.location.line - 1]


def test_a_field_that_was_removed() -> None:
    texts = changed(
        texts_of("b03_hardened"),
        ATTRIBUTION,
        lambda text: text.replace("        session_id:", "        visit_id:"),
    )
    finding = only(findings_of(texts), "contract-reference-stale")

    assert finding.location.line == line_of(texts[MAPPING], "(session_id: string uuid)")
    assert "has no field `session_id`" in finding.message


def test_a_renamed_column() -> None:
    texts = migrated("ALTER TABLE attribution_events RENAME COLUMN raw_payload TO body")
    finding = only(findings_of(texts), "contract-column-unknown")
    lines = [
        number
        for number, line in enumerate(texts[MAPPING].splitlines(), 1)
        if line.strip() == "- name: raw_payload"
    ]

    assert (finding.location.path, finding.location.line) == (MAPPING, lines[0])
    assert (LATER, line_of(texts[LATER], "RENAME COLUMN")) in places(finding)


def test_an_enum_value_in_the_contract_only() -> None:
    texts = changed(
        texts_of("b03_foundation"),
        ATTRIBUTION,
        lambda text: text.replace(
            "[shopify, stripe, paypal, woocommerce]", "[shopify, stripe, paypal, woocommerce, adyen]"
        ),
    )
    finding = only(findings_of(texts), "contract-enum-mismatch")
    tables = "alembic/versions/202511131115_add_core_tables.py"

    assert (finding.location.path, finding.location.line) == (
        tables,
        line_of(texts[tables], "CHECK (source IN"),
    )
    assert (ATTRIBUTION, line_of(texts[ATTRIBUTION], "adyen]")) in places(finding)
    assert "refuses `adyen`" in finding.message


def test_an_enum_value_in_the_database_only() -> None:
    texts = migrated(
        "ALTER TABLE reconciliation_runs DROP CONSTRAINT reconciliation_runs_state_check, ADD CHECK "
        "(state IN ('idle', 'running', 'failed', 'completed', 'paused'))"
    )
    findings = findings_of(texts)
    finding = only(findings, "contract-enum-mismatch")

    assert finding.location.path == LATER
    assert (RECONCILIATION, line_of(texts[RECONCILIATION], "[idle, running")) in places(finding)
    assert "the contract lacks `paused`" in finding.message
    # The mapping spells the list out, too: that is another place to change.
    assert only(findings, "contract-mapping-outdated").location.line == line_of(
        texts[MAPPING], "CHECK (state IN"
    )


def test_a_field_made_required() -> None:
    texts = changed(
        texts_of("b03_hardened"),
        RECONCILIATION,
        lambda text: text.replace(
            "required: [state, last_run_at, tenant_id]",
            "required: [state, last_run_at, tenant_id, error_message]",
        ).replace(
            "          nullable: true\n          description: Why the run failed.",
            "          minLength: 1\n          description: Why the run failed.",
        ),
    )
    finding = only(findings_of(texts), "contract-field-nullable")
    tables = "alembic/versions/202511131115_add_core_tables.py"

    assert (finding.location.path, finding.location.line) == (
        tables,
        line_of(texts[tables], "            error_message text,"),
    )
    assert (RECONCILIATION, line_of(texts[RECONCILIATION], "        error_message:")) in places(finding)
    assert any("mv_reconciliation_status" in each.message for each in finding.evidence)


def test_a_varchar_that_was_shortened() -> None:
    texts = migrated("ALTER TABLE attribution_allocations ALTER COLUMN model_version TYPE varchar(10)")
    texts = changed(
        texts, ATTRIBUTION, lambda text: text.replace("          example: 2.3.0", "          maxLength: 20")
    )
    findings = findings_of(texts)
    finding = only(findings, "contract-limit-mismatch")

    assert finding.location.path == LATER
    assert (ATTRIBUTION, line_of(texts[ATTRIBUTION], "maxLength: 20")) in places(finding)
    assert {each.rule for each in findings} - {"contract-limit-mismatch"} == {
        "contract-taxonomy-undocumented",
        "contract-mapping-outdated",  # the mapping says text
    }


def test_a_column_of_another_type() -> None:
    texts = migrated("ALTER TABLE attribution_events ALTER COLUMN session_id TYPE text")
    finding = only(findings_of(texts), "contract-type-mismatch")

    assert finding.location.path == LATER
    assert (ATTRIBUTION, line_of(texts[ATTRIBUTION], "        session_id:")) in places(finding)


def test_a_read_model_without_its_field() -> None:
    views = "alembic/versions/202511131119_add_materialized_views.py"
    texts = changed(
        texts_of("b03_hardened"),
        views,
        lambda text: text.replace("COALESCE(BOOL_AND(rl.is_verified), false) AS is_verified", "1 AS one"),
    )
    finding = only(findings_of(texts), "contract-view-incomplete")

    assert (finding.location.path, finding.location.line) == (
        views,
        line_of(texts[views], "CREATE MATERIALIZED VIEW mv_realtime_revenue"),
    )
    assert "`verified`" in finding.message


def test_an_operation_that_changes_the_ledger() -> None:
    operation = (
        "  /api/reconciliation/ledger/{id}:\n    delete:\n      responses: {'204': {description: gone}}\n"
    )
    texts = changed(
        texts_of("b03_hardened"),
        RECONCILIATION,
        lambda text: text.replace(
            "  /api/reconciliation/ledger:\n", f"{operation}  /api/reconciliation/ledger:\n"
        ),
    )
    finding = only(findings_of(texts), "contract-mutates-append-only")

    assert (finding.location.path, finding.location.line) == (
        RECONCILIATION,
        line_of(texts[RECONCILIATION], "    delete:"),
    )


@pytest.mark.parametrize("name", ["b03_foundation", "b03_hardened"])
def test_every_entity_is_checked(name: str) -> None:
    """A column dropped from any entity's table is missed by the mapping: none of them is skipped."""
    texts = texts_of(name)
    tables = [line.split(": ")[1] for line in texts[MAPPING].splitlines() if line.startswith("    table: ")]

    assert len(tables) >= 6
    project = project_of(texts)
    for table in tables:
        line = f"    table: {table}\n"
        broken = {**texts, MAPPING: texts[MAPPING].replace(line, line.replace(table, f"{table}_x"))}
        asked = Project(project.history, project.policy, files=files_of(broken))
        assert any(f"there is no table `{table}_x`" in found.what for found in unknown_names(asked))
