"""
CREATE OR REPLACE FUNCTION took SECURITY DEFINER or a SET clause away.

## Why it matters
OR REPLACE keeps the owner and the privileges, and nothing else that is not repeated. A function that ran as its owner
runs as its caller and fails, or reads less; one that lost its fixed search_path can be led to other objects.

## When it is fine
The option is set again later.

## Instead
Repeat SECURITY DEFINER and every SET clause in the replacement.

## References
* https://www.postgresql.org/docs/current/sql-createfunction.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Function, OptionsReset, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")


@rule.on(OptionsReset)
def check(project: Project, step: Step, event: OptionsReset) -> Iterator[Finding]:
    """Report each function that lost an option and does not have it in the end."""
    function = project.catalog.objects.get(event.object)
    if not isinstance(function, Function):
        return
    has_it = (
        function.security_definer
        if event.option == "security_definer"
        else event.option in dict(function.config)
    )
    if has_it:
        return
    what = "SECURITY DEFINER" if event.option == "security_definer" else f"SET {event.option} = {event.old}"
    yield rule.finding(
        project,
        event.because,
        f"`{project.name(function)}()` had {what} until {step.migration.name}, which replaced it without",
        object=function,
        detail=event.option,
        because=[(event.had_because, f"{what} was set here")],
    )
