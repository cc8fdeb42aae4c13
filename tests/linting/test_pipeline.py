"""
What runs, what it costs when it fails, and what the result says it rests on.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from schemaguard.catalog.replay import QueryEngine
from schemaguard.config import parse_config
from schemaguard.config.errors import ConfigError
from schemaguard.findings import Finding, Severity
from schemaguard.linting.baseline import Baseline, Entry, entries_for, read_baseline, written
from schemaguard.linting.errors import UnknownRule
from schemaguard.linting.history import _Engine, fresh_catalog
from schemaguard.linting.manual import Page
from schemaguard.linting.registry import registry
from schemaguard.linting.selection import Choice
from schemaguard.text import SourceFile
from tests.linting.support import KEYLESS, RULES, TODAY, found, lint

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {"a.sql": "CREATE TABLE a (b int);\nCREATE TABLE c (d int);\n"}
SOURCE = 'sources: [{sql: "*.sql"}]\n'


def ran(
    config: str = "", select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()
) -> tuple[set[str], dict[str, str]]:
    """Return the rules that ran, and why others did not."""
    result = lint(TABLES, SOURCE + config, Choice(select, ignore))
    return {rule.name for rule in result.rules}, dict(result.coverage.rules_skipped)


# Selection


def test_everything_runs_that_means_something() -> None:
    """Rules that are on and for which the project has what they need; the others say why not."""
    running, skipped = ran()

    assert KEYLESS in running
    assert skipped["append-only-mutable"] == "`append_only` is not configured"
    assert running | skipped.keys() == set(RULES.files)


def test_select_runs_these_and_what_guards_them() -> None:
    """Where something was not read, the silence of the selected rules would prove nothing: those run, too."""
    running, skipped = ran(select=(KEYLESS,))

    assert running == {KEYLESS, *(rule.name for rule in RULES.all() if rule.always)}
    assert skipped["table-comment-missing"] == "not selected"
    assert {"statement-unparsed", "statement-opaque", "file-unreadable"} <= running


def test_select_takes_families_and_ignore_wins() -> None:
    """In either spelling, together with names."""
    running, skipped = ran(select=("types", "row-security"), ignore=(KEYLESS,))

    assert skipped[KEYLESS] == "ignored by --ignore"
    assert "timestamp-without-time-zone" in running


@pytest.mark.parametrize("option", ["select", "ignore"])
def test_an_unknown_name_is_refused(option: str) -> None:
    """A slip of the pen must not run nothing."""
    with pytest.raises(UnknownRule, match=f"--{option}: there is no rule or family `primary-key-mising`"):
        ran("", *((("primary-key-mising",),) if option == "select" else ((), ("primary-key-mising",))))


def test_the_config_has_the_word() -> None:
    """By rule before family; `off` leaves out, a severity replaces the rule's own."""
    config = f"rules: {{types: off, {KEYLESS}: warning, coverage: info}}"
    running, skipped = ran(config)
    result = lint(TABLES, SOURCE + config, Choice(only=(KEYLESS,)))

    assert skipped["timestamp-without-time-zone"] == "off in the config"
    assert KEYLESS in running
    assert {each.severity for each in result.findings} == {Severity.WARNING}


def test_selected_by_name_runs_though_it_is_off() -> None:
    """The command line is the later word."""
    assert KEYLESS in ran(f"rules: {{{KEYLESS}: off}}", select=(KEYLESS,))[0]
    assert KEYLESS not in ran(f"rules: {{{KEYLESS}: off}}", select=("types",))[0]


@pytest.mark.parametrize(
    ("config", "line", "words"),
    [
        ("rules: {primary-key-mising: off}", 2, "did you mean `primary-key-missing`?"),
        ("exempt:\n  - {object: a, rules: [mony], reason: x}", 3, "did you mean `money`?"),
        ("gates:\n  - {gate: x, rules: [no-such-thing]}", 3, "there is no rule or family `no-such-thing`"),
        (f"rules: {{{KEYLESS}: {{limit: 3}}}}", 2, "unknown key `limit`"),
        ("rules: {types: {limit: 3}}", 2, "it has a severity and no options"),
    ],
)
def test_a_config_with_an_unknown_rule_is_refused(config: str, line: int, words: str) -> None:
    """At its line, with the nearest right name."""
    with pytest.raises(ConfigError) as caught:
        lint(TABLES, SOURCE + config)

    assert (caught.value.line, words in caught.value.message) == (line, True)


# Running


def test_findings_come_in_order_and_once() -> None:
    """By path, line, column and rule; the order in which rules run does not show."""
    result = lint({**TABLES, "B.sql": "CREATE TABLE e (f int);"})

    assert [each.order for each in result.findings] == sorted({each.order for each in result.findings})


def test_what_shares_a_key_is_not_swallowed(tmp_path: Path) -> None:
    """Two places, two findings: the second gets a number. The same finding twice is one."""
    (tmp_path / "twice.py").write_text(
        """
from schemaguard.api import Location, Rule, Severity

rule = Rule(__name__, severity=Severity.INFO, since="1")


@rule.check
def check(project):
    for line in (2, 1, 1):
        yield rule.finding(project, Location("a.sql", line, 1, line, 2), "found", object="thing one")
    yield rule.finding(project, None, "somewhere", object="thing two")
""",
        encoding="utf-8",
    )
    rules = registry([(str(tmp_path), "ours")])
    result = lint(TABLES, SOURCE, Choice(only=("twice",)), rules=rules)

    assert [(each.location.path, each.location.line, each.key) for each in result.findings] == [
        ("a.sql", 1, "twice:one"),
        ("a.sql", 2, "twice:one#2"),
        ("schemaguard.yaml", 1, "twice:two"),
    ]


def test_coverage_adds_up() -> None:
    """Statements are those replayed, irrelevant and opaque; what does not parse is opaque."""
    result = lint(
        {"a.sql": "CREATE TABLE a (b int);\nANALYZE a;\nNOT SQL;\nLOAD 'x';\n", "b.sql": "SELECT 1;"}
    )
    coverage = result.coverage

    assert (coverage.sources, coverage.migrations, coverage.statements) == (1, 2, 5)
    assert coverage.replayed + coverage.irrelevant + coverage.opaque == coverage.statements
    assert coverage.opaque >= 1
    assert coverage.rules_run == len(result.rules)


def test_what_is_no_statement_is_counted() -> None:
    """Commands of psql, data of COPY and rows of long inserts: nothing is left out in silence."""
    rows = ", ".join(f"({number}, 'row {number}')" for number in range(60000))
    files = {
        "1_a.sql": (
            "\\set ON_ERROR_STOP on\n\\timing\nCREATE TABLE a (id int, t text);\n"
            "COPY a FROM stdin;\n1\tx\n2\ty\n\\.\n"
        ),
        "2_b.sql": f"INSERT INTO a VALUES {rows};\n",
    }
    coverage = lint(files).coverage

    assert dict(coverage.blanked) == {"COPY data": 1, "psql command": 2}
    assert coverage.left_out > 0
    assert coverage.besides.startswith("not read as statements: 1 COPY data, 2 psql commands, ")
    assert lint({"1_a.sql": "CREATE TABLE a (id int);"}).coverage.besides == ""


def test_one_bad_file_costs_only_itself() -> None:
    """A file that is not UTF-8 is a finding, the others are checked."""
    result = lint({"a.sql": "CREATE TABLE a (b int);", "b.sql": "\0"}, choice=Choice(select=(KEYLESS,)))

    assert found(result) == {("a.sql", 1, KEYLESS), ("b.sql", 1, "file-unreadable")}


def test_an_empty_source_is_refused() -> None:
    """A gate that saw nothing must not look green."""
    with pytest.raises(ConfigError):
        lint({"readme.txt": "hello"}, SOURCE)


def test_the_engine_is_passed_on_whole() -> None:
    """What stands in for the engine until it is needed offers all that a replay may ask of it."""
    asked = {name for name in vars(QueryEngine) if not name.startswith("_")}

    assert asked
    assert asked <= {name for name in vars(_Engine) if not name.startswith("_")}


# What the config presumes


def test_what_is_declared_is_there() -> None:
    """Roles with attributes and memberships, schemas, extensions, tables, functions, types."""
    config = """
sources: [{sql: "*.sql", role: migrator}]
external:
  roles: {app_rw: {login: true}, batch: {member_of: [app_rw], bypassrls: true}}
  schemas: [auth]
  extensions: [pgcrypto]
  tables: {auth.users: {columns: {id: uuid}, owner: app_rw}}
  functions: {auth.uid(): uuid}
  types: [auth.level]
"""
    text = (
        "CREATE TABLE a (b uuid PRIMARY KEY DEFAULT auth.uid(), c uuid, d auth.level);\n"
        "CREATE VIEW v AS SELECT id FROM auth.users;"
    )
    result = lint({"a.sql": text}, config, Choice(select=("migrations",)))
    catalog = fresh_catalog(parse_config(SourceFile("schemaguard.yaml", config)))
    batch, migrator = catalog.role_named("batch"), catalog.role_named("migrator")

    assert [each.message for each in result.findings] == []
    assert batch is not None
    assert batch.bypassrls
    assert [catalog.owner_name(each.role) for each in catalog.memberships_of(batch.oid)] == ["app_rw"]
    assert migrator is not None
    assert not migrator.superuser
    assert catalog.facts["database_owner"] == migrator.oid


@pytest.mark.parametrize(
    ("external", "line", "words"),
    [
        ("tables: {auth.users: {columns: {id: uid}}}", 2, 'type "uid" does not exist'),
        ("functions: {'auth.f(uid)': uuid}", 2, "type uid does not exist"),
        ("functions: {now: uuid}", 2, "is not SQL"),
    ],
)
def test_what_cannot_be_declared_is_a_finding(external: str, line: int, words: str) -> None:
    """At its place in the config."""
    result = lint({"a.sql": "SELECT 1;"}, f"{SOURCE}external: {{{external}}}", Choice(select=("migrations",)))
    [finding] = result.findings

    assert (finding.location.path, finding.location.line) == ("schemaguard.yaml", line)
    assert words in finding.message


# Baseline


def known(*entries: Entry) -> Baseline:
    """Return a baseline."""
    return Baseline(entries, TODAY)


def test_a_baseline_accepts_by_key() -> None:
    """What it lists has its status and does not count; what it does not list does."""
    entry = Entry(f"{KEYLESS}:public.a", KEYLESS, "2025-12-01", "legacy")
    result = lint(TABLES, choice=Choice(only=(KEYLESS, "baseline-stale")), known=known(entry))

    assert [(each.key, each.status) for each in result.findings] == [
        (f"{KEYLESS}:public.a", "baseline"),
        (f"{KEYLESS}:public.c", "new"),
    ]
    assert result.summary["error"] == 1


@pytest.mark.parametrize(
    ("expires", "status"), [("2025-12-31", "new"), ("2026-01-01", "baseline"), (None, "baseline")]
)
def test_an_expired_entry_counts_again(expires: str | None, status: str) -> None:
    """The day after its last; it is not stale, for the finding is there."""
    entry = Entry(f"{KEYLESS}:public.a", KEYLESS, "2025-12-01", "legacy", expires)
    result = lint(TABLES, choice=Choice(only=(KEYLESS, "baseline-stale")), known=known(entry))

    assert [each.status for each in result.findings] == [status, "new"]


@pytest.mark.parametrize("strict", [False, True])
def test_strict_makes_ratchets_errors(strict: bool) -> None:
    """A stale entry and an unused comment are warnings, with `--strict` errors."""
    text = f"-- schemaguard: allow {KEYLESS}: mended since\nCREATE TABLE a (b int PRIMARY KEY);"
    rules = (KEYLESS, "baseline-stale", "suppression-unused")
    gone = Entry(f"{KEYLESS}:public.gone", KEYLESS, "2025-12-01")
    result = lint({"a.sql": text}, choice=Choice(only=rules), known=known(gone), strict=strict)

    assert {each.rule: each.severity.label for each in result.findings} == dict.fromkeys(
        ("baseline-stale", "suppression-unused"), "error" if strict else "warning"
    )


def test_a_written_baseline_is_read_back() -> None:
    """Whatever keys and reasons hold; findings of the coverage family are left out, what is known keeps its entry."""
    findings = list(
        lint({**TABLES, "b.sql": "NOT SQL;"}, choice=Choice(only=(KEYLESS, "statement-unparsed"))).findings
    )
    odd = msgspec.structs.replace(findings[0], key='x: "quoted" # 金 \\ \n- {a: b}')
    old = Entry(f"{KEYLESS}:public.a", KEYLESS, "2024-01-01", "long ago", "2030-01-01")
    entries = entries_for([*findings, odd], known(old), TODAY, "no: 'new' # one")
    read = read_baseline(SourceFile("baseline.yaml", written(entries)), TODAY)

    assert list(read.entries.values()) == entries
    assert {entry.rule for entry in entries} == {KEYLESS}
    assert read.entries[old.key] == old
    assert read.entries[odd.key].added == "2026-01-01"
    assert list(read_baseline(SourceFile("baseline.yaml", written([])), TODAY).entries) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("version: 2", 1, "version 2 of a baseline is not known here"),
        ("findings: []", 1, "lacks `version`"),
        ("version: 1\nfindings:\n  - {key: a, rule: b}", 3, "lacks `added`"),
        ("version: 1\nfindings:\n  - {key: a, rule: b, added: 2026-02-30}", 3, "`2026-02-30` is not a day"),
        ("version: 1\nfindings:\n  - {key: a, rule: b, added: soon}", 3, "cannot be `soon`"),
        (
            "version: 1\nfindings:\n" + "  - {key: a, rule: b, added: 2026-01-01}\n" * 2,
            4,
            "the key `a` is listed twice: first at line 3",
        ),
        ("version: 1\nfindings: [}", 2, "this is not YAML"),
    ],
)
def test_a_broken_baseline_is_refused(text: str, line: int, words: str) -> None:
    """With its line: a baseline that can't be read must not be taken for an empty one."""
    with pytest.raises(ConfigError) as caught:
        read_baseline(SourceFile("baseline.yaml", text), TODAY)

    assert (caught.value.line, words in caught.value.message) == (line, True)


# Pages


REQUIRED = ("Why it matters", "When it is fine", "Instead", "References")
ORDER = (
    "its sections stand in another order than Why it matters, When it is fine, Instead, Options, References"
)


@pytest.mark.parametrize(
    ("docstring", "faults"),
    [
        ("A title.\n" + "".join(f"\n## {name}\nx\n" for name in REQUIRED), []),
        ("", ["it has no title line", *(f"it has no section `## {name}`" for name in REQUIRED)]),
        (
            "A title.\n\n## When it is fine\nx\n\n## Why it matters\nx\n\n## Instead\n\n## Refs\nx\n",
            [
                "it has no section `## References`",
                "its section `## Instead` is empty",
                "`## Refs` is no section of a page",
                ORDER,
            ],
        ),
    ],
)
def test_a_page_knows_its_faults(docstring: str, faults: list[str]) -> None:
    """What keeps a docstring from being a manual page."""
    assert Page.of(docstring).faults() == faults


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One thing. Another.", "One thing."),
        ("One\nthing, said in\ntwo lines. Another.", "One thing, said in two lines."),
        ("Write `a.b` here. Then.", "Write `a.b` here."),
        ("No full stop", "No full stop"),
        ("One paragraph\n\nanother.", "One paragraph"),
    ],
)
def test_the_first_sentence(text: str, first: str) -> None:
    """As reports show it, on one line."""
    assert Page.of(f"Title.\n\n## Instead\n{text}").first_sentence("Instead") == first


def test_a_finding_has_a_day() -> None:
    """The day is the caller's, so that a check can be repeated."""
    assert isinstance(TODAY, date)
    assert all(isinstance(each, Finding) for each in lint(TABLES).findings)
