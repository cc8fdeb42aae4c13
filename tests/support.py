"""
What several test modules use: the fixtures of the built-in rules.
"""

from __future__ import annotations

from schemaguard.testing import Fixture
from tests.source_tree import ROOT, RULES

FIXTURES = ROOT / "fixtures"


def rule_fixtures() -> list[Fixture]:
    """Return the fixtures in the folders that mirror those of the built-in rules."""
    families = {folder.name for folder in RULES.iterdir() if folder.is_dir()}
    return [fixture for fixture in Fixture.all(FIXTURES) if fixture.path.parent.name in families]
