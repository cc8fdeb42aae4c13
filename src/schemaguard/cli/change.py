"""The options of `check` that name the other side of a change, and what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.cli.failures import Stop
from schemaguard.cli.project import known_findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from schemaguard.cli.project import Opened
    from schemaguard.config import Policy
    from schemaguard.gate.sides import Sides
    from schemaguard.linting.result import Result
    from schemaguard.linting.selection import Choice
    from schemaguard.sources.git import Git
    from schemaguard.sources.tree import FileTree


class Change(NamedTuple):
    """What the options say: revisions, or a folder, or a file that lists names."""

    base: str | None = None
    head: str | None = None
    merge: bool = False
    base_dir: Path | None = None
    changed_files: Path | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether there is anything to compare with."""
        return bool(self.base or self.base_dir or self.changed_files)

    def require_sense(self) -> None:
        """Refuse options that contradict each other.

        Raises:
            Stop: they do.
        """
        given = {"--base": self.base, "--base-dir": self.base_dir, "--changed-files": self.changed_files}
        named = [option for option, value in given.items() if value is not None]
        if len(named) > 1:
            raise Stop(f"{' and '.join(named)} name the base twice: give one of them")
        for option, value in (("--head", self.head), ("--merge", self.merge)):
            if value and not self.base:
                raise Stop(f"{option} goes with --base REV, the revision to compare with")
        if self.base == "":
            raise Stop("--base names no revision: give a branch, a tag or a commit")

    def sides(self, project: Opened, git: Git) -> Sides:
        """The two sides of the change.

        Raises:
            GitFailed: one of them can't be had, with the command that mends it.
        """
        from schemaguard.gate import sides

        if self.base_dir is not None:
            return sides.of_folders(self.base_dir)
        if self.changed_files is not None:
            return sides.of_names(self.changed_files, project.prefix.removesuffix("/"))
        find = sides.of_merge if self.merge else sides.of_revisions
        return find(git, project.root, self.base or "", self.head)


def check(
    project: Opened,
    change: Change,
    choice: Choice,
    *,
    today: date,
    config: Path | None,
    baseline: Path | None,
    strict: bool,
) -> Result:
    """Judge a change.

    Raises:
        Stop, GitFailed, ConfigError, UnknownRule, RuleRefused: it can't be judged.
    """
    from schemaguard.gate.check import Run, check_change
    from schemaguard.sources.git import Git

    with Git(project.root) as git:
        sides = change.sides(project, git)
        if sides.head is not None and config is None:
            project = project._replace(policy=_policy_of(sides.head, project.policy))
        run = Run(
            project.policy,
            project.registry,
            today,
            choice,
            known_findings(project, baseline, today, sides.head),
            strict,
            project.label,
            [*_read_already(project, config, baseline)],
        )
        return check_change(sides, project.tree, run)


def _policy_of(head: FileTree, policy: Policy) -> Policy:
    """The config that the head itself has; the one on disk where it has none."""
    from schemaguard.config import CONFIG_NAMES, parse_config
    from schemaguard.sources.tree import read_source

    on_disk = policy.places.file
    names = CONFIG_NAMES if on_disk is None else (on_disk.path, *CONFIG_NAMES)
    name = next(filter(head.is_file, names), None)
    return policy if name is None else parse_config(read_source(head, name))


def _read_already(project: Opened, config: Path | None, baseline: Path | None) -> Iterator[str]:
    """The project's files that decide what is found, beside its sources; those named by an option are nobody's."""
    policy = project.policy
    if config is None and policy.places.file is not None:
        yield policy.places.file.path
    if baseline is None and policy.baseline is not None:
        yield policy.baseline
    for folder in policy.plugins:
        yield from project.tree.files(folder.rstrip("/"))
