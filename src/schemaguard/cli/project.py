"""The project that a command works on: its folder, config and rules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from schemaguard.cli.failures import Stop
from schemaguard.config import Policy, Source, find_config, read_config
from schemaguard.config.errors import ConfigError
from schemaguard.linting.registry import registry
from schemaguard.sources.tree import DiskTree, read_source, repository_of
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from datetime import date

    from schemaguard.linting.baseline import Baseline
    from schemaguard.linting.registry import Registry
    from schemaguard.sources.tree import FileTree


BASELINE = ".schemaguard-baseline.yaml"


class Opened(NamedTuple):
    """A project on disk.

    `root`: the folder that its paths are relative to. `label`: that folder as its repository names it, "."
    for the repository's own: the same wherever a command is started.
    """

    root: Path
    tree: FileTree
    policy: Policy
    registry: Registry
    label: str

    @property
    def prefix(self) -> str:
        """What stands before the project's paths in the repository."""
        return "" if self.label == "." else f"{self.label}/"


def open_project(path: Path, config: Path | None) -> Opened:
    """Open the project at `path`.

    Its root is the folder of the config that is found there or above; with a `config` named, or without any,
    `path`. A file in place of a folder is a project of that one file of SQL.

    Raises:
        Stop: there is no such path.
        ConfigError: the config is at fault.
        RuleRefused: a plugin is.
    """
    if not path.exists():
        raise Stop(f"{path}: no such file or folder")
    folder = path if path.is_dir() else path.parent
    if config is not None and not config.is_file():
        raise Stop(f"{config}: no such file")
    found = config if config is not None else find_config(folder.resolve())
    root = folder.resolve() if config is not None or found is None else found.parent
    policy = Policy() if found is None else read_config(found, _relative(found.resolve(), root))
    if path.is_file():
        policy = _of_one_file(policy, _relative(path.resolve(), root))
    repository = repository_of(root)
    return Opened(
        root=root,
        tree=DiskTree(root, repository),
        policy=policy,
        registry=registry(_plugins(policy, root)),
        label=root.relative_to(repository).as_posix(),
    )


def baseline_file(project: Opened, named: Path | None) -> Path:
    """The baseline's file: the one that was named, else the config's, else the usual one."""
    return named if named is not None else project.root / (project.policy.baseline or BASELINE)


def known_findings(
    project: Opened, named: Path | None, today: date, head: FileTree | None = None
) -> Baseline | None:
    """The baseline that was named or that the config names; None where neither does.

    `head`: the files that are judged, where they are not those on disk.

    Raises:
        Stop: the named file is not there.
        ConfigError: the config's is not there, or the file is no baseline.
    """
    from schemaguard.linting.baseline import read_baseline

    if named is None and project.policy.baseline is None:
        return None
    if named is None and head is not None and head.is_file(project.policy.baseline or ""):
        return read_baseline(read_source(head, project.policy.baseline or ""), today)
    path = baseline_file(project, named)
    shown = _relative(path.resolve(), project.root)
    if not path.is_file():
        message = f"there is no baseline {shown}; `schemaguard baseline write` makes it"
        raise (
            Stop(message) if named is not None else ConfigError.at(project.policy.where("baseline"), message)
        )
    try:
        return read_baseline(SourceFile(shown, path.read_text(encoding="utf-8")), today)
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{shown} cannot be read: {error}") from None


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _of_one_file(policy: Policy, path: str) -> Policy:
    replaced = msgspec.structs.replace(policy, sources=(Source(sql=(path,)),))
    replaced.__dict__.update(policy.__dict__)
    return replaced


def _plugins(policy: Policy, root: Path) -> list[tuple[str, str]]:
    found = []
    for number, name in enumerate(policy.plugins):
        folder = root / name
        if not folder.is_dir():
            raise ConfigError.at(policy.where("plugins", number), f"there is no folder {name}")
        found.append((str(folder), name.rstrip("/")))
    return found
