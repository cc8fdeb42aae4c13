"""
Pull requests in real repositories: what a change adds fails, what was there does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gate.support import CLEAN, LEGACY, Report

if TYPE_CHECKING:
    from tests.gate.support import Repository


def test_a_clean_change_passes_on_a_legacy_schema(repo: Repository) -> None:
    """All that is found is there at the base."""
    repo.legacy()
    repo.commit({"db/0002_orders.sql": CLEAN})
    report = repo.report("--fail-on", "info")

    assert report.new == []
    assert report.code == 0
    assert len(report.with_status("existing")) > 5
    assert report.document["base"] == "main"


DEFECTS = {
    "append-only-mutable": "GRANT DELETE ON ledger TO app;",
    "primary-key-missing": "CREATE TABLE keyless (id integer);",
    "tenant-column-nullable": "ALTER TABLE hidden ALTER COLUMN tenant_id DROP NOT NULL;",
    "row-security-disabled": "GRANT SELECT ON hidden TO app;",
    "destructive-change": "ALTER TABLE loose DROP COLUMN id;",
    "statement-unparsed": "CREATE TABEL orders (id uuid);",
    "statement-would-fail": "ALTER TABLE nowhere ADD COLUMN a int;",
    "public-privilege": "GRANT SELECT ON loose TO PUBLIC;",
    "definer-search-path": "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
    "suppression-invalid": "-- schemaguard: allow nothing-like-this: because\nSELECT 1;",
}


@pytest.mark.parametrize("rule", DEFECTS)
def test_each_kind_of_defect_fails_and_its_fix_passes(repo: Repository, rule: str) -> None:
    """It is found in the lines of the change; without it the change passes."""
    repo.legacy()
    repo.commit({"db/0002_change.sql": f"{CLEAN}\n{DEFECTS[rule]}\n"})
    report = repo.report()
    line = CLEAN.count("\n") + 2

    assert report.code == 1
    assert (rule, "db/0002_change.sql") in {(name, path) for name, path, at in report.new if at >= line}
    assert {path for _, path, _ in report.new} == {"db/0002_change.sql"}

    repo.commit({"db/0002_change.sql": CLEAN})

    assert repo.check().code == 0


def test_an_old_cause_that_the_change_makes_matter(repo: Repository) -> None:
    """The table lacks row security since long; the GRANT is what opens it, and its line is the pull request's."""
    repo.legacy()
    repo.commit({"db/0002_grant.sql": "SELECT 1;\nGRANT SELECT ON hidden TO app;\n"})
    report = repo.report()

    assert ("row-security-disabled", "db/0002_grant.sql", 2) in report.new
    [finding] = [each for each in report.with_status("new") if each["rule"] == "row-security-disabled"]
    assert finding["evidence"][0]["location"]["path"] == "db/0001_legacy.sql"


def test_a_widened_finding_is_new_where_it_is_widened(repo: Repository) -> None:
    """The base has the finding, and not this way for it to matter."""
    opened = "GRANT SELECT ON hidden TO app;\n"
    repo.legacy(**{"db/0001_open.sql": opened})
    repo.commit({"db/0002_more.sql": "SELECT 1;\n\nGRANT UPDATE ON hidden TO app;\n"})
    report = repo.report("--select", "row-security-disabled")

    assert report.new == [("row-security-disabled", "db/0002_more.sql", 3)]


def test_an_edited_merged_migration_fails(repo: Repository) -> None:
    """A database that has it never runs the new text."""
    repo.legacy()
    repo.commit({"db/0001_legacy.sql": LEGACY.replace("id integer,", "id bigint,")})
    report = repo.report()

    assert report.new == [("merged-migration-edited", "db/0001_legacy.sql", 4)]
    assert report.code == 1


def test_a_migration_taken_away_fails(repo: Repository) -> None:
    """Databases that have it keep what it did."""
    repo.legacy(**{"db/0002_extra.sql": "CREATE TABLE extra (id uuid PRIMARY KEY);\n"})
    repo.git("rm", "-q", "db/0002_extra.sql")
    report = repo.report()

    assert report.new_rules == {"merged-migration-edited"}
    assert "`0002_extra` is merged, and gone now" in report.with_status("new")[0]["message"]


def test_renames_comments_and_layout_are_free(repo: Repository) -> None:
    """The file has another name, its words are laid out anew; every old finding stays old."""
    body = "DO $$ BEGIN\n  EXECUTE 'CREATE TABLE made (id int)'; END $$;\n"
    repo.legacy(**{"db/0002_do.sql": body})
    old = repo.report()
    repo.git("mv", "db/0001_legacy.sql", "db/0001_the_legacy.sql")
    text = LEGACY.replace(
        "CREATE TABLE loose (id integer,", "create table LOOSE (\n  -- a comment\n  id INTEGER,"
    )
    repo.put("db/0001_the_legacy.sql", f"-- how it all began\n\n{text}")
    repo.put("db/0002_do.sql", body.replace("BEGIN\n", "-- said so\nbegin ").replace("DO", "do"))
    repo.commit()
    report = repo.report("--fail-on", "info")

    assert report.new == []
    assert report.code == 0
    assert len(report.keys) == len(old.keys)


def test_a_rebase_keeps_every_key(repo: Repository) -> None:
    """Keys name no lines, revisions or dates."""
    repo.legacy()
    repo.commit({"db/0003_change.sql": "CREATE TABLE keyless (id integer);\n" + CLEAN})
    before = repo.report()
    repo.git("checkout", "-q", "main")
    repo.commit(
        {"db/0002_other.sql": "CREATE TABLE other (id uuid PRIMARY KEY);\nCREATE TABLE flat (a int);\n"}
    )
    repo.git("checkout", "-q", "feature")
    repo.git("rebase", "-q", "main")
    after = repo.report()

    assert {each["key"] for each in after.with_status("new")} == {
        each["key"] for each in before.with_status("new")
    }
    assert set(before.keys) <= set(after.keys)


def test_commits_of_main_since_are_not_the_changes(repo: Repository) -> None:
    """What is new is so since the merge base, and what main has gained since is nobody's removal."""
    repo.legacy()
    repo.commit({"db/0003_change.sql": CLEAN})
    repo.git("checkout", "-q", "main")
    repo.commit({"db/0002_other.sql": "CREATE TABLE flat (a int);\n"})
    repo.git("checkout", "-q", "feature")
    report = repo.report("--fail-on", "info")

    assert report.new == []


def test_the_merge_result(repo: Repository) -> None:
    """Both add what only together is a defect: with `--merge` it is seen before it is merged."""
    repo.legacy()
    repo.commit({"db/0002_grant.sql": "GRANT SELECT ON soon TO app;\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"db/0001_soon.sql": "CREATE TABLE soon (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);\n"})
    repo.git("checkout", "-q", "feature")
    before = repo.state()

    assert "row-security-disabled" not in repo.report().new_rules
    assert ("row-security-disabled", "db/0002_grant.sql", 1) in repo.report("--merge").new
    assert repo.state() == before


def test_conflicts(repo: Repository) -> None:
    """Those in what is read end the run; those elsewhere do not."""
    repo.legacy(README="one\n")
    repo.commit({"README": "two\n", "db/0002_a.sql": "SELECT 1;\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"README": "three\n"})
    repo.git("checkout", "-q", "feature")

    assert repo.check("--merge").code == 0

    repo.git("checkout", "-q", "main")
    repo.commit({"db/0002_a.sql": "SELECT 2;\n"})
    repo.git("checkout", "-q", "feature")
    done = repo.check("--merge")

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "schemaguard: merging leaves conflicts in db/0002_a.sql: `git merge main` and resolve them\n"
    )


def test_nothing_of_the_users_is_changed(repo: Repository) -> None:
    """Not the tree, not the index, not an object: uncommitted work stays as it is."""
    repo.legacy()
    repo.commit({"db/0002_orders.sql": CLEAN})
    repo.put("db/0003_new.sql", "CREATE TABLE keyless (id int);\n")
    repo.put("db/0002_orders.sql", CLEAN + "-- more\n")
    before = repo.state()
    report = repo.report()
    repo.check("--head", "feature", "--merge")

    assert ("primary-key-missing", "db/0003_new.sql", 1) in report.new
    assert repo.state() == before


def test_a_revision_is_judged_by_its_own_config(repo: Repository) -> None:
    """`--head` reads the config and the baseline of that revision, not what lies on disk."""
    repo.legacy()
    repo.commit({"db/0002_flat.sql": "CREATE TABLE flat (a int);\n"}, "flat")
    repo.git("tag", "flat")
    repo.commit({"schemaguard.yaml": "version: 1\nsources: [{sql: elsewhere}]\n"})

    assert repo.check().code == 2
    assert "primary-key-missing" in repo.report("--head", "flat").new_rules


def test_no_schema_touched(repo: Repository) -> None:
    """Exit 0 with a notice, whatever is found."""
    repo.legacy()
    repo.commit({"README.md": "Words\n", "src/app.py": "x = 1\n"})
    report = repo.report("--fail-on", "info")

    assert (report.code, report.new) == (0, [])
    assert "this change touches no file that the schema is made from" in report.notices


def test_fixed_findings_are_counted(repo: Repository) -> None:
    """What the change mends is said."""
    repo.legacy()
    repo.commit({"db/0002_mend.sql": "REVOKE UPDATE ON ledger FROM app;\n"})
    done = repo.check("--format", "markdown")

    assert "all clear" in done.out
    assert " of the base " in done.out


def test_the_config_of_the_head_counts(repo: Repository) -> None:
    """A rule that the change turns on finds the same on both sides: that is not what it adds."""
    repo.legacy()
    repo.commit(
        {"schemaguard.yaml": repo.folder.joinpath("schemaguard.yaml").read_text() + "rules: {money: off}\n"}
    )
    report = repo.report("--fail-on", "info")

    assert report.new == []
    assert "touches no file" not in report.notices
    assert "note: this change edits schemaguard.yaml, which has a say in what is found" in report.notices


def test_migrations_that_moved(repo: Repository) -> None:
    """Each side's own config says where its migrations are."""
    repo.legacy()
    repo.git("mv", "db", "migrations")
    config = repo.folder.joinpath("schemaguard.yaml").read_text().replace("db/*.sql", "migrations/*.sql")
    repo.commit({"schemaguard.yaml": config})
    report = repo.report("--fail-on", "info")

    assert report.new == []
    assert len(report.with_status("existing")) > 5


def test_a_source_that_the_base_has_not(repo: Repository) -> None:
    """The first migrations of a project are all new, and the base is no error."""
    repo.commit({"README": "nothing yet\n"})
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({"migrations/0001_flat.sql": "CREATE TABLE flat (a int);\n"})
    report = repo.report("--select", "primary-key-missing")

    assert report.new == [("primary-key-missing", "migrations/0001_flat.sql", 1)]


def test_out_of_order(repo: Repository) -> None:
    """A new migration that sorts before one which databases have."""
    repo.legacy(**{"db/0003_late.sql": "SELECT 1;\n"})
    repo.commit({"db/0002_between.sql": "SELECT 2;\n"})

    assert repo.report().new == [("migration-out-of-order", "db/0002_between.sql", 1)]


def test_what_the_same_change_made_is_no_loss(repo: Repository) -> None:
    """Two migrations of one pull request: the table was never anywhere with rows."""
    repo.legacy()
    repo.commit(
        {
            "db/0002_made.sql": "CREATE TABLE t (id uuid PRIMARY KEY);\n",
            "db/0003_dropped.sql": "DROP TABLE t;\n",
        }
    )

    assert repo.report().code == 0
    assert repo.cli("check", "--select", "destructive-change").code == 1


def test_expired_baseline_entries_count_again(repo: Repository) -> None:
    """Also where the base has the finding."""
    baseline = (
        "version: 1\nfindings:\n"
        '  - {key: "primary-key-missing:public.loose", rule: primary-key-missing, added: 2020-01-01, EXPIRES}\n'
    )
    config = {"schemaguard.yaml": "version: 1\nsources: [{sql: 'db/*.sql'}]\nbaseline: known.yaml\n"}
    repo.legacy(**config, **{"known.yaml": baseline.replace("EXPIRES", "expires: 2999-01-01")})
    repo.commit({"db/0002_orders.sql": "SELECT 1;\n"})

    assert repo.report("--select", "primary-key-missing").code == 0

    repo.put("known.yaml", baseline.replace("EXPIRES", "expires: 2020-02-01"))

    assert repo.report("--select", "primary-key-missing").new == [
        ("primary-key-missing", "db/0001_legacy.sql", 4)
    ]


def test_what_the_change_does_in_words(repo: Repository) -> None:
    """In the reports for people and for programs, with the place of each sentence."""
    repo.legacy()
    repo.commit({"db/0002_change.sql": "CREATE TABLE t (id uuid PRIMARY KEY);\nGRANT SELECT ON t TO app;\n"})
    changes = repo.report().document["changes"]
    console = repo.check().out

    assert [(each["words"], each["location"]["line"]) for each in changes] == [
        ("adds table t (id), owned by owner", 1),
        ("gives app SELECT on t", 2),
    ]
    assert "  - gives app SELECT on t (db/0002_change.sql:2)" in console.splitlines()
    assert repo.cli("check", "--format", "json").out.count('"changes": []') == 1


def test_comments_in_a_statement_that_is_at_fault(repo: Repository) -> None:
    """The finding is about the statement's words."""
    fault = "ALTER TABLE nowhere ADD COLUMN a int;\n"
    repo.legacy(**{"db/0002_fault.sql": fault})
    repo.commit({"db/0002_fault.sql": fault.replace("ADD", "-- one more\n  add")})
    report = repo.report("--select", "statement-would-fail")

    assert (report.new, len(report.with_status("existing"))) == ([], 1)


def test_a_config_of_the_base_that_is_at_fault(repo: Repository) -> None:
    """The change may mend it: the head's config is taken for both sides then."""
    repo.commit(
        {"schemaguard.yaml": "version: 1\nsources: 7\n", "migrations/1.sql": "CREATE TABLE t (a int);\n"}
    )
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({"schemaguard.yaml": "version: 1\nsources: [{sql: migrations}]\n"})
    report = repo.report("--select", "primary-key-missing")

    assert (report.new, len(report.with_status("existing"))) == ([], 1)


def test_plugins_count_as_the_schemas_files(repo: Repository) -> None:
    """Another rule may find something else."""
    config = "version: 1\nsources: [{sql: 'db/*.sql'}]\nplugins: [governance]\n"
    rule = "rules:\n- name: no-loose-tables\n  object: table\n"
    repo.legacy(**{"schemaguard.yaml": config, "governance/acme/.keep": ""})
    repo.commit({"governance/notes.txt": rule})

    assert "touches no file" not in repo.report("--fail-on", "never").notices


def test_inside_a_hook_of_another_repository(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git sets for the repository that a hook runs for does not lead elsewhere."""
    repo.legacy()
    repo.commit({"db/0002_keyless.sql": "CREATE TABLE keyless (id int);\n"})
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, "/nowhere")

    assert ("primary-key-missing", "db/0002_keyless.sql", 1) in repo.report().new


def test_one_file_alone(repo: Repository) -> None:
    """The same file on both sides, whatever the config says of others."""
    repo.legacy(**{"db/0002_flat.sql": "CREATE TABLE flat (a int);\n"})
    repo.commit({"db/0002_flat.sql": "CREATE TABLE flat (a int);\nCREATE TABLE more (a int);\n"})
    done = repo.cli(
        "check", "db/0002_flat.sql", "--base", "main", "--select", "primary-key-missing", "--format", "json"
    )
    report = Report.of(done)

    assert report.new == [("primary-key-missing", "db/0002_flat.sql", 2)]
    assert len(report.keys) == 2
