"""
The files under check: what is found, what is skipped, what is not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.sources.problems import Unreadable
from schemaguard.sources.tree import DiskTree, glob, join, normalize, read_source
from tests.sources.memory import MemoryTree

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, *paths: str) -> None:
    for path in paths:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path, encoding="utf-8")


PATHS = ("a.sql", "db/1.sql", "db/sub/2.sql", "db/sub/deep/3.sql", "db/x[1].sql", "other/1.sql")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.sql", ["a.sql"]),
        ("./db/../a.sql", ["a.sql"]),
        ("*.sql", ["a.sql"]),
        ("db/*.sql", ["db/1.sql", "db/x[1].sql"]),
        ("db/**/*.sql", ["db/1.sql", "db/sub/2.sql", "db/sub/deep/3.sql", "db/x[1].sql"]),
        ("**/1.sql", ["db/1.sql", "other/1.sql"]),
        ("db/**", ["db/1.sql", "db/sub/2.sql", "db/sub/deep/3.sql", "db/x[1].sql"]),
        ("*/?.sql", ["db/1.sql", "other/1.sql"]),
        ("[do]*/[0-9].sql", ["db/1.sql", "other/1.sql"]),
        ("[!d]*/*.sql", ["other/1.sql"]),
        ("db/x[[]1].sql", ["db/x[1].sql"]),
        ("db", []),
        ("none/*.sql", []),
        ("d.*/1.sql", []),
    ],
)
def test_glob(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    """`*` stays in its folder, `**` does not; a folder's name matches no file. On disk and elsewhere alike."""
    write(tmp_path, *PATHS)

    assert glob(DiskTree(tmp_path, tmp_path), pattern) == expected
    assert glob(MemoryTree(dict.fromkeys(PATHS, "")), pattern) == expected


def test_skipped_folders(tmp_path: Path) -> None:
    """Packages, environments and hidden folders are not searched; one that is named is."""
    write(
        tmp_path,
        "kept/a.sql",
        "node_modules/b.sql",
        ".git/c.sql",
        "anything/pyvenv.cfg",
        "anything/lib/d.sql",
        "kept/__pycache__/e.sql",
    )
    tree = DiskTree(tmp_path, tmp_path)

    assert tree.files() == ("kept/a.sql",)
    assert tree.files("node_modules") == ("node_modules/b.sql",)
    assert tree.folder("kept") == ["__pycache__", "a.sql"]
    assert tree.folder("none") == tree.folder("kept/a.sql") == ()
    assert (tree.is_file("kept/a.sql"), tree.is_file("kept"), tree.is_folder("kept")) == (True, False, True)


def test_nothing_outside_the_repository_is_read(tmp_path: Path) -> None:
    """Neither through `..` nor through a link; inside the repository both are fine."""
    write(tmp_path, "secret.sql", "repo/shared/s.sql", "repo/app/a.sql")
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "repo" / "app" / "link.sql").symlink_to(tmp_path / "secret.sql")
    (tmp_path / "repo" / "app" / "shared").symlink_to(tmp_path / "repo" / "shared")
    tree = DiskTree(tmp_path / "repo" / "app")

    assert glob(tree, "../shared/*.sql") == ["../shared/s.sql"]
    assert tree.read("shared/s.sql") == b"repo/shared/s.sql"
    assert glob(tree, "../../*.sql") == []
    assert not tree.is_file("link.sql")
    assert tree.folder("../..") == ()
    with pytest.raises(Unreadable, match=r"link\.sql cannot be read: it lies outside the repository"):
        read_source(tree, "link.sql")


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"SELECT 1;\nSELECT '\xff';", 2, 9, "a.sql is not UTF-8 text: byte 0xff at offset 18"),
        ("é\n".encode() + b"\xe9", 2, 1, "a.sql is not UTF-8 text: byte 0xe9 at offset 3"),
        (b"ab\0c", 1, 3, "a.sql holds NUL bytes, so it is not UTF-8 text"),
        ("SELECT".encode("utf-16"), 1, 4, "a.sql holds NUL bytes, so it is not UTF-8 text"),
    ],
)
def test_files_that_are_no_text(data: bytes, line: int, column: int, message: str) -> None:
    """The place of the first byte that is at fault."""
    with pytest.raises(Unreadable) as caught:
        read_source(MemoryTree({"a.sql": data}), "a.sql")

    problem = caught.value.problem
    assert (problem.rule, problem.message) == ("file-unreadable", message)
    assert (problem.span.location.line, problem.span.location.column) == (line, column)


def test_a_file_that_is_not_there() -> None:
    """Is told, not raised as the system's error."""
    with pytest.raises(Unreadable, match=r"a\.sql cannot be read: No such file or directory"):
        read_source(MemoryTree({}), "a.sql")


def test_paths() -> None:
    """As trees take them."""
    assert [normalize(each) for each in (".", "./a", "a//b/", "a\\b", "a/../b", "../x")] == [
        "", "a", "a/b", "a/b", "b", "../x",
    ]  # fmt: skip
    assert join("a/b", "../c.sql") == "a/c.sql"
