"""`make bench`: schemaguard and its peers over the same histories in one run, written to docs/performance.md.

Options: how often each command runs (default 5), and the lengths of the histories that growth is measured over.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.histories import migrations, write_alembic, write_sql  # noqa: E402 - it is run as a file
from benchmarks.measure import Command, Series, alternate  # noqa: E402
from benchmarks.page import Figures, page  # noqa: E402
from benchmarks.peers import Peers, peers  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH = 1_500
SAMPLE = 3
"""Migrations that sqlfluff is given: all of them would take it an hour."""

FLOOR = """
import sys
from pathlib import Path
from pglast.parser import parse_sql_json
for path in sorted(Path(sys.argv[1]).glob("*.sql")):
    parse_sql_json(path.read_text())
"""
SMALLEST = "CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id uuid NOT NULL);\n"


class Place(NamedTuple):
    """Where the histories are, and the programs."""

    folder: Path
    peers: Peers
    schemaguard: Path

    def check(self, project: Path, *options: str | Path, cache: str = "") -> Command:
        """`schemaguard check` of a project, without a cache unless one is named."""
        kept = ("--cache-dir", self.folder / cache) if cache else ("--no-cache",)
        return Command([self.schemaguard, "check", project, *options, *kept])


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--growth", type=int, nargs="+", default=[150, 1_500, 15_000])
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.md")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        place = Place(Path(folder), peers(), Path(sys.executable).parent / "schemaguard")
        figures = Figures(
            machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
            f"{datetime.now(tz=UTC):%Y-%m-%d}",
            load=os.getloadavg()[0],
            rounds=options.rounds,
            peers=place.peers,
            history=_history(place, options.rounds),
            small=_small(place, options.rounds),
            growth=[_once(place, length) for length in options.growth],
            alembic=_alembic(place),
            phases=_phases(place.folder / "sql"),
        )
    options.output.write_text(page(figures))


def _history(place: Place, rounds: int) -> Sequence[Series]:
    """All tools over the history of the usual length, in turn."""
    project = write_sql(place.folder / "sql", LENGTH)
    files = sorted((project / "migrations").iterdir())
    whole = place.folder / "whole.sql"
    whole.write_text("".join(text for _, text in migrations(LENGTH)))
    repository = _repository(place.folder / "gate")
    programs, here = place.peers.programs, place.peers.versions
    series = [
        Series("parser's floor: `parse_sql_json` of all the text", _python(FLOOR, project / "migrations"))
    ]
    if "squawk-cli" in here:
        series.append(Series("squawk", Command([programs / "squawk", *files])))
    series += [
        Series("schemaguard, cold (`--no-cache`)", place.check(project)),
        Series("schemaguard, warm (nothing changed)", place.check(project, cache="warm")),
        Series("schemaguard, gate (`--base`, one new migration)", place.check(repository, "--base", "main")),
        Series(
            "schemaguard, gate again (nothing changed since)",
            place.check(repository, "--base", "main", cache="warm"),
        ),
    ]
    for each in series:
        each.once()  # not counted: byte code, the disk's cache, and the warm run's answer
        each.runs.clear()
    alternate(series, rounds)
    slow = []
    if "pgrls" in here:
        slow.append(Series("pgrls `--sql-file`", Command([programs / "pgrls", "lint", "--sql-file", whole])))
    if "sqlfluff" in here:
        command: list[str | Path] = [programs / "sqlfluff", "lint", "--dialect", "postgres", *files[:SAMPLE]]
        slow.append(Series(f"sqlfluff, on {SAMPLE} of the {LENGTH:,} migrations", Command(command)))
    alternate(slow, 1)
    return [*series, *slow]


def _repository(folder: Path) -> Path:
    """The history in git, and a branch with one migration more."""
    write_sql(folder, LENGTH)

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Author", "-c", "user.email=author@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "--quiet", "--initial-branch=main")
    git("add", ".")
    git("commit", "--quiet", "--message=The history")
    git("switch", "--quiet", "--create=change")
    (folder / "migrations" / "99999_new.sql").write_text(
        "ALTER TABLE ledger_1 ADD COLUMN price_cents float;\n"
    )
    git("add", ".")
    git("commit", "--quiet", "--message=One more")
    return folder


def _small(place: Place, rounds: int) -> Sequence[Series]:
    """The smallest project, and what loading the parser takes by itself."""
    project = place.folder / "smallest"
    (project / "migrations").mkdir(parents=True)
    (project / "migrations" / "1.sql").write_text(SMALLEST)
    series = [
        Series('`python -c "import pglast, yaml"`', _python("import pglast, yaml")),
        Series("schemaguard, one table, cold", place.check(project)),
        Series("schemaguard, one table, warm", place.check(project, cache="small")),
        Series("`schemaguard --help`", Command([place.schemaguard, "--help"])),
    ]
    alternate(series, 1)
    for each in series:
        each.runs.clear()
    alternate(series, rounds)
    return series


def _once(place: Place, length: int) -> Series:
    """One cold check of a history of some length."""
    project = write_sql(place.folder / f"sql-{length}", length)
    series = Series(f"{length:,}", place.check(project)._replace(timeout=1800))
    series.once()
    shutil.rmtree(project)
    return series


def _alembic(place: Place) -> Series:
    series = Series(
        "the same as Alembic revisions, cold", place.check(write_alembic(place.folder / "alembic", LENGTH))
    )
    alternate([series], 2)
    return series


def _phases(project: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.phases", str(project)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout)
    stages: dict[str, float] = found["stages"]
    return {**stages, "the rest": max(found["total"] - sum(stages.values()), 0.0)}


def _python(code: str, *arguments: Path) -> Command:
    return Command([sys.executable, "-c", code, *arguments])


if __name__ == "__main__":
    main()
