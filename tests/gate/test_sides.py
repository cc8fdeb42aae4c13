"""
Where the two sides come from: revisions, folders, names; and what is said where one can't be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from schemaguard.sources.git import Git, GitFailed
from schemaguard.sources.tree import DiskTree
from tests.cli.support import CommandLine
from tests.gate.support import CLEAN, CONFIG, LEGACY, Report, Repository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def refused(repo: Repository, *arguments: str) -> str:
    """What a run that can't compare says; it writes no report."""
    done = repo.cli("check", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("schemaguard: ")
    assert done.err.count("\n") == 1
    return done.err.removeprefix("schemaguard: ").rstrip()


# What can't be compared


def test_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Said with what works without git."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    cli = CommandLine(tmp_path, monkeypatch, capsys)
    cli.put("migrations/1.sql", "SELECT 1;\n")
    done = cli("check", "--base", "main")

    assert done.code == 2
    assert done.err == (
        f"schemaguard: {tmp_path} is in no git repository, which --base needs; "
        "--base-dir DIR compares two folders without git\n"
    )


def test_no_git(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container without it."""
    repo.legacy()
    monkeypatch.setenv("PATH", "/nowhere")

    assert "git is not installed here, and --base needs it" in refused(repo, "--base", "main")


def test_a_missing_base(repo: Repository) -> None:
    """The command that brings it is named."""
    repo.legacy()

    assert refused(repo, "--base", "origin/develop") == (
        "there is no revision origin/develop here: `git fetch origin develop` brings it"
    )
    assert refused(repo, "--base", "main", "--head", "nothing").startswith(
        "there is no revision nothing here"
    )
    assert refused(repo, "--base", "--output=x").startswith("there is no revision --output=x here")
    assert refused(repo, "--base", "x\n::error::y").startswith("there is no revision x ::error::y here")


def test_no_commit_yet(repo: Repository) -> None:
    """Nothing to compare with."""
    repo.put("migrations/1.sql", "SELECT 1;\n")

    assert refused(repo, "--base", "HEAD") == (
        "the repository has no commit yet, so there is no base to compare with"
    )


def test_a_shallow_clone(repo: Repository, tmp_path: Path) -> None:
    """What the clone left out is what is needed; the command brings it, and then the check runs."""
    repo.legacy()
    repo.commit({"db/0002_orders.sql": CLEAN})
    repo.git("checkout", "-q", "main")
    repo.commit({"db/0003_more.sql": "SELECT 1;\n"})
    url = repo.folder.as_uri()
    clone = tmp_path / "clone"
    repo.git("clone", "-q", "--depth", "1", "--no-single-branch", "-b", "feature", url, str(clone))
    repo.cli.move_to(clone)

    assert refused(repo, "--base", "origin/main") == (
        "origin/main and HEAD have no commit in common in this shallow clone: `git fetch --unshallow origin` brings "
        "the rest (for actions/checkout, `fetch-depth: 0`)"
    )
    assert "the clone is shallow" in refused(repo, "--base", "origin/gone")

    subprocess.run(["git", "fetch", "-q", "--unshallow", "origin"], cwd=clone, check=True)

    assert repo.cli("check", "--base", "origin/main").code == 0


def test_unrelated_histories(repo: Repository) -> None:
    """They are compared as folders: what is said to be done works."""
    repo.legacy()
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit({"db/0002_orders.sql": CLEAN})

    assert refused(repo, "--base", "main") == (
        "main and HEAD have no commit in common; to compare them all the same: `git worktree add ../base main`, and "
        "--base-dir ../base in place of --base"
    )

    repo.git("worktree", "add", "-q", "../base", "main")

    assert repo.cli("check", "--base-dir", "../base").code == 0


def test_a_repository_that_git_refuses(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers check out as another user."""
    repo.legacy()
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    assert refused(repo, "--base", "main") == (
        f"git refuses {repo.folder}, because it belongs to another user: "
        f"`git config --global --add safe.directory {repo.folder}` allows it"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--head", "x"], "--head goes with --base REV, the revision to compare with"),
        (["--merge"], "--merge goes with --base REV, the revision to compare with"),
        (
            ["--base", "main", "--base-dir", "x"],
            "--base and --base-dir name the base twice: give one of them",
        ),
        (["--base", ""], "--base names no revision: give a branch, a tag or a commit"),
        (
            ["--base-dir", "gone"],
            "--base-dir: there is no folder gone; `git worktree add DIR BASE` makes one",
        ),
        (
            ["--changed-files", "gone"],
            (
                "--changed-files: gone cannot be read (No such file or directory): "
                "`git diff --name-only BASE... > gone` writes it"
            ),
        ),
    ],
)
def test_options_that_make_no_sense(repo: Repository, arguments: Sequence[str], message: str) -> None:
    """One sentence each."""
    repo.legacy()

    assert refused(repo, *arguments) == message


def test_an_old_git_cannot_merge(repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`merge-tree --write-tree` came with 2.38."""
    repo.legacy()
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    real = shutil.which("git")
    fake.write_text(
        f'#!/bin/sh\n[ "$1" = merge-tree ] && echo "usage: git merge-tree" >&2 && exit 129\nexec {real} "$@"\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")

    assert refused(repo, "--base", "main", "--merge") == (
        "--merge needs git 2.38 or newer, and this one says: usage: git merge-tree"
    )


# Without git


def without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """A project in a folder that is no repository."""
    monkeypatch.setenv("PATH", "/nowhere")
    folder = tmp_path / "project"
    folder.mkdir()
    cli = CommandLine(folder, monkeypatch, capsys)
    for path, text in {"schemaguard.yaml": CONFIG, "db/0001_legacy.sql": LEGACY}.items():
        cli.put(path, text)
    return cli


def test_two_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What git would compare, on disk."""
    cli = without_git(tmp_path, monkeypatch, capsys)
    shutil.copytree(cli.folder, tmp_path / "before")
    cli.put("db/0002_grant.sql", "GRANT SELECT ON hidden TO app;\n")
    report = Report.of(cli("check", "--base-dir", "../before", "--format", "json"))

    assert report.new == [("row-security-disabled", "db/0002_grant.sql", 1)]
    assert report.document["base"] == "../before"


@pytest.mark.parametrize(
    "listing", ["db/0002_grant.sql\n", "A\tdb/0002_grant.sql\nM\tREADME\n", "a\0db/0002_grant.sql\0"]
)
def test_changed_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], listing: str
) -> None:
    """Only the names are known: what has a part in a changed file is new, the rest was there."""
    cli = without_git(tmp_path, monkeypatch, capsys)
    cli.put("db/0002_grant.sql", "SELECT 1;\nGRANT SELECT ON hidden TO app;\n")
    cli.put("changed", listing)
    report = Report.of(cli("check", "--changed-files", "changed", "--format", "json"))

    assert report.new == [("row-security-disabled", "db/0002_grant.sql", 2)]
    assert len(report.with_status("existing")) > 5
    skipped = {each["rule"]: each["reason"] for each in report.document["coverage"]["rules"]["skipped"]}
    assert skipped["merged-migration-edited"] == "there is no base to compare with"


def test_changed_names_elsewhere_and_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pull request that touches no migration is told so; one that is gone can't be judged, and that is said."""
    cli = without_git(tmp_path, monkeypatch, capsys)
    cli.put("changed", "README\nschemaguard.yml\n")
    report = Report.of(cli("check", "--changed-files", "changed", "--format", "json", "--fail-on", "info"))

    assert (report.code, report.new) == (0, [])
    assert "touches no file that the schema is made from" in report.notices

    cli.put("changed", "R100\tdb/0000_old.sql\tdb/0001_legacy.sql\n")
    report = Report.of(cli("check", "--changed-files", "changed", "--format", "json"))

    assert report.code == 1
    assert "db/0000_old.sql is gone: what it did is not known without its text" in report.notices


def test_a_project_below_the_repository(repo: Repository) -> None:
    """Paths are the project's on both sides; names that git lists are the repository's."""
    repo.commit(
        {
            "services/a/schemaguard.yaml": CONFIG,
            "services/a/db/1.sql": LEGACY,
            "services/b/db/1.sql": "SELECT",
        }
    )
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({"services/a/db/2.sql": "CREATE TABLE flat (a int);\n"})
    wanted = ("--select", "primary-key-missing", "--format", "json")
    by_git = Report.of(repo.cli("check", "services/a", "--base", "main", *wanted))
    repo.put("changed", repo.git("diff", "--name-only", "main"))
    by_names = Report.of(repo.cli("check", "services/a", "--changed-files", "changed", *wanted))

    assert by_git.new == [("primary-key-missing", "db/2.sql", 1)]
    assert by_names.new == by_git.new


# The files of a commit


def test_a_commit_reads_as_its_checkout(repo: Repository, tmp_path: Path) -> None:
    """Whatever is asked: links are followed inside the repository, other people's folders are left out."""
    (tmp_path / "secret").write_text("outside")
    for path in ("a.sql", "db/1.sql", "db/sub/2.sql", "db/.hidden/3.sql", "db/venv/4.sql", "env/x/5.sql",
                 "env/pyvenv.cfg", "db/ü b\n.sql", "p/here.sql"):  # fmt: skip
        repo.put(path, path)
    for link, target in (
        ("link.sql", "db/1.sql"), ("db/up.sql", "../a.sql"), ("linked", "db"), ("out.sql", str(tmp_path / "secret")),
        ("over", "../secret"), ("loop", "loop"), ("dead.sql", "gone.sql"), ("p/far.sql", "../linked/sub/2.sql"),
    ):  # fmt: skip
        (repo.folder / link).symlink_to(target)
    repo.commit()
    for prefix in ("", "p", "db"):
        with Git(repo.folder) as git:
            tree, disk = git.tree("HEAD", prefix), DiskTree(repo.folder / prefix, repo.folder)
            folders = [
                "",
                "db",
                "db/sub",
                "linked",
                "linked/sub",
                "env",
                "env/x",
                "gone",
                "a.sql",
                "..",
                "../db",
                "../..",
            ]
            asked = {*disk.files(), *disk.files(".."), *folders, "link.sql", "out.sql", "over", "dead.sql", "loop",
                     "../a.sql", "linked/1.sql", "linked/sub/2.sql", "../../secret"}  # fmt: skip
            for folder in folders:
                ours = [path for path in disk.files(folder) if not path.startswith((".git/", "../.git/"))]
                assert list(tree.files(folder)) == ours, (prefix, folder)
                assert [name for name in disk.folder(folder) if name != ".git"] == list(
                    tree.folder(folder)
                ), folder
            for path in asked:
                assert tree.is_file(path) == disk.is_file(path), (prefix, path)
                assert tree.is_folder(path) == disk.is_folder(path), (prefix, path)
                if disk.is_file(path):
                    assert tree.read(path) == disk.read(path)
                    assert tree.real(path) == disk.real(path)
                else:
                    with pytest.raises(OSError, match=r".*"):
                        tree.read(path)


def test_submodules_and_missing_objects(repo: Repository) -> None:
    """What git keeps elsewhere or has lost can't be read, and says so."""
    repo.commit({"a.sql": "SELECT 1;\n"})
    commit = repo.git("rev-parse", "HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    repo.git("commit", "-q", "-m", "with a submodule")
    with Git(repo.folder) as git:
        tree = git.tree("HEAD", "")

        assert not tree.is_file("sub/1.sql")
        assert tree.files("sub") == ()
        with pytest.raises(OSError, match="submodule"):
            tree.read("sub/1.sql")

        blob = repo.git("rev-parse", "HEAD:a.sql")
        (repo.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
        with pytest.raises(OSError, match="partial or damaged"):
            tree.read("a.sql")
        with pytest.raises(GitFailed, match="git can't list the files of nothing"):
            git.tree("nothing", "")
