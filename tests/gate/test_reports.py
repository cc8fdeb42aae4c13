"""
Reports of a change, as files of a run: the same bytes everywhere, and whole whatever things are called.
"""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from jsonschema import Draft7Validator, Draft202012Validator

from tests.gate.support import CLEAN, CONFIG, LEGACY
from tests.source_tree import ROOT, SRC

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gate.support import Repository

FORMATS = ("console", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown")
HOSTILE = (
    "::error::forged",
    "%0A::error::forged",
    "a\nb",
    "</summary><script>",
    "| a | b |",
    "`code`",
    '"quoted"',
    "it's",
    "@everyone #1",
    "\u202egnp",
)


def written(repo: Repository, folder: Path, start: Path, path: str, seed: str) -> dict[str, bytes]:
    """Every format, written by a process of its own."""
    wanted = [f"--format={name}={folder / name}" for name in FORMATS]
    subprocess.run(
        [sys.executable, "-m", "schemaguard", "check", path, "--base", "main", "--no-cache", *wanted],
        cwd=start,
        env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": seed},
        capture_output=True,
        check=False,
    )
    return {name: (folder / name).read_bytes() for name in FORMATS}


def test_same_input_same_bytes(repo: Repository, tmp_path: Path) -> None:
    """Over runs, working directories and hash seeds."""
    repo.legacy(**{"db/0001_more.sql": "GRANT SELECT ON hidden TO PUBLIC;\n"})
    repo.git("mv", "db/0001_legacy.sql", "db/0001_a_legacy.sql")
    repo.commit(
        {"db/0002_change.sql": CLEAN + "GRANT DELETE, TRUNCATE ON ledger TO app;\nDROP TABLE loose;\n"}
    )
    runs = [
        written(repo, tmp_path / str(number), start, path, str(number))
        for number, (start, path) in enumerate(
            [(repo.folder, "."), (repo.folder / "db", ".."), (tmp_path, str(repo.folder))]
        )
    ]

    assert runs[0] == runs[1] == runs[2]
    assert json.loads(runs[0]["json"])["summary"]["error"] > 2


def test_hostile_names_break_no_report(repo: Repository, tmp_path: Path) -> None:
    """Names of tables, columns, policies, comments and files; on both sides, in every format."""
    quoted = [name.replace('"', '""') for name in HOSTILE]
    old = "".join(f'CREATE TABLE "old {name}" (id int, "{name}" text);\n' for name in quoted)
    new = "".join(
        f'CREATE TABLE "{name}" (id int, "{name}" money);\nALTER TABLE "old {name}" DROP COLUMN "{name}";\n'
        for name in quoted
    )
    files = {f"db/1_{name.replace('/', '_')}.sql": "CREATE TABEL x;\n" for name in HOSTILE}
    repo.commit({"schemaguard.yaml": CONFIG, "db/0001_legacy.sql": LEGACY + old, **files})
    repo.git("checkout", "-q", "-b", "feature")
    more = {path.replace("db/1_", "db/2_"): "CREATE TABEL y;\n" for path in files}
    repo.commit({"db/0002_change.sql": new, **more})
    found = written(repo, tmp_path, repo.folder, ".", "0")
    document = json.loads(found["json"])
    report_schema = json.loads((SRC / "report" / "report.schema.json").read_text())
    sarif_schema = json.loads((ROOT / "tests" / "report" / "sarif.schema.json").read_text())
    new_findings = [each for each in document["findings"] if each["status"] == "new"]

    assert [error.message for error in Draft202012Validator(report_schema).iter_errors(document)] == []
    assert [
        error.message for error in Draft7Validator(sarif_schema).iter_errors(json.loads(found["sarif"]))
    ] == []
    assert {each["location"]["path"] for each in new_findings} == {"db/0002_change.sql", *more}
    assert len([each for each in new_findings if each["rule"] == "destructive-change"]) == len(HOSTILE)
    assert len(json.loads(found["gitlab"])) == len(new_findings)
    assert ET.fromstring(found["junit"]) is not None  # noqa: S314 - our own
    for line in found["github"].decode().splitlines():
        assert line.startswith(("::error file=db/", "::warning file=db/", "::notice file=db/", "::error title=",
                                "::warning title=", "::notice title="))  # fmt: skip
    assert found["markdown"].decode().count("<!-- schemaguard:") == 1
    assert b"<script>" not in found["markdown"].split(b"```")[0]
