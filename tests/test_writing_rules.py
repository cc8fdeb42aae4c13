"""
The manual for rule authors: what it shows, works.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.source_tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs/writing-rules.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.DOTALL))
SCHEMA = """
CREATE SCHEMA billing;
CREATE TABLE billing.invoices (id uuid PRIMARY KEY, created_by uuid NOT NULL);
CREATE TABLE billing.payment (id uuid PRIMARY KEY);
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write the files that the page shows, and a schema that breaks both of its rules."""
    files = {
        **FILES,
        "schemaguard.yaml": "plugins: [governance/rules]\nsources: [{sql: db}]\n",
        "db/1.sql": SCHEMA,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def test_its_rules_find_what_they_say(project: Path) -> None:
    """The rule in YAML and the one in Python, from the command line."""
    rules = "billing-created-by,table-singular"
    done = subprocess.run(
        [sys.executable, "-m", "schemaguard", "check", "--select", rules, "--format", "json"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    assert [(each["message"], each["help"]) for each in json.loads(done.stdout)["findings"]] == [
        (
            "`payment` does not say who created its rows: it has no column created_by",
            "Add the column, NOT NULL.",
        ),
        (
            "`billing.payment` is named in the singular: queries will get it wrong",
            "Name the table in the plural.",
        ),
    ]


def test_its_test_passes(project: Path) -> None:
    """A plugin's author runs it with pytest, and it proves the rule."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "governance"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 passed" in done.stdout, done.stdout


def test_its_test_can_fail(project: Path) -> None:
    """With a rule that no longer reports what the fixture marks."""
    rule = project / "governance/rules/naming/table_singular.py"
    rule.write_text(
        rule.read_text(encoding="utf-8").replace('endswith("s")', 'endswith("m")'), encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "governance"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "1 failed" in done.stdout, done.stdout
