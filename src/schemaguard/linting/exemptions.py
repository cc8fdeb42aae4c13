"""Exemptions of the config: objects that some rules leave alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from schemaguard.config.patterns import matches_name
from schemaguard.linting.result import Suppressed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.config.policy import Exemption, Policy
    from schemaguard.findings import Finding
    from schemaguard.sources.migration import Migration

EVERY_RULE = "*"


def holds(exemption: Exemption, today: date) -> bool:
    """Whether an exemption is still in force."""
    return exemption.until is None or date.fromisoformat(exemption.until) >= today


def apply(findings: Iterable[Finding], policy: Policy, today: date) -> tuple[list[Finding], list[Suppressed]]:
    """Part findings into those that stay and those on exempt objects."""
    exemptions = [each for each in policy.exempt if holds(each, today)]
    if not exemptions:
        return list(findings), []
    kept: list[Finding] = []
    exempt: list[Suppressed] = []
    for finding in findings:
        by = next((each for each in exemptions if _covers(each, finding)), None)
        if by is None:
            kept.append(finding)
        else:
            exempt.append(Suppressed(finding, "config", by.reason))
    return kept, exempt


def of_packages(
    findings: Iterable[Finding], migrations: Iterable[Migration]
) -> tuple[list[Finding], list[Suppressed]]:
    """Part findings into those on the project's files and those on migrations of installed packages.

    Nobody can change the latter where they are found; what could not be read in them is still said.
    """
    origins = {
        migration.file.path: migration.origin
        for migration in migrations
        if getattr(migration, "installed", False)
    }
    kept: list[Finding] = []
    silenced: list[Suppressed] = []
    for finding in findings:
        origin = origins.get(finding.location.path)
        if origin is None or finding.family == "coverage":
            kept.append(finding)
        else:
            silenced.append(Suppressed(finding, "config", f"made by an installed package, {origin}"))
    return kept, silenced


def _covers(exemption: Exemption, finding: Finding) -> bool:
    named = {EVERY_RULE, finding.rule, finding.family, finding.family.replace("_", "-")}
    return not named.isdisjoint(exemption.rules) and any(
        _names(pattern, name) for pattern in exemption.object for name in finding.names
    )


def _names(pattern: str, name: str) -> bool:
    """Whether a pattern names an object: with its schema, or without one in any schema."""
    return matches_name(pattern, name) or matches_name(pattern, name.partition(".")[2])
