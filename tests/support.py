"""
What several test modules use: the fixtures of the built-in rules.
"""

from __future__ import annotations

from schemaguard.testing import Fixture
from tests.source_tree import ROOT

FIXTURES = ROOT / "fixtures"


def rule_fixtures() -> list[Fixture]:
    """Return the fixture of each built-in rule."""
    return [fixture for fixture in Fixture.all(FIXTURES) if fixture.path.parent.name != "projects"]
