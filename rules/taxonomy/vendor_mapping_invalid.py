"""
The vendor mapping is not of its form, or maps one indicator twice.

## Why it matters
Whoever reads it at run time takes the last of two entries, a truth value for `NO`, or nothing at all: events end in
another channel than the reviewers of the file believed, or are rejected.

## When it is fine
Keys beside `sources` are left alone. Two vendors may use the same indicator.

## Instead
Write `sources: {VENDOR: {"INDICATOR": code}}`, each indicator once, and put into quotes what is not plainly text.

## References
* Seed, phase 3.4: "Vendor → Canonical Channel Mapping Spec"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, fingerprint, vendor_mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="taxonomies")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each fault of each mapping file."""
    for mapping in vendor_mappings(project):
        for fault in mapping.faults:
            yield rule.finding(
                project,
                fault.at,
                fault.message,
                object=f"file {mapping.path}",
                detail=fingerprint(fault.detail),
            )
