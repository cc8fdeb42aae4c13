"""
`schemaguard gates`: each gate proved, failed, unchecked or left to a person, with its evidence.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.support import CommandLine
    from tests.gate.support import Repository

PROJECTS = ROOT / "fixtures" / "projects"
SCHEMA = """\
CREATE TABLE orders (id uuid PRIMARY KEY);
CREATE TABLE keyless (id int);
CREATE VIEW shown AS SELECT id FROM orders;
"""


@pytest.fixture
def cli(repo: Repository) -> CommandLine:
    """A project of two tables and a view."""
    repo.put("db/1.sql", SCHEMA)
    return repo.cli


def gate(cli: CommandLine, text: str, **more: str) -> dict[str, Any]:
    """The one gate of a config; `text` is its fields."""
    lines = "".join(f"{key}: {value}\n" for key, value in more.items())
    cli.put(
        "schemaguard.yaml",
        f"version: 1\nsources: [{{sql: 'db/*.sql'}}]\n{lines}gates: [{{gate: It holds, {text}}}]\n",
    )
    done = cli("gates", "--format", "json")
    assert done.out, done.err
    document = json.loads(done.out)
    [found] = document["gates"]
    assert document["exit_code"] == done.code == int(found["status"] in ("failed", "unchecked"))
    assert document["summary"][found["status"]] == 1
    return dict(found)


def words(found: dict[str, Any]) -> list[str]:
    """The sentences of the evidence, those against the gate marked."""
    return [f"{'- ' if each['against'] else ''}{each['words']}" for each in found["evidence"]]


@pytest.mark.parametrize(
    ("text", "status", "evidence"),
    [
        (
            "rules: [tenant-column-nullable]",
            "unchecked",
            ["- `tenant-column-nullable` was not asked: no tenancy"],
        ),
        ("rules: [primary-key-missing]", "failed", ["- `primary-key-missing`: `keyless` has no primary key"]),
        (
            "rules: [primary-key-missing], objects: [orders]",
            "proved",
            ["no finding of `primary-key-missing`"],
        ),
        (
            "rules: [primary-key-missing], objects: ['public.key*']",
            "failed",
            ["- `primary-key-missing`: `keyless`"],
        ),
        (
            "rules: [downgrade-missing, version-gate]",
            "proved",
            ["no finding of `downgrade-missing` and `version-gate`"],
        ),
        ("rules: [version-gate], review: true", "review", ["no finding of `version-gate`"]),
        ("rules: [primary-key-missing], review: true", "failed", ["- `primary-key-missing`: `keyless`"]),
        ("review: true", "review", []),
        ("phase: 'Nothing to hold against'", "review", []),
        ("files: [db/1.sql]", "proved", ["`db/1.sql` is there"]),
        ("files: ['db/*.sql']", "proved", ["1 file matches `db/*.sql`"]),
        (
            "files: ['docs/*.md', db/1.sql]",
            "failed",
            ["- no file matches `docs/*.md`", "`db/1.sql` is there"],
        ),
        (
            "relations: [orders, public.shown]",
            "proved",
            ["table `orders` is there", "view `public.shown` is there"],
        ),
        ("relations: [orders_pkey]", "failed", ["- there is no table or view `orders_pkey`"]),
        ("relations: [other.orders]", "failed", ["- there is no table or view `other.orders`"]),
    ],
)
def test_verdicts(cli: CommandLine, text: str, status: str, evidence: list[str]) -> None:
    """By its rules, files and tables; a rule that did not run is no pass."""
    found = gate(cli, text)

    assert found["status"] == status
    assert len(found["evidence"]) == len(evidence)
    for said, wanted in zip(words(found), evidence, strict=True):
        assert said.startswith(wanted)


def test_families(cli: CommandLine) -> None:
    """Those of its rules that run; those that have nothing to say here are not held against it."""
    found = gate(cli, "rules: [types]")

    assert found["status"] == "failed"
    assert words(found)[0].startswith("- `primary-key-missing`: ")
    assert "`timestamp-without-time-zone`" in words(found)[-1]


def test_evidence_has_places(cli: CommandLine) -> None:
    """A table's is where it is made, a finding's where it is found."""
    assert gate(cli, "relations: [keyless]")["evidence"][0]["location"]["line"] == 2
    assert gate(cli, "rules: [primary-key-missing]")["evidence"][0]["location"]["line"] == 2


def test_what_is_not_known_proves_nothing(cli: CommandLine) -> None:
    """A statement that does not parse may be the one that breaks it."""
    cli.put("db/2.sql", "CREATE TABEL more (id int);\n")
    found = gate(cli, "rules: [version-gate]")

    assert found["status"] == "unchecked"
    assert words(found)[1].startswith("- not all is known: ")
    assert gate(cli, "rules: [version-gate]", rules="{version-gate: off}")["status"] == "unchecked"


def test_accepted_findings_are_told(cli: CommandLine) -> None:
    """Suppressed with a reason it holds, and the reason is evidence; in the baseline it does not hold."""
    cli.put(
        "db/1.sql",
        SCHEMA.replace(
            "CREATE TABLE keyless", "-- schemaguard: allow primary-key-missing: a heap\nCREATE TABLE keyless"
        ),
    )
    found = gate(cli, "rules: [primary-key-missing]")

    assert found["status"] == "proved"
    assert words(found)[0].startswith("accepted, a heap: `keyless` has no primary key")

    cli.put("db/1.sql", SCHEMA)
    cli.put(
        "known.yaml",
        "version: 1\nfindings:\n"
        "  - {key: 'primary-key-missing:public.keyless', rule: primary-key-missing, added: 2026-01-01}\n",
    )
    found = gate(cli, "rules: [primary-key-missing]", baseline="known.yaml")

    assert found["status"] == "failed"
    assert words(found)[0].startswith("- `primary-key-missing` (in the baseline): ")


def test_without_gates_and_with_unknown_rules(cli: CommandLine) -> None:
    """Exit 2, with what to do."""
    cli.put("schemaguard.yaml", "version: 1\n")
    none = cli("gates")
    cli.put(
        "schemaguard.yaml",
        "version: 1\nsources: [{sql: db}]\ngates: [{gate: x, rules: [primary-key-mising]}]\n",
    )
    unknown = cli("gates")

    assert (none.code, none.out) == (2, "")
    assert "the config has no `gates`" in none.err
    assert unknown.code == 2
    assert (
        "schemaguard.yaml:3:27: there is no rule or family `primary-key-mising`; did you mean" in unknown.err
    )


def test_text_and_markdown(cli: CommandLine) -> None:
    """By phase; only what a machine proved is ticked, and no name can break out of the list."""
    cli.put(
        "schemaguard.yaml",
        "version: 1\nsources: [{sql: db}]\ngates:\n"
        "  - {phase: One, gate: Versions, rules: [version-gate]}\n"
        "  - {phase: One, gate: Keys, rules: [primary-key-missing]}\n"
        "  - {phase: '<b> | @all', gate: \"Plans\\n::error::x\", review: true}\n",
    )
    text, page = cli("gates"), cli("gates", "--format", "markdown")

    assert text.code == page.code == 1
    assert text.out.startswith(
        "One\n  proved     Versions\n               no finding of `version-gate`\n  failed     Keys\n"
    )
    assert "\n<b> | @all\n  review     Plans ::error::x\n" in text.out
    assert text.out.endswith("1 proved, 1 for review, 1 failed\n")
    assert (
        "- [x] proved: Versions\n  <br>no finding of <code>version-gate</code>\n- [ ] failed: Keys\n"
        in page.out
    )
    assert "#### &#60;b&#62; &#124; &#64;all\n" in page.out
    assert "- [ ] review: Plans &#58;&#58;error&#58;&#58;x (for a reviewer)" in page.out


def test_long_evidence_and_many_gates(cli: CommandLine) -> None:
    """People are told the first of it; a page stays what a comment may be."""
    cli.put("db/2.sql", "".join(f"CREATE TABLE k{number} (id int);\n" for number in range(20)))
    cli.put(
        "schemaguard.yaml",
        "version: 1\nsources: [{sql: db}]\ngates:\n"
        + "".join(f"  - {{gate: Keys {number}, rules: [primary-key-missing]}}\n" for number in range(300)),
    )

    assert cli("gates").out.count("and 16 more") == 300
    page = cli("gates", "--format", "markdown").out
    assert len(page) < 60_000
    assert (
        int(page.split(" gates more are not shown here")[0].rpartition("\n")[2]) + page.count("- [ ]") == 300
    )
    assert len(json.loads(cli("gates", "--format", "json").out)["gates"][0]["evidence"]) == 21


def statuses(cli: CommandLine, project: str) -> dict[tuple[str, str], str]:
    """How the gates of a fixture stand."""
    document = json.loads(cli("gates", str(PROJECTS / project), "--format", "json").out)
    return {(each["phase"], each["gate"]): each["status"] for each in document["gates"]}


def test_the_seeds_set(cli: CommandLine) -> None:
    """Every phase has its gates; what the hardening is for fails before it, and is proved after."""
    configs = [
        yaml.safe_load((PROJECTS / name / "schemaguard.yaml").read_text())
        for name in ("b03_foundation", "b03_hardened")
    ]
    before, after = statuses(cli, "b03_foundation"), statuses(cli, "b03_hardened")

    assert configs[0]["gates"] == configs[1]["gates"]
    assert list(dict.fromkeys(phase.split()[0] for phase, _ in before)) == [
        "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "4", "Hardening", "Ledger", "Channel",
    ]  # fmt: skip
    assert "unchecked" not in {*before.values(), *after.values()}
    for gate in (
        ("Hardening 1 Events append-only", "app_rw has neither UPDATE nor DELETE on attribution_events"),
        ("Hardening 2 Ledger immutability", "Every ledger entry is traceable"),
        ("Hardening 3 Channel taxonomy", "Channel columns refer to it by foreign key"),
        ("Ledger immutability verification", "app_rw has no UPDATE or DELETE on revenue_ledger"),
    ):
        assert (before[gate], after[gate]) == ("failed", "proved"), gate
    for gate in (
        ("2.1 Core tables", "No generic column names"),
        ("3.1 Row security", "Row security is forced on all of them"),
    ):
        assert (before[gate], after[gate]) == ("proved", "proved"), gate


def test_same_everywhere(cli: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the folder it is started in."""
    first = cli("gates", str(PROJECTS / "b03_hardened"), "--format", "json").out
    monkeypatch.chdir(PROJECTS / "b03_hardened" / "db")

    assert cli("gates", "--format", "json").out == first
