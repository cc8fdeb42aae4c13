"""What a check says: findings, their severity, evidence and key."""

from __future__ import annotations

import enum

import msgspec

from schemaguard.text import Location


class Severity(enum.IntEnum):
    """How much a finding matters; the order is that of `--fail-on`."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word used in config files and reports: `error`, `warning` or `info`."""
        return self.name.lower()


class Evidence(msgspec.Struct, frozen=True):
    """One further place that shows why a finding is true; `location` is None for a fact of the config."""

    message: str
    location: Location | None = None


class Exposure(msgspec.Struct, frozen=True):
    """One way in which a finding matters (a role and privilege that reach an open table) and what opened it.

    A finding that has at the head of a pull request an exposure that the base had not counts as new there.
    """

    name: str
    location: Location | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One defect.

    `key` is rule and object with detail, without line numbers: it survives edits and moves, and is what baselines,
    base/head comparison and SARIF fingerprints use. `object` is in words: ``table public.revenue_ledger``;
    `names` are its name and those of what it is a part of (the table of a policy), by which the config exempts it.
    """

    rule: str
    family: str
    severity: Severity
    message: str
    object: str
    key: str
    location: Location
    evidence: tuple[Evidence, ...] = ()
    help: str = ""
    fix: str = ""
    status: str = "new"
    exposures: tuple[Exposure, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key of every report: path, line, column, rule, key."""
        return (self.location.path, self.location.line, self.location.column, self.rule, self.key)
