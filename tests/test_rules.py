"""
Every rule, held to its manual page and its fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.linting.registry import package_files, registry
from tests.support import FIXTURES, rule_fixtures

if TYPE_CHECKING:
    from schemaguard.testing import Fixture
    from tests.conftest import Golden

FIXTURE_OF = {str(fixture): fixture for fixture in rule_fixtures()}
RULES = registry()
BUILT_IN = sorted(file.name for file in package_files("schemaguard_rules"))
NEAR_MISSES = 3

every_fixture = pytest.mark.parametrize("fixture", FIXTURE_OF.values(), ids=str)
every_rule = pytest.mark.parametrize("name", BUILT_IN)


@every_fixture
def test_fires_on_marked_lines_only(fixture: Fixture) -> None:
    """A rule fires on each line its fixture marks `--!`, and on no other."""
    found = {(finding.location.line, finding.rule) for finding in fixture.lint()}

    assert found == fixture.marks


@every_fixture
def test_reads_as_agreed(fixture: Fixture, golden: Golden) -> None:
    """The console report is, byte for byte, the `.out` file beside the fixture."""
    golden(fixture.path.with_suffix(".out"), fixture.report())


@every_rule
def test_has_a_manual_page(name: str) -> None:
    """The docstring has a title and the fixed headings, in their order."""
    assert RULES.load(name).page.faults() == []


@every_rule
def test_options_are_explained(name: str) -> None:
    """Each option is named in the page's section for them, and only a rule with options has one."""
    rule = RULES.load(name)
    options = rule.page.sections.get("Options", "")

    assert [field for field in rule.options.__struct_fields__ if f"`{field}`" not in options] == []
    assert bool(options) == bool(rule.options.__struct_fields__)


@every_rule
def test_is_proved_by_a_fixture(name: str) -> None:
    """A fixture marks at least one line, and gives at least three near misses with the reason."""
    fixture = FIXTURE_OF.get(f"{RULES.load(name).family}/{name.replace('-', '_')}")

    assert fixture is not None, (
        f"{FIXTURES.name}/{RULES.load(name).family}/{name.replace('-', '_')}.sql is missing"
    )
    assert name in {rule for _, rule in fixture.marks}
    assert fixture.near_misses >= NEAR_MISSES


def test_fixtures_are_of_rules() -> None:
    """A fixture whose rule was renamed or removed does not stay behind."""
    known = {f"{RULES.load(name).family}/{name.replace('-', '_')}" for name in BUILT_IN}

    assert set(FIXTURE_OF) <= known
