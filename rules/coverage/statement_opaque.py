"""
What a statement does can't be known without running it.

## Why it matters
The final state is unknown where it touched it: a rule that is silent there proves nothing.

## When it is fine
It is an error where the statement may touch a governed table, and a warning where it can't.
Read what it does, and allow it with that as the reason.

## Instead
Write what it does as plain statements, or declare what it rests on (the help of the finding says where).

## References
PostgreSQL: Executing Dynamic Commands,
https://www.postgresql.org/docs/current/plpgsql-statements.html#PLPGSQL-STATEMENTS-EXECUTING-DYN
"""

from collections.abc import Iterator

from schemaguard.api import Finding, Origin, Project, Rule, Severity, Statement, named_relations, statement_of

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0", always=True)


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each statement that the replay could not follow, and each value that a reader could not know."""
    yield from rule.relayed(project)
    for step in project.history.steps:
        if step.opaque is None:
            continue
        statement = step.statement
        yield rule.finding(
            project,
            Origin(statement, step.opaque.offset),
            f"what this statement does is not known: {step.opaque.reason}",
            object=statement_of(step.migration.name, statement.sql),
            help=step.opaque.remedy or None,
            severity=Severity.ERROR if _may_touch_a_governed_table(project, statement) else Severity.WARNING,
        )


def _may_touch_a_governed_table(project: Project, statement: Statement) -> bool:
    """Whether it names a governed relation, or none at all and so may touch any."""
    named = list(named_relations(statement))
    return not named or any(project.governs(schema, name) for schema, name in named)
