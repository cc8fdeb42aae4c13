"""One side of a check, from the replayed history to the result: rules, exemptions, suppressions, baseline."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.findings import Severity
from schemaguard.linting import exemptions
from schemaguard.linting.history import replayed
from schemaguard.linting.project import Project
from schemaguard.linting.result import Coverage, Result
from schemaguard.linting.runner import run, run_closing
from schemaguard.linting.selection import Choice, check_names, select
from schemaguard.linting.suppressions import Suppressions
from schemaguard.sources.sql.migration import SqlMigration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from schemaguard.catalog.replay import History
    from schemaguard.config import Policy
    from schemaguard.findings import Finding
    from schemaguard.linting.base import Base
    from schemaguard.linting.baseline import Baseline
    from schemaguard.linting.files import Files
    from schemaguard.linting.history import Replayed
    from schemaguard.linting.registry import Registry
    from schemaguard.linting.result import SkippedRule, Suppressed
    from schemaguard.sources.migration import Migration
    from schemaguard.sources.problems import Problem
    from schemaguard.sources.tree import FileTree
    from schemaguard.text import SqlText

RATCHETS = ("suppression-unused", "baseline-stale")
"""Rules whose findings are errors with `--strict`."""


class Input(NamedTuple):
    """What is judged. `sources`: how many sources the history was read from; `label`: the project's folder in words.

    `base`: the state that it is compared with. `specs`: the DDL specifications.
    """

    history: History
    policy: Policy
    files: Files
    registry: Registry
    today: date
    problems: Sequence[Problem] = ()
    sources: int = 1
    label: str = "."
    base: Base | None = None
    specs: Sequence[Migration] = ()


def check(  # noqa: PLR0913 - what a run may vary in, all named but the first four
    tree: FileTree,
    policy: Policy,
    registry: Registry,
    choice: Choice | None = None,
    *,
    today: date,
    known: Baseline | None = None,
    strict: bool = False,
    label: str = ".",
) -> Result:
    """Replay the project in `tree` and judge it; `known` is its baseline.

    Raises:
        ConfigError: the config is at fault, or a source that it names is not there.
        UnknownRule: `choice` names a rule that does not exist.
        RuleRefused: a rule's file is not a rule.
    """
    check_names(policy, registry)
    read = replayed(tree, policy)
    given = given_by(read, registry, today, label)
    result = judge(given, choice, baseline=known, strict=strict)
    return result._replace(notices=(*read.sources.notes, *result.notices))


def given_by(
    read: Replayed, registry: Registry, today: date, label: str = ".", base: Base | None = None
) -> Input:
    """What is judged, of a history that was read and replayed."""
    return Input(
        read.history,
        read.policy,
        read.files,
        registry,
        today,
        read.problems,
        len(read.sources.sources),
        label,
        base,
        read.specs,
    )


def judge(
    given: Input, choice: Choice | None = None, *, baseline: Baseline | None = None, strict: bool = False
) -> Result:
    """Ask the rules and sort out what they say.

    Raises:
        ConfigErrors: the config names a rule that does not exist.
        UnknownRule: `choice` does.
        RuleRefused: a rule's file is not a rule.
    """
    check_names(given.policy, given.registry)
    project = Project(
        given.history,
        given.policy,
        files=given.files,
        problems=given.problems,
        today=given.today,
        base=given.base,
    )
    project.specs = given.specs
    if unknown := project.problem_names() - given.registry.files.keys():
        message = f"findings were made under names that are no rules: {', '.join(sorted(unknown))}"
        raise LookupError(message)
    selection = select(given.registry, project, choice or Choice())
    ratchets = dict.fromkeys(RATCHETS, Severity.ERROR) if strict else {}
    project.severities = {**selection.severities, **ratchets}
    # What a comment says to a rule that needs a base holds when that has moved on, too: it is not unused then.
    project.ran = frozenset(rule.name for rule in selection.rules if "base" not in rule.needs)
    project.baseline = baseline
    project.suppressions = _suppressions(given)

    found, silenced = _sieve(project, run(project, selection.rules))
    if baseline is not None:
        found = baseline.apply(found)
    closing, also_silenced = _sieve(project, run_closing(project, selection.rules))
    if baseline is not None:
        closing = baseline.apply(closing)
    return Result(
        findings=sorted([*found, *closing], key=lambda finding: finding.order),
        coverage=_coverage(given, len(selection.rules), selection.skipped),
        files=given.files,
        rules=selection.rules,
        suppressed=sorted([*silenced, *also_silenced], key=lambda each: each.finding.order),
        project=given.label,
        notices=project.assumptions,
    )


def _sieve(project: Project, findings: list[Finding]) -> tuple[list[Finding], list[Suppressed]]:
    """Take out what is exempt or suppressed."""
    kept, installed = exemptions.of_packages(findings, project.history.migrations)
    kept, exempt = exemptions.apply(kept, project.policy, project.today)
    kept, silenced = project.suppressions.apply(kept)
    return kept, [*installed, *exempt, *silenced]


def _suppressions(given: Input) -> Suppressions:
    """The comments of every file that migrations are written in."""
    texts: dict[str, dict[int, SqlText]] = {}
    for step in given.history.steps:
        text = step.statement.text
        texts.setdefault(text.file.path, {})[id(text)] = text
        given.files.add(text.file)
    for migration in given.history.migrations:
        given.files.add(migration.file)
    for _, unparsed in given.history.unparsed:
        given.files.add(unparsed.span.file)
    suppressions = Suppressions(given.registry.files, given.today)
    for file in given.files.known():
        suppressions.read(file, texts.get(file.path, {}).values())
    return suppressions


def _coverage(given: Input, run: int, skipped: Sequence[SkippedRule]) -> Coverage:
    """Count what the answer rests on.

    What a DO block or a function ran counts as that one statement, which is opaque if any part of it is.
    """
    history = given.history
    statements = irrelevant = opaque = 0
    outer_is_opaque = False
    for step in history.steps:
        if step.depth == 0:
            statements += 1
            irrelevant += bool(step.irrelevant)
            outer_is_opaque = False
        if step.opaque is not None and not outer_is_opaque:
            opaque += 1
            outer_is_opaque = True
    unread = len(history.unparsed)
    unread += [*(note.rule for note in history.notes), *(each.rule for each in given.problems)].count(
        "statement-opaque"
    )
    blanked = Counter(
        each.kind
        for migration in history.migrations
        if isinstance(migration, SqlMigration)
        for each in migration.blanked
    )
    return Coverage(
        blanked=sorted(blanked.items()),
        left_out=sum(len(step.statement.left_out) for step in history.steps if step.depth == 0),
        sources=given.sources,
        migrations=len(history.migrations),
        statements=statements + unread,
        replayed=statements - irrelevant - opaque,
        irrelevant=irrelevant,
        opaque=opaque + unread,
        rules_run=run,
        rules_skipped=tuple(skipped),
    )
