"""
CREATE OR REPLACE VIEW took security_invoker away.

## Why it matters
OR REPLACE sets the options that it names and no others. A view that was `security_invoker` reads its tables as its
owner afterwards, with the same text, the same columns and the same grants.

## When it is fine
The option is set again later, or was set to off.

## Instead
Repeat WITH (security_invoker = true) in every replacement.

## References
* https://www.postgresql.org/docs/current/sql-createview.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import OptionsReset, Rule, Severity, View, is_security_invoker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, Step

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")

OFF = frozenset(("false", "off", "no", "0", "f", "n"))


@rule.on(OptionsReset)
def check(project: Project, step: Step, event: OptionsReset) -> Iterator[Finding]:
    """Report each view that lost the option and does not have it in the end."""
    view = project.catalog.objects.get(event.object)
    if not isinstance(view, View) or event.option != "security_invoker" or event.old.lower() in OFF:
        return
    if is_security_invoker(view):
        return
    name = project.name(view)
    yield rule.finding(
        project,
        event.because,
        f"`{name}` was security_invoker until {step.migration.name}, which replaced it without the option: it "
        f"reads its tables as `{project.role_name(view.owner)}` now",
        object=view,
        because=[(event.had_because, "security_invoker was set here")],
        fix=f"ALTER VIEW {project.sql(view)} SET (security_invoker = true);",
    )
