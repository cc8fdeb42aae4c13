"""
The fingerprint of the code: another installation, another rule, another answer.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from schemaguard.cache.code import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_same_code_has_the_same() -> None:
    assert fingerprint([]) == fingerprint([])


def test_a_rule_s_folder_counts(tmp_path: Path) -> None:
    """Also what stands beside the rule: it may import that."""
    rule = tmp_path / "no_floats.py"
    rule.write_text("rule = 1")
    seen = [fingerprint([]), fingerprint([str(rule)])]
    (tmp_path / "_helpers.py").write_text("x = 1")
    seen.append(fingerprint([str(rule)]))
    (tmp_path / "_helpers.py").write_text("x = 22")
    seen.append(fingerprint([str(rule)]))
    os.utime(rule, (1, 1))
    seen.append(fingerprint([str(rule)]))

    assert len(set(seen)) == 5


def test_an_installed_distribution_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint([])
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path), str(tmp_path / "not there")])
    without = fingerprint([])
    (tmp_path / "pglast-99.dist-info").mkdir()

    assert before == without
    assert fingerprint([]) != before
