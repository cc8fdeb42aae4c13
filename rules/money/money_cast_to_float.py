"""
A view, generated column or function makes a binary floating-point number of money.

Columns are followed to the tables (`schemaguard lineage VIEW`), through other views and functions written in SQL; a
cast counts whether it is written or implied, as that of `percentile_cont` or of `sqrt` is.

## Why it matters
`real` and `double precision` can't hold most amounts: sums depend on the order of their rows, two equal amounts
differ in the last digit, and a reconciliation finds cents that nobody booked.

## When it is fine
Division by a `numeric` (`cents / 100.0`) is exact as far as numeric goes. What is a float already is another finding
(money-not-integer). A count of rows is no money. What EXECUTE puts together from values that are not known is not
followed, nor what a PL/pgSQL variable does with an amount.

## Instead
Keep whole cents to the edge of the system, or cast to `numeric`.

## References
* Seed, phase 2.1: "Revenue columns use INTEGER"
* https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, float_casts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0", needs="money")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each cast of a money column to a float."""
    for cast in float_casts(project):
        column = project.name(cast.table, cast.column)
        yield rule.finding(
            project,
            cast.at,
            f"`{cast.name}` casts `{column}` to {cast.step.name}: amounts are no longer exact",
            object=cast.record,
            detail=(cast.name.rpartition(".")[2], column),
            because=[(cast.column.because, f"`{column}` holds money")],
        )
