"""The two sides of a change: the files before it and after it, from git or from two folders."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.git import GitFailed
from schemaguard.sources.tree import DiskTree, normalize

if TYPE_CHECKING:
    from pathlib import Path

    from schemaguard.sources.git import Git
    from schemaguard.sources.tree import FileTree


class Sides(NamedTuple):
    """What is compared.

    `label`: what people call the base. `head`: the files to judge; None: those on disk. `base`: the files before the
    change; None where only the names of the changed ones are known. `changed`: these names, from the project's folder.
    `conflicts`: files of a merge that hold conflict marks.
    """

    label: str
    head: FileTree | None = None
    base: FileTree | None = None
    changed: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()


def of_revisions(git: Git, root: Path, base: str, head: str | None = None) -> Sides:
    """The merge base of `base` and `head`, and `head`; without that the files on disk.

    Raises:
        GitFailed: one of them can't be had, with the command that mends it.
    """
    prefix = _prefix(git, root)
    start = git.merge_base(base, head or "HEAD")
    return Sides(base, git.tree(git.commit(head), prefix) if head else None, git.tree(start, prefix))


def of_merge(git: Git, root: Path, base: str, head: str | None = None) -> Sides:
    """`base`, and what merging `head` (without it the last commit) into it results in.

    Raises:
        GitFailed: likewise; or this git can't merge without a checkout.
    """
    prefix = _prefix(git, root)
    start = git.commit(base)
    merged = git.merge(start, git.commit(head or "HEAD"))
    conflicts = frozenset(path for each in merged.conflicts if (path := _below(each, prefix)) is not None)
    return Sides(base, git.tree(merged.tree, prefix), git.tree(start, prefix), conflicts=conflicts)


def of_folders(folder: Path) -> Sides:
    """The project's folder as it was, in a copy of it, and the files on disk.

    Raises:
        GitFailed: there is no such folder.
    """
    if not folder.is_dir():
        raise GitFailed(f"--base-dir: there is no folder {folder}; `git worktree add DIR BASE` makes one")
    return Sides(folder.as_posix(), base=DiskTree(folder))


def of_names(file: Path, prefix: str) -> Sides:
    """The names that a file lists, one a line or with NULs between, from the repository's folder as git writes them.

    `prefix`: the project's folder in the repository. Lines of `git diff --name-status` are read, too: a letter, a tab,
    one name or two.

    Raises:
        GitFailed: the file can't be read.
    """
    try:
        text = file.read_bytes().decode(errors="surrogateescape")
    except OSError as error:
        raise GitFailed(
            f"--changed-files: {file} cannot be read ({error.strerror}): "
            f"`git diff --name-only BASE... > {file}` writes it"
        ) from None
    names = [name for line in re.split(r"[\0\r\n]+", text) for name in _names(line)]
    own = [path for name in names if (path := _below(name, prefix)) is not None]
    return Sides(file.as_posix(), changed=frozenset(own))


def _names(line: str) -> list[str]:
    status, *names = line.split("\t")
    listed = names if names and re.fullmatch(r"[A-Z]\d*", status) else [line]
    return [normalize(name.strip()) for name in listed if name.strip()]


def _below(path: str, prefix: str) -> str | None:
    """A path of the repository as the project has it; None where it is elsewhere."""
    if not prefix:
        return path
    return path.removeprefix(f"{prefix}/") if path.startswith(f"{prefix}/") else None


def _prefix(git: Git, root: Path) -> str:
    """The project's folder in the repository; "" for the repository's own.

    Raises:
        GitFailed: it is in none.
    """
    return normalize(root.resolve().relative_to(git.top.resolve()).as_posix())
