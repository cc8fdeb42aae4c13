"""
A trace holds for a tree that would give every answer again, and for no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.cache.trace import TracedTree, would_answer
from schemaguard.sources.tree import DiskTree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "1.sql").write_text("SELECT 1;")
    (tmp_path / "db" / "2.sql").write_text("SELECT 2;")
    (tmp_path / "link.sql").symlink_to("db/1.sql")
    (tmp_path / ".git" / "other").symlink_to("db/2.sql")
    return tmp_path


QUESTIONS: dict[str, Callable[[TracedTree], object]] = {
    "files": lambda tree: tree.files("db"),
    "folder": lambda tree: tree.folder(""),
    "is_file": lambda tree: tree.is_file("db/3.sql"),
    "is_folder": lambda tree: tree.is_folder("db/later"),
    "read": lambda tree: tree.read("db/1.sql"),
    "real": lambda tree: tree.real("link.sql"),
}

CHANGES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "a file is edited": (lambda root: (root / "db/1.sql").write_text("SELECT 9;"), {"read"}),
    "a file is edited, of the same length and date": (
        lambda root: (root / "db/1.sql").write_text("SELECT 3;"),
        {"read"},
    ),
    "a file is added": (lambda root: (root / "db/3.sql").write_text(""), {"files", "is_file"}),
    "a file is removed": (lambda root: (root / "db/1.sql").unlink(), {"files", "read"}),
    "a file is renamed": (lambda root: (root / "db/2.sql").rename(root / "db/4.sql"), {"files"}),
    "a folder is added": (lambda root: (root / "db/later").mkdir(), {"is_folder"}),
    "something is added beside": (lambda root: (root / "README").write_text(""), {"folder"}),
    "a link leads elsewhere": (
        lambda root: (root / ".git" / "other").replace(root / "link.sql"),
        {"real"},
    ),
    "nothing of it is touched": (lambda root: (root / ".git" / "HEAD").write_text("x"), set()),
}


def test_answers_are_the_tree_s_own(root: Path) -> None:
    tree = DiskTree(root)
    traced = TracedTree(tree)

    assert traced.files("db") == tree.files("db") == ("db/1.sql", "db/2.sql")
    assert traced.folder() == tree.folder()
    assert (traced.is_file("db/1.sql"), traced.is_folder("db"), traced.is_folder("no")) == (True, True, False)
    assert traced.read("db/1.sql") == b"SELECT 1;"
    assert traced.real("link.sql") == "db/1.sql"
    with pytest.raises(FileNotFoundError):
        traced.read("no")
    assert would_answer(tree, traced.trace)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_change_is_noticed_by_the_questions_it_matters_to(root: Path, question: str, change: str) -> None:
    traced = TracedTree(DiskTree(root))
    QUESTIONS[question](traced)
    make, noticed_by = CHANGES[change]
    make(root)

    assert would_answer(DiskTree(root), traced.trace) is (question not in noticed_by)


def test_what_could_not_be_read_is_an_answer(root: Path) -> None:
    traced = TracedTree(DiskTree(root))
    with pytest.raises(FileNotFoundError):
        traced.read("db/3.sql")

    assert would_answer(DiskTree(root), traced.trace)

    (root / "db/3.sql").write_text("")

    assert not would_answer(DiskTree(root), traced.trace)
