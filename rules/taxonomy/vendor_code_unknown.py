"""
The vendor mapping names a code that is not in the taxonomy.

The codes are the rows that migrations write into the taxonomy's table as literals, whatever later statements make of
them. Where rows are written that only the database can compute, a code that is not among those known may be there:
that is said once for the file, as a warning.

## Why it matters
The ingestion turns what a vendor sends into this code; the foreign key refuses it, and the event is lost or put
aside. That happens on the day the vendor first sends it, not when the mapping is merged.

## When it is fine
Every code is seeded by a migration. One that is seeded and not active is a warning: old rows keep it, new ones should
not get it.

## Instead
Correct the code, or add it to the taxonomy in a migration.

## References
* Seed, phase 3.4: "Canonical code must exist in channel_taxonomy.code"
* Seed, phase 3.6: "Any new channel requires an update to channel_mapping.yaml"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, nearest, seeded_rows, vendor_mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, SeededRows, Table, VendorCode, VendorMapping

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", needs="taxonomies")

ACTIVE = "is_active"
"""The column that tells whether a code is in use, where the config names none."""


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each code of a mapping that the taxonomy has not, or has as inactive."""
    for mapping in vendor_mappings(project):
        if not mapping.codes:
            continue
        table = project.table_named(mapping.taxonomy.table)
        if table is None:
            yield _finding(
                project,
                mapping,
                mapping.at,
                f"the taxonomy `{mapping.taxonomy.table}` does not exist: none of the {len(mapping.codes)} codes here "
                "is one",
            )
        else:
            yield from _codes(project, mapping, table, seeded_rows(project.catalog, table))


def _codes(project: Project, mapping: VendorMapping, table: Table, rows: SeededRows) -> Iterator[Finding]:
    key, active = mapping.taxonomy.key, mapping.taxonomy.active or ACTIVE
    seeded = {str(row[key]): row.get(active, True) for row in rows.rows if row.get(key) is not None}
    name = project.name(table)
    doubt = rows.why_open(key)
    open_codes: list[VendorCode] = []
    for each in mapping.codes:
        whose = f"`{each.indicator}` of `{each.vendor}`"
        if each.code not in seeded and doubt is not None:
            open_codes.append(each)
        elif each.code not in seeded:
            hint = nearest(each.code, seeded)
            message = f"{whose} is mapped to `{each.code}`, which no migration puts into `{name}`"
            yield _finding(project, mapping, each.at, f"{message}; {hint}" if hint else message, table, each)
        elif seeded[each.code] is False:
            message = f"{whose} is mapped to `{each.code}`, which `{name}` has as not active"
            yield _finding(project, mapping, each.at, message, table, each, severity=Severity.WARNING)
    if doubt is not None and open_codes:
        codes = ", ".join(f"`{code}`" for code in dict.fromkeys(each.code for each in open_codes))
        yield rule.finding(
            project,
            open_codes[0].at,
            f"whether `{name}` has {codes} is not known: {doubt.reason}",
            object=f"file {mapping.path}",
            detail="unknown",
            because=[(doubt.because, "the statement")] if doubt.because is not None else (),
            severity=Severity.WARNING,
        )


def _finding(  # a code's, or the whole file's
    project: Project,
    mapping: VendorMapping,
    at: object,
    message: str,
    table: Table | None = None,
    code: VendorCode | None = None,
    *,
    severity: Severity | None = None,
) -> Finding:
    return rule.finding(
        project,
        at,  # type: ignore[arg-type]  # a Span or nothing
        message,
        object=f"file {mapping.path}",
        detail=(code.vendor, code.indicator, code.code) if code is not None else "taxonomy",
        because=[(table.because, "the taxonomy")] if table is not None else (),
        severity=severity,
    )
