"""
The other commands: the rule book, and the baseline.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from schemaguard import __version__
from schemaguard.cli.app import COMMANDS
from schemaguard.linting.registry import registry

if TYPE_CHECKING:
    from tests.cli.support import CommandLine

KEYLESS = "CREATE TABLE orders (id uuid);\n"
RULE = "primary-key-missing"
PLUGIN = """
from schemaguard.api import Rule, Severity

rule = Rule(__name__, severity=Severity.WARNING, since="1")


@rule.check
def check(project):
    yield from ()
"""


def test_version(cli: CommandLine) -> None:
    """One line."""
    done = cli("--version")

    assert (done.code, done.out) == (0, f"schemaguard {__version__}\n")


@pytest.mark.parametrize("arguments", [("--help",), ("-h",)])
def test_the_overview_lists_every_command(cli: CommandLine, arguments: tuple[str, ...]) -> None:
    """With what each is for."""
    text = " ".join(cli(*arguments).out.split())

    assert [name for name, command in COMMANDS.items() if f"{name} {command.summary}" not in text] == []


def test_without_a_command_the_overview_is_the_error(cli: CommandLine) -> None:
    """Whoever calls it from a script by mistake notices."""
    done = cli()

    assert (done.code, done.out) == (2, "")
    assert "Usage: schemaguard [OPTIONS] COMMAND" in done.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(cli: CommandLine, command: str) -> None:
    """Its help begins with what it does."""
    done = cli(command, "--help")

    assert done.code == 0
    assert f"Usage: schemaguard {command}" in done.out


def test_the_overview_loads_no_command() -> None:
    """It is what completion and curiosity call: nothing is loaded that it does not show."""
    program = (
        "import sys; sys.argv = ['schemaguard', '--help']\n"
        "import schemaguard.cli\n"
        "try: schemaguard.cli.main()\n"
        "except SystemExit: pass\n"
        "print(*sorted(name for name in sys.modules if name.startswith('schemaguard.') or name == 'rich'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1].split() == [
        "schemaguard.cli",
        "schemaguard.cli.app",
        "schemaguard.cli.failures",
    ]


def test_rules_lists_them_all(cli: CommandLine) -> None:
    """By family, with the severity that holds here."""
    cli.put("schemaguard.yaml", f"rules: {{{RULE}: off, table-comment-missing: info}}\n")
    lines = {
        line.split()[0]: line.split()[1] for line in cli("rules").out.splitlines() if line.startswith("  ")
    }

    assert lines.keys() == registry().files.keys()
    assert (lines[RULE], lines["table-comment-missing"], lines["append-only-mutable"]) == (
        "off",
        "info",
        "error",
    )


def test_rules_lists_plugins(cli: CommandLine) -> None:
    """Those of the project's config are rules as any."""
    cli.put("schemaguard.yaml", "plugins: [governance]\n")
    cli.put("governance/ours.py", PLUGIN)
    listed = json.loads(cli("rules", "--format", "json").out)

    assert [
        (each["rule"], each["family"], each["severity"]) for each in listed if each["family"] == "custom"
    ] == [("ours", "custom", "warning")]


def test_rules_as_markdown(cli: CommandLine) -> None:
    """A table a family."""
    text = cli("rules", "--format", "markdown").out

    assert "## Append only\n\n| rule | severity | what it finds |\n|---|---|---|\n| `append-only-" in text


def test_explain_shows_the_page(cli: CommandLine) -> None:
    """The rule's docstring, as text, Markdown or JSON."""
    text = cli("explain", RULE).out
    document = json.loads(cli("explain", RULE, "--format", "json").out)

    assert text.startswith(f"# {RULE}\n\n")
    assert text == cli("explain", RULE, "--format", "markdown").out
    assert f"## Instead\n\n{document['sections']['Instead']}" in text
    assert "\x1b[" in cli("explain", RULE, "--color").out


def test_the_life_of_a_baseline(cli: CommandLine) -> None:
    """Written, it accepts; what is mended is stale, and pruned; what is new counts."""
    cli.put(
        "schemaguard.yaml",
        "baseline: known.yaml\nrules: {types: error, documentation: off, naming: off}\n",
    )
    cli.put("migrations/001_orders.sql", KEYLESS)
    cli.put("known.yaml", "version: 1\nfindings: []\n")
    written = cli("baseline", "write", "--reason", "legacy")
    accepted = cli("check")

    assert (written.code, written.out) == (0, "")
    assert 'reason: "legacy"' in (cli.folder / "known.yaml").read_text(encoding="utf-8")
    assert (accepted.code, "in the baseline" in accepted.out) == (0, True)
    assert cli("baseline", "check").code == 0

    cli.put("migrations/001_orders.sql", "CREATE TABLE orders (id uuid PRIMARY KEY);\n")
    cli.put("migrations/002_items.sql", "CREATE TABLE items (id uuid);\n")
    stale = cli("baseline", "check")
    gate = cli("check", "--quiet")

    assert (stale.code, stale.out) == (1, f"gone: {RULE}:public.orders\n")
    assert gate.code == 1
    assert "warning[baseline-stale]" in gate.out
    assert f"error[{RULE}] `items`" in gate.out
    assert "error[baseline-stale]" in cli("check", "--quiet", "--strict").out

    assert cli("baseline", "prune").code == 0
    assert f"{RULE}:public.orders" not in (cli.folder / "known.yaml").read_text(encoding="utf-8")


def test_a_baseline_never_takes_in_what_was_not_read(cli: CommandLine) -> None:
    """What could not be checked is accepted one by one, by hand."""
    cli.put("migrations/001_orders.sql", KEYLESS + "NOT SQL;\n")
    done = cli("baseline", "write")

    assert "not listed, because it is of the family coverage: statement-unparsed:" in done.err
    assert "add `baseline: .schemaguard-baseline.yaml` to the config" in done.err
    assert cli("check", "--baseline", ".schemaguard-baseline.yaml").code == 1


def test_a_baseline_must_be_there(cli: CommandLine) -> None:
    """To be checked or pruned."""
    cli.put("migrations/001_orders.sql", KEYLESS)

    assert [cli("baseline", command).code for command in ("check", "prune")] == [2, 2]
