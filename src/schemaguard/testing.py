"""The fixture runner: for schemaguard's own rules, and for those of plugins.

A fixture is one file of SQL that holds a history and what a rule must say about it:

    -- config:
    --   roles: {application: [app_rw]}

    -- file: 0001_ledger.sql
    CREATE TABLE ledger (id bigint PRIMARY KEY);
    GRANT DELETE ON ledger TO app_rw;  --! append-only-mutable

    -- file: 0002_reading.sql
    -- OK: reading changes nothing
    GRANT SELECT ON ledger TO app_rw;

`--! name` (in Python and YAML `#! name`) marks a line that must be reported, `-- OK: reason` a near miss that
must stay quiet. Without `-- file:` headings the fixture is one migration. What `-- base: 0001_ledger.sql` heads is
the file at the base of a change, `-- both: …` the same there and now; with either the fixture is judged as a
change. Only the rule that the file is named after runs, unless the header says `-- rules: a, b`;
`-- today: 2027-01-31` is the day it runs on. Lines in findings are the fixture's own.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from schemaguard.config import Policy, Source, parse_config
from schemaguard.gate.check import Run, check_change
from schemaguard.gate.sides import Sides
from schemaguard.linting.baseline import read_baseline
from schemaguard.linting.pipeline import check
from schemaguard.linting.registry import registry
from schemaguard.linting.selection import Choice
from schemaguard.report import Style, render
from schemaguard.sources.tree import normalize
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from schemaguard.findings import Finding
    from schemaguard.linting.registry import Registry
    from schemaguard.linting.result import Result

CONFIG = "schemaguard.yaml"
WATCH = "rule-failed"
"""Runs with every fixture and is not counted: a rule that raises must not look like one that stays quiet."""

TODAY = date(2026, 1, 1)
STYLE = Style(width=100)

_FILE = re.compile(r"^-- (file|base|both): *(\S+)(?: +as +(\S+))? *$", re.MULTILINE)
_HEADER = re.compile(r"^-- (rules|today): *(.+?) *$", re.MULTILINE)
_CONFIG = re.compile(r"^-- config: *\n((?:--(?:[ \t]{2,}.*)?\n)+)", re.MULTILINE)
_MARK = re.compile(r"(?:--|#)! *([a-z0-9-]+(?: *, *[a-z0-9-]+)*) *(?:\*/)? *$", re.MULTILINE)
_OK = re.compile(r"(?:--|#) *OK: *\S")


class Fixture:
    """A fixture file, read."""

    def __init__(self, path: Path, *, plugins: Sequence[Path] = ()) -> None:
        """Read the file at `path`; `plugins` are folders of rules of your own."""
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.plugins = tuple(plugins)
        self.head = self.text[: found.start()] if (found := _FILE.search(self.text)) else self.text
        self.headers = dict(_HEADER.findall(self.head))

    @classmethod
    def all(cls, folder: Path, *, plugins: Sequence[Path] = ()) -> list[Fixture]:
        """The fixtures in the folders of a folder, one folder a family."""
        return [cls(path, plugins=plugins) for path in sorted(folder.glob("*/*.sql"))]

    @property
    def name(self) -> str:
        """The rule that it is named after."""
        return self.path.stem.replace("_", "-")

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that it runs."""
        named = self.headers.get("rules", self.name)
        return tuple(name.strip() for name in named.split(","))

    @property
    def marks(self) -> set[tuple[int, str]]:
        """Line and rule of each finding that it demands."""
        return {
            (self.text.count("\n", 0, found.start()) + 1, name.strip())
            for found in _MARK.finditer(self.text)
            for name in found[1].split(",")
        }

    @property
    def is_change(self) -> bool:
        """Whether it holds two sides."""
        return any(found[1] != "file" for found in _FILE.finditer(self.text))

    @property
    def near_misses(self) -> int:
        """How many cases that must stay quiet it gives a reason for."""
        return len(_OK.findall(self.text))

    @cached_property
    def result(self) -> Result:
        """What the rules say."""
        files = dict(self.files())
        policy = self.policy(files)
        day = date.fromisoformat(self.headers["today"]) if "today" in self.headers else TODAY
        known = None
        if policy.baseline is not None:
            known = read_baseline(SourceFile(policy.baseline, files[policy.baseline].decode()), day)
        choice = Choice(only=(*self.rules, WATCH))
        with ExitStack() as stack:
            rules = self._registry(files, policy, stack)
            if self.is_change:
                sides = Sides("the base", MemoryTree(files), MemoryTree(dict(self.files("base"))))
                found = check_change(sides, MemoryTree(files), Run(policy, rules, day, choice, known))
            else:
                found = check(MemoryTree(files), policy, rules, choice, today=day, known=known)
        watching = WATCH not in self.rules
        return found._replace(
            coverage=found.coverage._replace(rules_run=found.coverage.rules_run - watching),
            rules=[rule for rule in found.rules if not watching or rule.name != WATCH],
        )

    def lint(self) -> list[Finding]:
        """The findings."""
        return list(self.result.findings)

    def report(self) -> str:
        """The console's report, without colour and 100 cells wide."""
        return render("console", self.result, STYLE)

    def files(self, side: str = "file") -> Iterator[tuple[str, bytes]]:
        """The files that it holds, each with the lines before it left empty, so that its lines are the fixture's.

        `side`: ``base`` for those at the base of the change, where it is one.
        """
        headings = list(_FILE.finditer(self.text))
        if not headings:
            yield self.path.name, self.text.encode()
        for heading, following in zip(headings, [*headings[1:], None], strict=True):
            end = following.start() if following is not None else len(self.text)
            if heading[1] not in (side, "both"):
                continue
            before = self.text.count("\n", 0, heading.end())
            text = "\n" * before + self.text[heading.end() : end]
            yield heading[2], text.encode(heading[3] or "utf-8")

    def policy(self, files: Mapping[str, bytes]) -> Policy:
        """The config in its head; where that names no sources, its SQL files in their order."""
        policy = Policy()
        found = _CONFIG.search(self.head)
        if found is not None:
            before = self.text.count("\n", 0, found.start(1))
            lines = [f"  {line[2:]}" for line in found[1].splitlines()]
            policy = parse_config(SourceFile(CONFIG, "\n" * before + "\n".join(lines) + "\n"))
        if policy.sources:
            return policy
        each = ["*.sql"] if self.is_change else [path for path in files if path.endswith(".sql")]
        named = tuple(Source(sql=(path,), layout="plain") for path in each)
        replaced = msgspec.structs.replace(policy, sources=named)
        replaced.__dict__.update(policy.__dict__)
        return replaced

    def _registry(self, files: Mapping[str, bytes], policy: Policy, stack: ExitStack) -> Registry:
        """The rules there are, with those that the fixture itself holds."""
        if not policy.plugins:
            return _registry(self.plugins)
        folder = Path(stack.enter_context(TemporaryDirectory()))
        for path, content in files.items():
            if path.startswith(tuple(f"{plugin}/" for plugin in policy.plugins)):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
        named = [(str(each), each.name) for each in self.plugins]
        return registry([*named, *((str(folder / plugin), plugin) for plugin in policy.plugins)])

    def __str__(self) -> str:
        """Family and name, for test ids."""
        return f"{self.path.parent.name}/{self.path.stem}"


class MemoryTree(NamedTuple):
    """Files that are on no disk: a `sources.tree.FileTree`."""

    contents: Mapping[str, bytes]

    def files(self, folder: str = "") -> Sequence[str]:
        """Every file below `folder`, sorted by path."""
        return sorted(path for path in self.contents if not folder or path.startswith(f"{folder}/"))

    def folder(self, folder: str = "") -> Sequence[str]:
        """Names directly in `folder`, sorted."""
        start = len(folder) + 1 if folder else 0
        return sorted({path[start:].partition("/")[0] for path in self.files(folder)})

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        return normalize(path) in self.contents

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there."""
        return bool(self.files(normalize(path)))

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        try:
            return self.contents[normalize(path)]
        except KeyError:
            raise FileNotFoundError(path) from None

    def real(self, path: str) -> str:
        """The path itself: nothing here is a link."""
        return normalize(path)


_REGISTRIES: dict[tuple[Path, ...], Registry] = {}


def _registry(plugins: Iterable[Path]) -> Registry:
    """The registry with some plugin folders; made once, as rules don't change while tests run."""
    key = tuple(plugins)
    if key not in _REGISTRIES:
        _REGISTRIES[key] = registry((str(folder), folder.name) for folder in key)
    return _REGISTRIES[key]
