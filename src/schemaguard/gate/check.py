"""Both sides of a change replayed and judged, and what the change adds told apart from what was there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from schemaguard.catalog.changes import describe
from schemaguard.config import CONFIG_NAMES, ConfigError, parse_config
from schemaguard.gate.compare import compared, fixed, in_changed_files
from schemaguard.gate.lines import ChangedFiles, ChangedLines
from schemaguard.gate.watched import WatchedTree
from schemaguard.linting.base import Base
from schemaguard.linting.history import replayed
from schemaguard.linting.pipeline import given_by, judge
from schemaguard.linting.selection import check_names
from schemaguard.sources.git import GitFailed
from schemaguard.sources.problems import Unreadable
from schemaguard.sources.tree import read_source

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from schemaguard.config import Policy
    from schemaguard.gate.sides import Sides
    from schemaguard.linting.baseline import Baseline
    from schemaguard.linting.history import Replayed
    from schemaguard.linting.registry import Registry
    from schemaguard.linting.result import Result
    from schemaguard.linting.selection import Choice
    from schemaguard.sources.tree import FileTree

UNTOUCHED = "this change touches no file that the schema is made from: nothing of what is found is new"


EDITS = "this change edits {}, which has a say in what is found: both sides are judged by what it says now"


class Run(NamedTuple):
    """How a change is judged: by the config of its head, with all that a check without a base takes, too.

    `also_read`: files that were read before the check, the config and the baseline among them.
    """

    policy: Policy
    registry: Registry
    today: date
    choice: Choice | None = None
    known: Baseline | None = None
    strict: bool = False
    label: str = "."
    also_read: Sequence[str] = ()

    def judged(self, read: Replayed, base: Base | None = None) -> Result:
        """What the rules say of the head."""
        given = given_by(read, self.registry, self.today, self.label, base)
        return judge(given, self.choice, baseline=self.known, strict=self.strict)

    def judged_base(self, read: Replayed) -> Result:
        """What the rules say of the base: the baseline is about the head."""
        return judge(given_by(read, self.registry, self.today, self.label), self.choice)

    @property
    def counts_again(self) -> Collection[str]:
        """The keys whose day in the baseline is past: these count, whatever the base has."""
        if self.known is None:
            return ()
        return {key for key, entry in self.known.entries.items() if self.known.is_expired(entry)}


def check_change(sides: Sides, disk: FileTree, run: Run) -> Result:
    """Judge the head by what it adds to the base; `disk` is the head where `sides` has none.

    Raises:
        ConfigError: the config is at fault, or a source that it names is not there, at the head.
        GitFailed: a merge has conflicts in what would have to be read.
        UnknownRule: the choice names a rule that does not exist.
        RuleRefused: a rule's file is not a rule.
    """
    check_names(run.policy, run.registry)
    head = WatchedTree(sides.head or disk)
    head.reads(run.also_read)
    read = replayed(head, run.policy)
    if conflicts := sorted(sides.conflicts & head.asked_for):
        raise GitFailed(
            f"merging leaves conflicts in {', '.join(conflicts)}: `git merge {sides.label}` and resolve them"
        )
    if sides.base is None:
        result = _by_names(sides.changed, head, read, run)
    else:
        result = _by_base(sides.base, sides.label, head, read, run)
    return result._replace(notices=(*read.sources.notes, *result.notices), base=sides.label)


def _by_names(changed: frozenset[str], head: WatchedTree, read: Replayed, run: Run) -> Result:
    """Judge the head where only the names of the changed files are known."""
    result = run.judged(read)
    config = run.policy.places.file
    findings = in_changed_files(
        result.findings,
        ChangedFiles(changed),
        config="" if config is None else config.path,
        counts_again=run.counts_again,
    )
    gone = sorted(path for path in changed if path.endswith((".sql", ".py")) and not head.tree.is_file(path))
    notices = [
        f"{path} is gone: what it did is not known without its text; --base-dir has it" for path in gone
    ]
    if changed.isdisjoint(head.asked_for):
        notices.append(UNTOUCHED)
    return result._replace(findings=findings, notices=(*result.notices, *notices))


def _by_base(tree: FileTree, label: str, head: WatchedTree, read: Replayed, run: Run) -> Result:
    """Judge both sides, and compare what is found."""
    if head.answers_as(tree):
        result = run.judged(read, Base(label, read.history, read.history))
        if head.answers_as(tree):  # also what the rules have read by now: contracts, specs
            findings = compared(
                result.findings, result.findings, ChangedFiles(), counts_again=run.counts_again
            )
            return result._replace(findings=findings, notices=(*result.notices, UNTOUCHED))
    before = replayed(tree, _with_own_sources(tree, run.policy), lenient=True)
    base = Base(label, before.history, read.history)
    result = run.judged(read, base)
    old = run.judged_base(before).findings
    findings = compared(
        result.findings,
        old,
        ChangedLines(head.tree, tree, base.renamed),
        renamed=base.renamed,
        counts_again=run.counts_again,
    )
    now = [*result.findings, *(each.finding for each in result.suppressed)]
    notices = [note for note in before.sources.notes if note not in read.sources.notes]
    notices += [EDITS.format(path) for path in run.also_read if head.edited(path, tree)]
    return result._replace(
        findings=findings,
        fixed=fixed(old, now, base.renamed, ran={rule.name for rule in result.rules}),
        changes=describe(before.history.catalog, read.history.catalog, base.new_steps()),
        notices=(*result.notices, *notices),
    )


def _with_own_sources(tree: FileTree, policy: Policy) -> Policy:
    """The head's config, with what the base's own says of where migrations are: they may have moved.

    Sources that the head's own config does not name (one file that is checked alone) are those of both sides.
    """
    own = policy.places.file
    if policy.sources != (() if own is None else parse_config(own).sources):
        return policy
    for name in dict.fromkeys((own.path if own is not None else CONFIG_NAMES[0], *CONFIG_NAMES)):
        if not tree.is_file(name):
            continue
        try:
            sources = parse_config(read_source(tree, name)).sources
        except (ConfigError, Unreadable):
            break  # a config that is at fault is the head's business, which may mend it
        replaced = msgspec.structs.replace(policy, sources=sources)
        replaced.__dict__.update(policy.__dict__)
        return replaced
    return policy
