"""
The whole report of each fixture project, byte for byte: what a person reads who runs `make demo`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.cli.project import open_project
from schemaguard.linting.pipeline import check
from schemaguard.report import render
from schemaguard.testing import STYLE, TODAY
from tests.source_tree import ROOT
from tests.support import FIXTURES

if TYPE_CHECKING:
    from tests.conftest import Golden

PROJECTS = ["b03_foundation", "b03_hardened"]


@pytest.mark.parametrize("project", PROJECTS)
def test_reads_as_agreed(project: str, golden: Golden) -> None:
    """The console's report is what `tests/report` has."""
    opened = open_project(FIXTURES / "projects" / project, None)
    result = check(opened.tree, opened.policy, opened.registry, today=TODAY)

    golden(ROOT / "tests/report" / f"{project}.out", render("console", result, STYLE))


@pytest.mark.parametrize("project", PROJECTS)
def test_says_a_thing_once(project: str) -> None:
    """No two findings have the same key, nor the same words at the same place."""
    opened = open_project(FIXTURES / "projects" / project, None)
    findings = check(opened.tree, opened.policy, opened.registry, today=TODAY).findings
    said = [(finding.location, finding.message) for finding in findings]

    assert len({finding.key for finding in findings}) == len(findings)
    assert len(set(said)) == len(said)
