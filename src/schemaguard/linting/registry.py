"""Which rules there are. A file in a pack is a rule: its existence registers it.

Packs are the packages of the entry-point group `schemaguard.rules` (the built-in one among them) and the
folders that the config names under `plugins`. A file is loaded only when its rule is asked for.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.linting.errors import RuleRefused, UnknownRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.linting.rule import Rule

ENTRY_POINTS = "schemaguard.rules"
BUILT_IN = "schemaguard_rules"
OWN_FAMILY = "custom"
"""The family of a plugin that lies directly in its folder."""


class RuleFile(NamedTuple):
    """A file that holds a rule. `path` is as messages name it, `file` on disk; `load` imports or reads it."""

    name: str
    family: str
    path: str
    load: Callable[[], Rule]
    file: str = ""


class Registry:
    """All rules, by name, in the order of their families and names."""

    def __init__(self, files: Iterable[RuleFile]) -> None:
        """Take the files of all packs.

        Raises:
            RuleRefused: two of them hold a rule of the same name.
        """
        self.files: dict[str, RuleFile] = {}
        self._loaded: dict[str, Rule] = {}
        for file in sorted(files, key=lambda file: (file.family, file.name)):
            if (other := self.files.get(file.name)) is not None:
                # A built-in rule was there first, whatever the names of the paths.
                first, second = sorted(
                    (other.path, file.path), key=lambda path: (not path.startswith(f"{BUILT_IN}/"), path)
                )
                raise RuleRefused(
                    second, 1, f"the name `{file.name}` is taken by the rule in {first}; rename the file"
                )
            self.files[file.name] = file
        self.families: tuple[str, ...] = tuple(sorted({file.family for file in self.files.values()}))

    def __contains__(self, name: object) -> bool:
        """Whether there is a rule of that name."""
        return name in self.files

    def load(self, name: str) -> Rule:
        """The rule of that name, which must exist.

        Raises:
            RuleRefused: its file is not a rule.
        """
        rule = self._loaded.get(name)
        if rule is None:
            rule = self._loaded[name] = self.files[name].load()
            rule.path = self.files[name].path
        return rule

    def all(self) -> Iterator[Rule]:
        """Every rule, loaded."""
        return map(self.load, self.files)

    def resolve(self, names: Iterable[str], where: str) -> set[str]:
        """The rules that are meant by names of rules and families, as given in `where` (``--select``).

        Raises:
            UnknownRule: one of them is neither.
        """
        found: set[str] = set()
        for name in names:
            if name in self.files:
                found.add(name)
                continue
            family = name.replace("-", "_")
            if family not in self.families:
                raise UnknownRule(name, where, self.hint(name))
            found.update(file.name for file in self.files.values() if file.family == family)
        return found

    def hint(self, name: str) -> str:
        """Which rule or family `name` was most likely meant to be, or where they are listed."""
        from schemaguard.config.decode import nearest

        return nearest(name, [*self.files, *self.families]) or "`schemaguard rules` lists them"


def installed_packs() -> list[str]:
    """Names of the packages with rules: the built-in pack and those of other distributions.

    The distributions on the path are looked through here, because `importlib.metadata` takes longer to load than all
    of this; it is asked where the built-in pack is not found, as in an archive.
    """
    found = {package for folder in sys.path for package in _packs_in(folder or os.curdir)}
    if BUILT_IN not in found:
        from importlib.metadata import entry_points

        found |= {point.value for point in entry_points(group=ENTRY_POINTS)}
    return sorted(found)


def _packs_in(folder: str) -> Iterator[str]:
    """The packages that the distributions in a folder of the path list as having rules."""
    try:
        with os.scandir(folder) as entries:
            paths = [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
    except OSError:  # no folder: an archive, or an entry of the path that is not there
        return
    for path in paths:
        try:
            text = Path(path, "entry_points.txt").read_text(encoding="utf-8")
        except OSError:  # a distribution without entry points has no such file
            continue
        if f"[{ENTRY_POINTS}]" in text:
            section = text.partition(f"[{ENTRY_POINTS}]")[2].partition("\n[")[0]
            yield from re.findall(r"^[^=#;\n]+=[ \t]*([\w.]+)", section, re.MULTILINE)


def package_files(package: str) -> Iterator[RuleFile]:
    """The rules of an installed package: `<family>/<name>.py` or `<name>.py`, and the same as YAML.

    Raises:
        RuleRefused: there is no such package.
    """
    from importlib.util import find_spec

    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuleRefused(
            package, 1, f"the entry point group `{ENTRY_POINTS}` names it, and it is not a package"
        )
    for location in spec.submodule_search_locations:
        for family, path in _rule_paths(location):
            module = ".".join(part for part in (package, family, _stem(path)) if part)
            label = "/".join(part for part in (package, family, _base(path)) if part)
            yield _rule_file(path, family, label, module)


def folder_files(folder: str, label: str) -> Iterator[RuleFile]:
    """The rules of a folder on disk; `label` is the folder as messages name it."""
    for family, path in _rule_paths(folder):
        relative = os.path.relpath(path, folder).replace(os.sep, "/")
        yield _rule_file(path, family, f"{label}/{relative}", "")


def registry(plugins: Iterable[tuple[str, str]] = ()) -> Registry:
    """The rules of all installed packs and of plugin folders: (folder on disk, its name in messages)."""
    files = [file for package in installed_packs() for file in package_files(package)]
    for folder, label in plugins:
        files += folder_files(folder, label)
    return Registry(files)


def _rule_paths(folder: str) -> Iterator[tuple[str, str]]:
    """Family and path of each rule below a folder: in it, or in one of its folders."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith(("_", ".")):
            continue
        if entry.is_dir():
            for inner in sorted(os.scandir(entry.path), key=lambda inner: inner.name):
                if _is_rule(inner):
                    yield entry.name, inner.path
        elif _is_rule(entry):
            yield "", entry.path


def _is_rule(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith((".py", ".yaml", ".yml")) and not entry.name.startswith(("_", "."))


def _base(path: str) -> str:
    return path.replace(os.sep, "/").rpartition("/")[2]


def _stem(path: str) -> str:
    return _base(path).rpartition(".")[0]


def _rule_file(path: str, family: str, label: str, module: str) -> RuleFile:
    """`module`: the dotted name to import, or empty for a file outside any package."""
    from schemaguard.linting import plugins

    name = _stem(path).replace("_", "-")
    family = family or OWN_FAMILY
    if path.endswith(".py"):
        return RuleFile(name, family, label, lambda: plugins.python_rule(path, label, family, module), path)
    return RuleFile(name, family, label, lambda: plugins.declared_rule(path, label, family), path)
