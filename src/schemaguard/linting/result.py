"""The result of a check: what every report is written from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.changes import Change
    from schemaguard.findings import Finding
    from schemaguard.linting.files import Files
    from schemaguard.linting.rule import Rule

NEW = "new"
"""The status of a finding that counts; others are `existing` (the base has it) and `baseline`."""


class SkippedRule(NamedTuple):
    """A rule that did not run, and why."""

    rule: str
    reason: str


class Coverage(NamedTuple):
    """What the answer rests on.

    `statements` = `replayed` + `irrelevant` + `opaque`: those applied to the catalog (also where the server
    would refuse them), those that can't change what is modelled, and those of which nobody knows what they do
    or that do not parse. `blanked`: what in the SQL files is not SQL and was read as blanks (psql's commands, data of
    COPY, variables), by kind. `left_out`: rows and repeated statements of data that were counted and not parsed.
    """

    sources: int = 0
    migrations: int = 0
    statements: int = 0
    replayed: int = 0
    irrelevant: int = 0
    opaque: int = 0
    rules_run: int = 0
    rules_skipped: Sequence[SkippedRule] = ()
    blanked: Sequence[tuple[str, int]] = ()
    left_out: int = 0

    @property
    def besides(self) -> str:
        """What was not read as statements, in words; empty where there is none."""
        parts = [
            f"{number:,} {kind}{'' if number == 1 or kind.endswith('data') else 's'}"
            for kind, number in self.blanked
        ]
        parts += [f"{self.left_out:,} rows of data"] if self.left_out else []
        return f"not read as statements: {', '.join(parts)}" if parts else ""


class Suppressed(NamedTuple):
    """A finding that is not reported, and what silences it: a comment (`source`) or the config."""

    finding: Finding
    kind: str
    reason: str


class Result(NamedTuple):
    """What a check found.

    `findings` are sorted by `Finding.order`. `project` is the project's folder as the user named it. `rules`:
    the rules that ran, for formats that describe them. `base`: what the change was compared with, None
    without; `fixed`: findings of the base that the change removed; `changes`: what it does to the schema.
    `notices`: what the user should know beside the findings, one sentence each.
    """

    findings: Sequence[Finding]
    coverage: Coverage
    files: Files
    rules: Sequence[Rule] = ()
    suppressed: Sequence[Suppressed] = ()
    project: str = "."
    base: str | None = None
    fixed: Sequence[Finding] = ()
    changes: Sequence[Change] = ()
    notices: Sequence[str] = ()

    @property
    def counted(self) -> list[Finding]:
        """The findings that count: all but those of the base and the baseline."""
        return [finding for finding in self.findings if finding.status == NEW]

    @property
    def summary(self) -> dict[str, int]:
        """How many findings of each severity count, the most serious first."""
        counts = {severity.label: 0 for severity in sorted(Severity, reverse=True)}
        for finding in self.counted:
            counts[finding.severity.label] += 1
        return counts

    def exit_code(self, fail_on: Severity | None) -> int:
        """1 if a finding that counts is at or above `fail_on` (None: never), else 0."""
        return int(fail_on is not None and any(finding.severity >= fail_on for finding in self.counted))


def most_serious_first(findings: Sequence[Finding]) -> list[Finding]:
    """Findings sorted for formats that show only the first ones: severity, then place."""
    return sorted(findings, key=lambda finding: (-finding.severity, finding.order))


def file_by_file(findings: Sequence[Finding]) -> list[Finding]:
    """Findings as a person reads them: file by file, the most serious first within a file."""
    return sorted(findings, key=lambda finding: (finding.location.path, -finding.severity, finding.order))
