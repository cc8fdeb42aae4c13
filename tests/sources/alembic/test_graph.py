"""
The graph of revisions: read from files alone, in Alembic's order, with everything that is wrong at its place.
"""

from __future__ import annotations

import warnings
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from schemaguard.sources.alembic.graph import Graph
from schemaguard.sources.alembic.revisions import Revision
from schemaguard.sources.alembic.source import PythonFile
from tests.sources.alembic.projects import source, written

if TYPE_CHECKING:
    from schemaguard.sources.alembic.problems import Problem


def file(name: str, down: object = None, extra: str = "") -> str:
    """Return the text of a revision file."""
    programs = "def upgrade():\n    pass\n\ndef downgrade():\n    pass\n"
    return f"revision = {name!r}\ndown_revision = {down!r}\n{extra}\n\n{programs}"


def order(root: Path) -> list[str]:
    """Return the revisions of a project in the order they are replayed in."""
    return [migration.name for migration in source(root).migrations]


def found(problems: list[Problem]) -> list[tuple[str, str, int]]:
    """Return rule, file and line of problems."""
    return [(problem.rule, problem.span.path, problem.span.line) for problem in problems]


def test_order_follows_the_graph_not_the_files(tmp_path: Path) -> None:
    """A revision comes after what it revises, whatever its file is called."""
    written(
        tmp_path,
        {"versions/1.py": file("c", "b"), "versions/2.py": file("a"), "versions/3.py": file("b", "a")},
    )

    assert order(tmp_path) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "identifiers",
    [
        "revision = 'b'\ndown_revision = 'a'",
        "revision: str = 'b'\ndown_revision: str | None = 'a'",
        "revision = 'b'\ndown_revision = ('a',)",
        "revision = 'b'\ndown_revision = ['a']",
        "revision = 'b'\ndown_revision = {'a'}",
        "revision = down = 'b'\ndown_revision = 'x'\ndown_revision = 'a'",
        "revision = 'b'\ndown_revision = ('a' '')",
    ],
)
def test_identifiers(identifiers: str, tmp_path: Path) -> None:
    """Identifiers may be annotated, strings, tuples, lists or sets; the last assignment counts."""
    written(tmp_path, {"versions/a.py": file("a"), "versions/b.py": identifiers})
    loaded = source(tmp_path)

    assert [migration.name for migration in loaded.migrations] == ["a", "b"]
    assert loaded.problems == []


def test_identifier_from_the_file_name(tmp_path: Path) -> None:
    """A file without `revision` has the legacy one: its hexadecimal name."""
    written(tmp_path, {"versions/1a2b.py": "down_revision = None"})

    assert order(tmp_path) == ["1a2b"]


def test_ignored_files(tmp_path: Path) -> None:
    """Files that Alembic does not look at are not looked at."""
    names = ("__init__.py", ".#lock.py", "notes.txt", "__pycache__/x.py", "deeper/y.py")
    written(tmp_path, {"versions/a.py": file("a"), **{f"versions/{name}": "1 +" for name in names}})
    loaded = source(tmp_path)

    assert [migration.name for migration in loaded.migrations] == ["a"]
    assert loaded.problems == []


PROBLEMS = {
    "unknown revision": (
        {"a": file("a"), "b": file("b", "nope")},
        [("revision-graph-broken", "versions/b.py", 2)],
    ),
    "unknown dependency": (
        {"a": file("a", None, "depends_on = 'label'")},
        [("revision-graph-broken", "versions/a.py", 3)],
    ),
    "duplicate": (
        {"a": file("a"), "b": file("a")},
        [("revision-graph-broken", "versions/b.py", 1)],
    ),
    "cycle": (
        {"a": file("a"), "b": file("b", "c"), "c": file("c", "b")},
        [("revision-graph-broken", "versions/b.py", 2)],
    ),
    "label used twice": (
        {"a": file("a", None, "branch_labels = ('x',)"), "b": file("b", "a", "branch_labels = ('x',)")},
        [("revision-graph-broken", "versions/b.py", 3)],
    ),
    "label that is a revision": (
        {"a": file("a"), "b": file("b", "a", "branch_labels = ('a',)")},
        [("revision-graph-broken", "versions/b.py", 3)],
    ),
    "two heads": (
        {"a": file("a"), "b": file("b", "a"), "c": file("c", "a")},
        [("multiple-heads", "versions/c.py", 1)],
    ),
    "not Python": (
        {"a": file("a"), "b": "revision = 'b'\ndef upgrade(:\n"},
        [("statement-unparsed", "versions/b.py", 2)],
    ),
    "no identifiers": (
        {"a": file("a"), "helper": "X = 1\n"},
        [("revision-graph-broken", "versions/helper.py", 1)],
    ),
    "not a literal": (
        {"a": file("a"), "b": "revision = 'b'\ndown_revision = make()\n"},
        [("revision-graph-broken", "versions/b.py", 2)],
    ),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_problems(case: str, tmp_path: Path) -> None:
    """What is wrong is said at its place, and every other revision is still read."""
    files, problems = PROBLEMS[case]
    written(tmp_path, {f"versions/{name}.py": text for name, text in files.items()})
    loaded = source(tmp_path)

    assert found(loaded.problems) == problems
    assert "a" in [migration.name for migration in loaded.migrations]


def test_evidence_names_the_other_file(tmp_path: Path) -> None:
    """A duplicate shows both files."""
    written(tmp_path, {"versions/a.py": file("x"), "versions/b.py": file("x")})
    [problem] = source(tmp_path).problems

    assert "versions/a.py" in problem.message
    assert [(span.path, span.line) for _message, span in problem.evidence] == [("versions/a.py", 1)]


def test_unreadable_file(tmp_path: Path) -> None:
    """Bytes that are no text cost only their file."""
    written(tmp_path, {"versions/a.py": file("a")})
    (tmp_path / "versions" / "b.py").write_bytes(b"revision = '\xff'\n")
    (tmp_path / "versions" / "c.py").write_bytes(b"revision = 'c'\0\n")
    (tmp_path / "versions" / "d.py").write_bytes(
        b"# coding: latin-1\nrevision = 'd'\ndown_revision = 'a' # \xe9\n"
    )
    loaded = source(tmp_path)

    assert [migration.name for migration in loaded.migrations] == ["a", "d"]
    assert found(loaded.problems) == [
        ("file-unreadable", "versions/b.py", 1),
        ("file-unreadable", "versions/c.py", 1),
    ]


def test_linked_and_overlapping_folders(tmp_path: Path) -> None:
    """A file that is reached on two ways is one revision."""
    written(tmp_path, {"versions/a.py": file("a")})
    (tmp_path / "linked").symlink_to(tmp_path / "versions")
    ini = "[alembic]\nscript_location = %(here)s\nversion_locations = versions linked versions\n"
    (tmp_path / "alembic.ini").write_text(ini)
    loaded = source(tmp_path)

    assert [migration.name for migration in loaded.migrations] == ["a"]
    assert loaded.problems == []


def revisions_of(
    shape: list[tuple[list[int], list[int]]],
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Name the revisions of a shape: for each, the positions of earlier ones that it revises and depends on."""
    return [
        (f"r{index}", tuple(f"r{down}" for down in downs), tuple(f"r{dependency}" for dependency in depends))
        for index, (downs, depends) in enumerate(shape)
    ]


@st.composite
def shapes(draw: st.DrawFn) -> list[tuple[list[int], list[int]]]:
    """Draw an acyclic graph: a few revisions, each with up to two parents and perhaps one dependency."""
    shape = []
    for index in range(draw(st.integers(min_value=1, max_value=9))):
        earlier = st.integers(min_value=0, max_value=index - 1)
        downs = draw(st.lists(earlier, max_size=2, unique=True)) if index else []
        depends = draw(st.lists(earlier, max_size=1)) if index else []
        shape.append((downs, depends))
    return shape


@given(shapes(), st.randoms())
def test_order_is_alembics(shape: list[tuple[list[int], list[int]]], shuffle: object) -> None:
    """Any graph is replayed in the very order in which Alembic upgrades to all heads."""
    from alembic.script.revision import Revision as AlembicRevision, RevisionError, RevisionMap

    listed = revisions_of(shape)
    shuffle.shuffle(listed)  # type: ignore[attr-defined]  # a random.Random
    nothing = PythonFile("x.py", "")
    graph = Graph(
        [
            Revision(name, downs, (), depends, (), nothing, PurePosixPath("x.py"), {})
            for name, downs, depends in listed
        ]
    )
    made = [AlembicRevision(name, downs, dependencies=depends) for name, downs, depends in listed]
    theirs = RevisionMap(lambda: made)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = [each.revision for each in theirs.iterate_revisions("heads", "base")]
        except RevisionError:
            return  # Alembic refuses heads of which one depends on another

    assert [each.id for each in graph.order()] == expected[::-1]
    assert set(graph.heads()) == set(theirs.heads)


@given(shapes())
def test_swapped_order_respects_the_graph(shape: list[tuple[list[int], list[int]]]) -> None:
    """All revisions once, each after its parents; of two heads the one that comes last otherwise comes first."""
    nothing = PythonFile("x.py", "")
    graph = Graph(
        [
            Revision(name, downs, (), depends, (), nothing, PurePosixPath("x.py"), {})
            for name, downs, depends in revisions_of(shape)
        ]
    )
    usual, swapped = [each.id for each in graph.order()], [each.id for each in graph.swapped_order()]

    if len(graph.heads()) < 2:
        assert swapped == []
        return
    assert sorted(swapped) == sorted(usual)
    for name, parents in graph.parents.items():
        assert all(swapped.index(parent) < swapped.index(name) for parent in parents)
    independent = [
        head for head in graph.heads() if not any(head in graph.ancestors(other) for other in graph.heads())
    ]
    assert sorted(independent, key=swapped.index) == sorted(independent, key=usual.index, reverse=True)
