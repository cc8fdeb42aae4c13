"""
`check` with its cache: the same report, byte for byte, and a new one whenever anything has changed.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from schemaguard.cache.store import SUFFIX
from schemaguard.cli import check as command
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.support import CommandLine

PROJECTS = sorted(each for each in (ROOT / "fixtures" / "projects").iterdir() if each.is_dir())
FIXTURES = sorted((ROOT / "fixtures").glob("*/*.sql"))

MIGRATION = "CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id uuid, amount_cents numeric);\n"
CONFIG = 'version: 1\nsources: [{sql: "db/*.sql"}]\n'


@pytest.fixture
def cached(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line with a cache of its own, in a project of one migration."""
    monkeypatch.delenv("SCHEMAGUARD_NO_CACHE")
    monkeypatch.setenv("SCHEMAGUARD_CACHE_DIR", str(cli.folder / ".git" / "cache"))
    cli.put("schemaguard.yaml", CONFIG)
    cli.put("db/1.sql", MIGRATION)
    return cli


@pytest.fixture
def replays(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every history that is replayed."""
    from schemaguard.linting import pipeline
    from schemaguard.linting.history import replayed

    found: list[int] = []

    def counted(*arguments: object, **named: object) -> object:
        found.append(1)
        return replayed(*arguments, **named)  # type: ignore[arg-type] # passed through

    monkeypatch.setattr(pipeline, "replayed", counted)
    return found


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_projects_have_the_same_reports(cached: CommandLine, project: Path, replays: list[int]) -> None:
    """In every format at once."""
    names = ("json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown")
    formats = [f"--format={name}={cached.folder}/{name}" for name in names]

    def run(*options: str) -> tuple[object, ...]:
        done = cached("check", str(project), "--format=console", *formats, *options)
        return (*done, *((cached.folder / name).read_bytes() for name in names))

    cold, warm, without = run(), run(), run("--no-cache")

    assert cold == warm == without
    assert len(replays) == 2


@pytest.mark.parametrize("family", sorted({path.parent for path in FIXTURES}), ids=lambda path: path.name)
def test_fixtures_have_the_same_reports(cached: CommandLine, family: Path) -> None:
    files = [path for path in FIXTURES if path.parent == family]
    for path in (files[0], files[-1]):
        assert (
            cached("check", str(path))
            == cached("check", str(path))
            == cached("check", str(path), "--no-cache")
        )


def edit(path: str, text: str) -> Callable[[CommandLine], object]:
    return lambda cli: cli.put(path, text)


CHANGES = {
    "a migration is edited": edit("db/1.sql", MIGRATION.replace("numeric", "bigint")),
    "a migration is added": edit("db/2.sql", "DROP TABLE orders;"),
    "a migration is removed": lambda cli: shutil.move(cli.folder / "db/1.sql", cli.folder / "db/0.sql"),
    "the config is edited": edit("schemaguard.yaml", CONFIG + "rules: {primary-key-not-uuid: error}\n"),
    "a baseline is there": edit("b.yaml", "version: 1\nfindings: []\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_has_its_own_report(cached: CommandLine, replays: list[int], change: str) -> None:
    options = ("--baseline=b.yaml",) if "baseline" in change else ()
    if options:
        cached.put("b.yaml", "version: 1\nfindings: []\n#\n")
    cached("check", *options)
    CHANGES[change](cached)
    changed = cached("check", *options)

    assert len(replays) == 2
    assert changed == cached("check", *options, "--no-cache")


@pytest.mark.parametrize(
    "options",
    [
        ("--select=tenancy",),
        ("--ignore=tenancy",),
        ("--fail-on=never",),
        ("--strict",),
        ("--quiet",),
        ("--verbose",),
        ("--color=always",),
        ("--format=json",),
        ("db/1.sql",),
        ("--config=schemaguard.yaml",),
    ],
    ids=" ".join,
)
def test_an_option_has_its_own_report(cached: CommandLine, options: tuple[str, ...]) -> None:
    cached("check")

    assert cached("check", *options) == cached("check", *options, "--no-cache")


def test_another_day_is_another_question(
    cached: CommandLine, replays: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suppressions and baseline entries expire."""

    class Tomorrow(dt.date):
        @classmethod
        def today(cls) -> Tomorrow:
            return cls(2099, 1, 1)

    cached.put(
        "db/1.sql", "-- schemaguard: allow-file primary-key-not-uuid until 2098-01-01: later\n" + MIGRATION
    )
    first = cached("check")
    monkeypatch.setattr(command, "date", Tomorrow)

    assert cached("check") != first
    assert len(replays) == 2


def test_a_damaged_entry_is_told_of_and_made_anew(cached: CommandLine, replays: list[int]) -> None:
    first = cached("check")
    [entry] = (cached.folder / ".git" / "cache").glob(f"*{SUFFIX}")
    entry.write_bytes(b"\x80\x04N.")
    again, third = cached("check"), cached("check")

    assert again.out == third.out == first.out
    assert "is ignored" in again.err
    assert again.err.replace(again.err.splitlines(keepends=True)[0], "", 1) == first.err
    assert third == first
    assert len(replays) == 2


def test_what_could_not_be_checked_is_not_kept(cached: CommandLine) -> None:
    cached.put("schemaguard.yaml", 'version: 1\nsources: [{sql: "none/*.sql"}]\n')

    assert cached("check").code == cached("check").code == 2
    assert not (cached.folder / ".git" / "cache").exists()


def test_the_user_s_cache_is_the_default(
    cached: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, replays: list[int]
) -> None:
    monkeypatch.delenv("SCHEMAGUARD_CACHE_DIR")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, appauthor: tmp_path / ".git" / name)
    cached("check")
    cached("check")

    assert len(replays) == 1
    assert len(list((tmp_path / ".git" / "schemaguard").rglob(f"*{SUFFIX}"))) == 1


# With a base


@pytest.fixture
def branch(cached: CommandLine) -> CommandLine:
    """The project on a branch with a second migration."""
    shutil.rmtree(cached.folder / ".git")
    cached.put(".gitignore", "/cache/\n")

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=cached.folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git("switch", "-q", "-c", "branch")
    cached.put("db/2.sql", "ALTER TABLE orders ADD COLUMN note text;")
    git("add", ".")
    git("commit", "-q", "-m", "two")
    return cached


def test_a_change_is_judged_the_same_again(branch: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until either side has moved."""
    monkeypatch.setenv("SCHEMAGUARD_CACHE_DIR", str(branch.folder / "cache"))
    cold, warm = branch("check", "--base=main"), branch("check", "--base=main")

    assert cold == warm == branch("check", "--base=main", "--no-cache")
    assert len(list((branch.folder / "cache").iterdir())) == 1

    branch.put("db/3.sql", "ALTER TABLE orders ADD COLUMN price_cents float;")
    edited = branch("check", "--base=main")

    assert edited == branch("check", "--base=main", "--no-cache")
    assert edited != cold

    subprocess.run(["git", "branch", "-f", "main", "branch"], cwd=branch.folder, check=True)

    assert branch("check", "--base=main") == branch("check", "--base=main", "--no-cache")


def test_what_lies_elsewhere_is_not_kept(branch: CommandLine, tmp_path: Path) -> None:
    """The answer of a comparison with another folder, or with a list of names."""
    branch.put("names", "db/2.sql\n")
    branch.put(".git/other/db/1.sql", MIGRATION)
    for option in ("--changed-files=names", f"--base-dir={tmp_path}/.git/other"):
        branch("check", option)

    assert not (branch.folder / ".git" / "cache").exists()
