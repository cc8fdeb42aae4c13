"""
A pattern of the config matches nothing in the schema.

## Why it matters
What it demands is demanded of nothing: a table that was renamed, or a slip of the pen, and its rules check no
table while the report stays green.

## When it is fine
A pattern for tables that are yet to come. It is a warning for that reason.

## Instead
Name the object as the schema has it, or remove the pattern.

## References
docs/silencing.md, "Exemptions", for how patterns are matched.
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Project, Rule, Severity, unmatched_patterns

rule = Rule(__name__, severity=Severity.WARNING, since="0.1.0")


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each pattern for tables, columns, roles or any objects that is met by none."""
    for pattern in unmatched_patterns(project):
        yield rule.finding(
            project,
            pattern.span,
            f"no {pattern.kind} matches `{pattern.text}`: what `{pattern.setting}` demands of it is not checked",
            object=f"setting {pattern.key}",
            detail=pattern.text,
        )
