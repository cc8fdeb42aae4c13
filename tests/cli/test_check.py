"""
`schemaguard check`: exit codes, streams, files, and what a user can get wrong.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.source_tree import ROOT

if TYPE_CHECKING:
    from tests.cli.support import CommandLine

CLEAN = (
    "CREATE TABLE orders (id uuid PRIMARY KEY);\nCOMMENT ON TABLE orders IS 'Purpose: what was ordered';\n"
)
KEYLESS = "CREATE TABLE orders (id uuid);\n"
RULE = "primary-key-missing"


def test_clean_exits_with_0(cli: CommandLine) -> None:
    """Nothing at or above the threshold; the report says what was checked."""
    cli.put("migrations/001_orders.sql", CLEAN)
    done = cli("check", "--select", RULE)

    assert (done.code, done.out.splitlines()[0]) == (0, "no findings")
    assert "1 migration, 2 statements: 2 replayed" in done.out


def test_findings_exit_with_1(cli: CommandLine) -> None:
    """At the default threshold, error."""
    cli.put("migrations/001_orders.sql", KEYLESS)
    done = cli("check", "--select", RULE)

    assert done.code == 1
    assert done.out.startswith(f"error[{RULE}] `orders` has no primary key")
    assert "╭▸ migrations/001_orders.sql:1:1" in done.out


@pytest.mark.parametrize(
    ("fail_on", "severity", "code"),
    [
        ("error", "error", 1),
        ("error", "warning", 0),
        ("warning", "warning", 1),
        ("warning", "info", 0),
        ("info", "info", 1),
        ("never", "error", 0),
    ],
)
def test_fail_on(cli: CommandLine, fail_on: str, severity: str, code: int) -> None:
    """A finding below it is told and does not fail."""
    cli.put("migrations/001_orders.sql", KEYLESS)
    cli.put("schemaguard.yaml", f"rules: {{{RULE}: {severity}}}\n")
    done = cli("check", "--select", RULE, "--fail-on", fail_on, "--format", "json")
    document = json.loads(done.out)

    assert (done.code, document["exit_code"], document["summary"][severity]) == (code, code, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chekc",), "did you mean `check`?"),
        (("check", "nowhere"), "nowhere: no such file or folder"),
        (("check", "--config", "nowhere.yaml"), "nowhere.yaml: no such file"),
        (
            ("check", "--select", "primary-key-mising"),
            "there is no rule or family `primary-key-mising`; did you mean",
        ),
        (("check", "--ignore", "typs"), "--ignore: there is no rule or family `typs`; did you mean `types`?"),
        (("check", "--format", "jsn"), "there is no format `jsn`; did you mean `json`?"),
        (("check", "--format", "json="), "no file is named after the `=`"),
        (
            ("check", "--format", "json", "--format", "console"),
            "two reports can't both go to standard output",
        ),
        (("check", "--format", "json=migrations"), "migrations cannot be written"),
        (("check", "--fail-on", "fatal"), "fatal"),
        (
            (
                "check",
                "--no-such-option",
            ),
            "--no-such-option",
        ),
        (
            ("check", "--baseline", "gone.yaml"),
            "there is no baseline gone.yaml; `schemaguard baseline write` makes it",
        ),
        (("explain", "primary-key-mising"), "did you mean `primary-key-missing`?"),
    ],
)
def test_bad_usage_exits_with_2(cli: CommandLine, arguments: tuple[str, ...], words: str) -> None:
    """One sentence on standard error, nothing on standard output, no traceback."""
    cli.put("migrations/001_orders.sql", CLEAN)
    done = cli(*arguments)

    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("config", "line", "words"),
    [
        ("sources: [", 2, "this is not YAML"),
        ("tenancies: {}\n", 1, "did you mean `tenancy`?"),
        ("version: 1\nrules: {primary-key-mising: off}\n", 2, "did you mean `primary-key-missing`?"),
        ("sources:\n  - {sql: 'db/*.sql'}\n", 2, "`db/*.sql` matches no file"),
        ("plugins: [governance]\n", 1, "there is no folder governance"),
        ("baseline: known.yaml\n", 1, "there is no baseline known.yaml"),
        ("money: {unit: 3}\n", 1, "must be text"),
    ],
)
def test_a_bad_config_exits_with_2(cli: CommandLine, config: str, line: int, words: str) -> None:
    """With its line and how to mend it."""
    cli.put("migrations/001_orders.sql", CLEAN)
    cli.put("schemaguard.yaml", config)
    done = cli("check")

    assert (done.code, done.out) == (2, "")
    assert f"schemaguard: schemaguard.yaml:{line}:" in done.err
    assert words in done.err


def test_every_mistake_of_a_config_is_told(cli: CommandLine) -> None:
    """One line each: nobody mends them one by one."""
    cli.put("schemaguard.yaml", "tenancies: {}\nmony: {}\n")

    assert [line.split(": ")[1][:18] for line in cli("check").err.splitlines()] == [
        "schemaguard.yaml:1",
        "schemaguard.yaml:2",
    ]


def test_nothing_to_check_exits_with_2(cli: CommandLine) -> None:
    """A gate that saw no migration must not look green."""
    cli.put("README.md", "no migrations here")
    done = cli("check")

    assert done.code == 2
    assert "there is nothing to check" in done.err


def test_a_broken_plugin_exits_with_2(cli: CommandLine) -> None:
    """Its file and line are named."""
    cli.put("migrations/001_orders.sql", CLEAN)
    cli.put("schemaguard.yaml", "plugins: [governance]\n")
    cli.put("governance/ours.py", "x = 1\n")
    done = cli("check")

    assert done.code == 2
    assert done.err.startswith("schemaguard: governance/ours.py:1: a rule's file has `rule = Rule(")


@pytest.mark.parametrize("verbose", [False, True])
def test_an_internal_error_is_told_as_one(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, verbose: bool
) -> None:
    """As a fault of ours, how to report it, and the traceback for those who ask."""

    def fail(*_: object, **__: object) -> None:
        raise LookupError("the moon")

    cli.put("migrations/001_orders.sql", CLEAN)
    monkeypatch.setattr("schemaguard.linting.pipeline.check", fail)
    done = cli("check", *["--verbose"] * verbose)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("schemaguard: internal error: LookupError: the moon\n")
    assert "please report it" in done.err
    assert ("Traceback" in done.err) == verbose


def test_one_run_many_reports(cli: CommandLine) -> None:
    """One to standard output, the others to files; folders are made."""
    cli.put("migrations/001_orders.sql", KEYLESS)
    reports = ("console", "json=out/report.json", "sarif=out/r.sarif")
    done = cli("check", "--select", RULE, *(word for report in reports for word in ("--format", report)))

    assert done.out.startswith("error[")
    assert json.loads((cli.folder / "out/report.json").read_text(encoding="utf-8"))["exit_code"] == 1
    assert json.loads((cli.folder / "out/r.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_only_what_is_asked_goes_to_standard_output(cli: CommandLine) -> None:
    """A report to a file leaves it empty, notes go to standard error, and `--quiet` has none."""
    cli.put("db/migrations/001_orders.sql", CLEAN.replace("orders", "b") + "GRANT SELECT ON b TO app;")
    done = cli("check", "--format", "json=report.json")

    assert done.out == ""
    assert "schemaguard: note: application roles are taken to be `app`" in done.err
    assert cli("check", "--format", "json=report.json", "--quiet").err == ""


def test_the_config_is_searched_upwards(cli: CommandLine) -> None:
    """Its folder is the project's, wherever below it the check is asked for."""
    cli.put("schemaguard.yaml", "sources: [{sql: db/*.sql}]\n")
    cli.put("db/001_orders.sql", KEYLESS)
    cli.put("db/deep/er/readme.txt", "")
    done = cli("check", "db/deep/er", "--select", RULE, "--format", "json")

    assert json.loads(done.out)["findings"][0]["location"]["path"] == "db/001_orders.sql"


def test_paths_for_ci_count_from_the_repository(cli: CommandLine) -> None:
    """A project may be a folder of its repository: annotations are not for it alone."""
    cli.put("services/billing/migrations/001_orders.sql", KEYLESS)
    cli.put("services/billing/schemaguard.yaml", "version: 1\n")
    path = "services/billing/migrations/001_orders.sql"
    document = json.loads(cli("check", "services/billing", "--select", RULE, "--format", "json").out)

    assert (document["project"], document["findings"][0]["location"]["path"]) == (
        "services/billing",
        "migrations/001_orders.sql",
    )
    assert (
        f"::error file={path},"
        in cli("check", "services/billing", "--select", RULE, "--format", "github").out
    )
    assert path in cli("check", "services/billing", "--select", RULE, "--format", "sarif").out


def test_one_file_is_a_project(cli: CommandLine) -> None:
    """For a look at a dump or a draft."""
    cli.put("draft.sql", KEYLESS)
    cli.put("other.sql", "NOT SQL;")
    done = cli("check", "draft.sql", "--select", RULE, "--quiet")

    assert (done.code, done.out.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("environment", "option", "colored"),
    [
        ({}, (), False),
        ({}, ("--color",), True),
        ({}, ("--color", "always"), True),
        ({}, ("--color=never",), False),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
        ({"CLICOLOR_FORCE": "1"}, (), True),
    ],
)
def test_color(
    cli: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    option: tuple[str, ...],
    colored: bool,
) -> None:
    """By option before environment before terminal."""
    cli.put("migrations/001_orders.sql", KEYLESS)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert ("\x1b[" in cli("check", "--select", RULE, *option).out) == colored


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_terminal_can_show_the_report(cli: CommandLine, encoding: str) -> None:
    """What it can't encode is drawn in ASCII or escaped; nothing is lost, nothing fails."""
    cli.put("migrations/001_orders.sql", 'CREATE TABLE "größe金" (id uuid);\n')
    done = subprocess.run(
        [sys.executable, "-m", "schemaguard", "check", "--select", RULE],
        cwd=cli.folder,
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "PATH": ""},
    )
    text = done.stdout.decode(encoding)

    assert done.returncode == 1
    assert ("━" in text) == (encoding == "utf-8")
    assert ("金" in text) == (encoding == "utf-8")
    assert ("\\u91d1" in text) == (encoding != "utf-8")


def test_a_reader_may_stop_reading(cli: CommandLine) -> None:
    """`schemaguard check | head` is no error."""
    cli.put("migrations/001_orders.sql", KEYLESS * 500)
    command = f"'{sys.executable}' -m schemaguard check --fail-on never | head -1"
    done = subprocess.run(["sh", "-c", command], cwd=cli.folder, capture_output=True, text=True, check=False)

    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("project", ["b03_foundation", "b03_hardened"])
def test_same_input_same_bytes(cli: CommandLine, project: str) -> None:
    """Whatever the working directory and the seed of Python's hashes."""
    path = ROOT / "fixtures/projects" / project
    runs = {
        subprocess.run(
            [sys.executable, "-m", "schemaguard", "check", given, "--format", "json"],
            cwd=folder,
            capture_output=True,
            check=False,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for folder, given, seed in ((path, ".", "1"), (cli.folder, str(path), "2"), (path / "db", "..", "3"))
    }

    assert len(runs) == 1
    assert json.loads(runs.pop())["findings"]
