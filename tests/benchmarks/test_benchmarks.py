"""
The benchmark's histories, its clock and its page; the measuring itself is `make bench`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.histories import migrations, write_alembic, write_sql
from benchmarks.measure import Command, Run, Series, alternate
from benchmarks.page import Figures, page
from benchmarks.peers import Peers
from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.replay import replay
from schemaguard.config import Policy
from schemaguard.linting.history import replayed
from schemaguard.sources.tree import DiskTree

if TYPE_CHECKING:
    from schemaguard.catalog.replay import History

COUNT = 9


def history_of(folder: Path) -> History:
    return replayed(DiskTree(folder, folder), Policy()).history


def test_histories_are_as_long_as_they_are_said_to_be(tmp_path: Path) -> None:
    """14 statements a migration; nothing in them is refused or opaque but what the config would declare."""
    history = history_of(write_sql(tmp_path, COUNT))
    refused = [str(step.error or step.opaque) for step in history.steps if step.error or step.opaque]

    assert len(history.migrations) == COUNT
    assert len(history.steps) == 7 + 14 * (COUNT - 1)
    assert refused == []


def test_both_kinds_of_history_are_the_same(tmp_path: Path) -> None:
    plain, revisions = (
        history_of(write_sql(tmp_path / "a", COUNT)),
        history_of(write_alembic(tmp_path / "b", COUNT)),
    )

    own, *others = [step.statement for step in revisions.steps]

    assert "alembic_version" in own.sql  # Alembic's own table, before all
    assert [step.statement.kind for step in plain.steps] == [statement.kind for statement in others]


def test_the_same_number_gives_the_same_history() -> None:
    assert list(migrations(COUNT)) == list(migrations(COUNT)) == list(migrations(COUNT + 5))[:COUNT]
    assert replay((), new_catalog()).steps == []


def test_processes_are_measured() -> None:
    quick = Series("quick", Command([sys.executable, "-c", "pass"]))
    failing = Series("failing", Command([sys.executable, "-c", "raise SystemExit(2)"]))
    slow = Series("slow", Command([sys.executable, "-c", "import time; time.sleep(60)"], timeout=1))
    alternate([quick, failing, slow], 2)

    assert len(quick.runs) == 2
    assert 0 < quick.cpu <= quick.wall * 4
    assert quick.peak > 1
    assert (failing.runs, failing.failed) == ([], "exit code 2")
    assert (slow.runs, slow.failed) == ([], "not done after 1 s")


def series(name: str, seconds: float, failed: str = "") -> Series:
    found = Series(name, Command(()))
    found.failed = failed
    if not failed:
        found.runs = [Run(seconds, seconds / 2, 10_000_000, 0)]
    return found


def test_the_page_has_ratios_and_says_what_is_missing() -> None:
    text = page(
        Figures(
            machine="a machine",
            load=0.5,
            rounds=1,
            peers=Peers(Path(), {"squawk-cli": "1"}, {"pgrls": "no network"}),
            history=[series("squawk", 2), series("cold", 3), series("pgrls", 0, "exit code 7")],
            small=[series("python", 1)],
            growth=[series("150", 1), series("1,500", 9.5), series("15,000", 0, "not done after 9 s")],
            alembic=series("Alembic", 4),
            phases={"rules": 3.0, "replay": 0.99, "little": 0.01},
        )
    )

    assert "| cold | 3.00 | 1.50 | 10 | 1.50 | 1.50 |" in text
    assert "| pgrls | exit code 7 | | | | |" in text
    assert "pgrls could not be installed here: no network" in text
    assert "| 1,500 | 4.75 | 10 | 10 | 9.5 |" in text
    assert "| 15,000 | not done after 9 s | | | |" in text
    assert "| rules | 3.00 | 75 |" in text
    assert "| each below 1 %, together | 0.01 | 0 |" in text
    assert "## What was tried and left" in text
