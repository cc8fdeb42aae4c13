"""Answers that are kept between runs: where, and what one depends on beside the files that a check reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard import __version__
from schemaguard.cache.code import fingerprint
from schemaguard.cache.store import Store
from schemaguard.cli.output import note
from schemaguard.cli.project import baseline_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from schemaguard.cli.change import Change
    from schemaguard.cli.project import Opened


def store(folder: Path | None) -> Store:
    """Where answers are kept: a folder that was named, else the user's cache."""
    if folder is None:
        import platformdirs

        folder = platformdirs.user_cache_path("schemaguard", appauthor=False) / __version__
    return Store(folder, note)


def can_be_kept(change: Change) -> bool:
    """Whether the answer can be asked for again: not where the other side lies outside of what is looked at."""
    return change.base_dir is None and change.changed_files is None


def question(
    project: Opened, change: Change, baseline: Path | None, options: Iterable[object]
) -> Iterator[str]:
    """What an answer depends on; `options`: those of the command line, as far as they change what is said.

    Raises:
        GitFailed: the base of a change can't be had.
    """
    policy = project.policy
    yield fingerprint(file.file for file in project.registry.files.values())
    yield str(project.root)
    yield project.label
    config = policy.places.file
    yield from ("", "") if config is None else (config.path, config.text)
    yield repr(policy.sources)
    if baseline is not None or policy.baseline is not None:
        file = baseline_file(project, baseline)
        yield file.read_bytes().decode(errors="surrogateescape") if file.is_file() else "-"
    if change.base is not None:
        yield from _commits(project, change)
    for option in options:
        yield repr(option)


def _commits(project: Opened, change: Change) -> Iterator[str]:
    """What git knows of a change: a commit never changes, and these three say which ones are compared."""
    from schemaguard.sources.git import Git

    base, head = change.base or "", change.head or "HEAD"
    with Git(project.root) as git:
        yield from (git.commit(base), git.commit(head), git.merge_base(base, head))
