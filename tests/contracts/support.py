"""
Contracts and mappings that stand in a test, and projects that are changed in one place.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from schemaguard.config import parse_config
from schemaguard.contracts.nodes import Items, Scalar
from schemaguard.contracts.openapi.contract import Contract
from schemaguard.linting.files import Files
from schemaguard.linting.history import replayed
from schemaguard.linting.pipeline import check
from schemaguard.linting.project import Project
from schemaguard.linting.registry import registry
from schemaguard.linting.selection import Choice
from schemaguard.sources.tree import glob
from schemaguard.testing import MemoryTree
from schemaguard.text import SourceFile
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.contracts.nodes import Node
    from schemaguard.findings import Finding

PROJECTS = ROOT / "fixtures/projects"
TODAY = date(2026, 1, 1)
CONFIG = "schemaguard.yaml"


def plain(node: Node) -> Any:  # noqa: ANN401 - whatever the file holds
    """A node as Python's own values."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key: plain(child) for key, child in node.entries.items()}


def files_of(texts: dict[str, str]) -> Files:
    tree = MemoryTree({path: text.encode() for path, text in texts.items()})
    return Files(
        read=lambda path: SourceFile(path, tree.read(path).decode()), find=lambda pattern: glob(tree, pattern)
    )


def contract_of(texts: dict[str, str] | str, *patterns: str) -> Contract:
    """The contract in some files; one text is `api.yaml`."""
    if isinstance(texts, str):
        texts = {"api.yaml": texts}
    return Contract(files_of(texts), [(pattern, None) for pattern in patterns or texts])


def project_of(texts: dict[str, str]) -> Project:
    """A project as the rules see it."""
    tree = MemoryTree({path: text.encode() for path, text in texts.items()})
    policy = parse_config(SourceFile(CONFIG, texts[CONFIG]))
    read = replayed(tree, policy)
    return Project(read.history, policy, files=read.files, problems=read.problems, today=TODAY)


def findings_of(texts: dict[str, str]) -> list[Finding]:
    """What the rules of the family `contract` say of a project."""
    tree = MemoryTree({path: text.encode() for path, text in texts.items()})
    policy = parse_config(SourceFile(CONFIG, texts[CONFIG]))
    found = check(tree, policy, registry(), Choice(select=("contract",)), today=TODAY).findings
    return [finding for finding in found if finding.family == "contract"]


def project_texts(name: str) -> dict[str, str]:
    """The files of a fixture project."""
    folder = PROJECTS / name
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def line_of(text: str, part: str) -> int:
    """The only line that holds a part of a text."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if part in line]
    assert len(lines) == 1, (part, lines)
    return lines[0]


def changed(texts: dict[str, str], path: str, edit: Callable[[str], str]) -> dict[str, str]:
    """The files with one of them changed, and really changed."""
    new = edit(texts[path])
    assert new != texts[path]
    return {**texts, path: new}
