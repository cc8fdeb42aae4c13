"""The governance checklist: each gate of the config held against what the check has found, with the evidence."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.describe import RELATION_WORDS
from schemaguard.catalog.model import Relation
from schemaguard.config.patterns import matches_name
from schemaguard.findings import Severity
from schemaguard.sources.load import matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy
    from schemaguard.config.policy import Gate
    from schemaguard.findings import Finding
    from schemaguard.linting.registry import Registry
    from schemaguard.linting.result import Result
    from schemaguard.sources.tree import FileTree
    from schemaguard.text import Location

_TABLES_AND_VIEWS = "rpvmf"


class Verdict(StrEnum):
    """How a gate stands.

    `review`: what a machine can tell of it holds, and a person has to confirm the rest. `unchecked`: part of it could
    not be told, which is no pass.
    """

    PROVED = "proved"
    REVIEW = "review"
    UNCHECKED = "unchecked"
    FAILED = "failed"


class Fact(NamedTuple):
    """One piece of the evidence: what speaks for a gate or (`against`) against it, with its place."""

    words: str
    against: Verdict | None = None
    location: Location | None = None


class Item(NamedTuple):
    """A gate, how it stands and why."""

    gate: Gate
    verdict: Verdict
    evidence: tuple[Fact, ...]


class Checklist:
    """What is known about a project, to hold gates against."""

    def __init__(self, result: Result, registry: Registry, catalog: Catalog, tree: FileTree) -> None:
        """Take the result of all rules, the replayed catalog and the files."""
        self._registry = registry
        self._tree = tree
        self._catalog = catalog
        self._findings = [*result.findings]
        self._suppressed = result.suppressed
        self._ran = {rule.name for rule in result.rules}
        self._skipped = {skipped.rule: skipped.reason for skipped in result.coverage.rules_skipped}
        self._unread = [
            finding
            for finding in result.counted
            if finding.family == "coverage" and finding.severity is Severity.ERROR
        ]

    def items(self, policy: Policy) -> list[Item]:
        """The gates of the config, in its order."""
        return [self._item(gate) for gate in policy.gates]

    def _item(self, gate: Gate) -> Item:
        evidence = (*self._files(gate), *self._relations(gate), *self._rules(gate))
        against = {fact.against for fact in evidence}
        if Verdict.FAILED in against:
            verdict = Verdict.FAILED
        elif Verdict.UNCHECKED in against:
            verdict = Verdict.UNCHECKED
        else:
            verdict = Verdict.REVIEW if gate.review or not evidence else Verdict.PROVED
        return Item(gate, verdict, evidence)

    def _files(self, gate: Gate) -> Iterator[Fact]:
        for pattern in gate.files:
            found = matching(self._tree, pattern)
            if not found:
                yield Fact(f"no file matches `{pattern}`", Verdict.FAILED)
            elif found == [pattern]:
                yield Fact(f"`{pattern}` is there")
            else:
                yield Fact(f"{len(found)} {'file matches' if len(found) == 1 else 'files match'} `{pattern}`")

    def _relations(self, gate: Gate) -> Iterator[Fact]:
        for name in gate.relations:
            record = self._relation(name)
            if record is None:
                yield Fact(f"there is no table or view `{name}`", Verdict.FAILED)
            else:
                place = None if record.because is None else record.because.span.location
                yield Fact(f"{RELATION_WORDS[record.kind]} `{name}` is there", None, place)

    def _relation(self, name: str) -> Relation | None:
        wanted = name if "." in name else f"public.{name}"
        return next(
            (
                record
                for record in self._catalog.all(Relation)
                if record.kind in _TABLES_AND_VIEWS and self._catalog.qualified(record) == wanted
            ),
            None,
        )

    def _rules(self, gate: Gate) -> Iterator[Fact]:
        quiet: list[str] = []
        for name, is_named in self._named(gate.rules):
            found = [
                finding for finding in self._findings if finding.rule == name and _concerns(gate, finding)
            ]
            yield from (_finding_fact(finding) for finding in found)
            yield from self._silenced(gate, name)
            if name in self._ran and not found:
                quiet.append(f"`{name}`")
            elif name not in self._ran and is_named:
                reason = self._skipped.get(name, "it did not run")
                yield Fact(f"`{name}` was not asked: {reason}", Verdict.UNCHECKED)
        if quiet:
            yield Fact(f"no finding of {_listed(quiet)}")
            for finding in self._unread:
                words = f"not all is known: {finding.message}"
                yield Fact(words, Verdict.UNCHECKED, finding.location)

    def _named(self, names: Iterable[str]) -> Iterator[tuple[str, bool]]:
        """Rules by their names, families by those of their members; whether the gate names the rule itself."""
        for name in names:
            if name in self._registry:
                yield name, True
            else:
                family = name.replace("-", "_")
                members = (file.name for file in self._registry.files.values() if file.family == family)
                yield from ((member, False) for member in sorted(members))

    def _silenced(self, gate: Gate, rule: str) -> Iterator[Fact]:
        for each in self._suppressed:
            if each.finding.rule == rule and _concerns(gate, each.finding):
                words = f"accepted, {each.reason}: {each.finding.message}"
                yield Fact(words, None, each.finding.location)


def holds(items: Sequence[Item]) -> bool:
    """Whether nothing fails and nothing was left unchecked."""
    return all(item.verdict in (Verdict.PROVED, Verdict.REVIEW) for item in items)


def _finding_fact(finding: Finding) -> Fact:
    known = " (in the baseline)" if finding.status == "baseline" else ""
    return Fact(f"`{finding.rule}`{known}: {finding.message}", Verdict.FAILED, finding.location)


def _concerns(gate: Gate, finding: Finding) -> bool:
    """Whether a finding is about an object of the gate: by its name with the schema or without."""
    if not gate.objects:
        return True
    names = [part for name in finding.names for part in (name, name.partition(".")[2])]
    return any(matches_name(pattern, name) for pattern in gate.objects for name in names if name)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
