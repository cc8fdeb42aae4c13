"""
The hook, run by the real pre-commit: when it runs, what it fails on, what it lets pass.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.source_tree import ROOT
from tests.test_packaging import NOT_SOURCES

if TYPE_CHECKING:
    from tests.action.support import Runner

IN_CI = bool(os.environ.get("CI"))
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


@pytest.mark.parametrize(
    ("path", "runs"),
    [
        ("db/0001.sql", True),
        ("alembic/versions/a1.py", True),
        ("shop/migrations/0001_initial.py", True),
        ("api/openapi/v1.yaml", True),
        ("openapi.json", True),
        ("schemaguard.yaml", True),
        ("services/a/alembic.ini", True),
        ("pyproject.toml", True),
        ("src/app.py", False),
        ("README.md", False),
        ("db/seed.csv", False),
        ("conversions/a.py", False),
    ],
)
def test_files(path: str, runs: bool) -> None:
    """It runs where a file of the schema, of its contract or of the config changes."""
    assert bool(re.search(HOOK["files"], path)) is runs


def test_it_checks_the_whole_once() -> None:
    """No file names, no processes side by side; the stages are those of a change."""
    assert (HOOK["pass_filenames"], HOOK["require_serial"]) == (False, True)
    assert HOOK["stages"] == ["pre-commit", "pre-merge-commit", "pre-push", "manual"]


@pytest.mark.packaging
@pytest.mark.skipif(not IN_CI, reason="installs everything anew, which takes minutes: set CI=1 to run it")
def test_try_repo(runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed by pre-commit from a repository of the checkout, it fails on a defect and passes without."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    hooks = tmp_path / "hooks"
    shutil.copytree(ROOT, hooks, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "hooks")):
        subprocess.run(["git", *command], cwd=hooks, check=True)
    repo = runner.repo
    config = "version: 1\nsources: [{sql: 'db/*.sql'}]\nrules: {documentation: off}\n"
    repo.commit({"schemaguard.yaml": config, "db/0001_tables.sql": "CREATE TABLE t (id uuid PRIMARY KEY);\n"})

    def tried(path: str, text: str) -> subprocess.CompletedProcess[str]:
        repo.put(path, text)
        repo.git("add", "-A")
        command = [
            str(Path(sys.executable).parent / "pre-commit"),
            "try-repo",
            str(hooks),
            "schemaguard",
            "--verbose",
        ]
        return subprocess.run(command, cwd=repo.folder, capture_output=True, text=True, check=False)

    failed = tried("db/0002_keyless.sql", "CREATE TABLE keyless (id int);\n")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "error[primary-key-missing]" in failed.stdout

    passed = tried("db/0002_keyless.sql", "CREATE TABLE keyless (id uuid PRIMARY KEY);\n")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "no findings" in passed.stdout

    repo.commit()
    skipped = tried("README.md", "Words\n")
    assert "(no files to check)Skipped" in skipped.stdout
