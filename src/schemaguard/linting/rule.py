"""A rule: its name, its severity and its checks.

A rule is a file. Its name is the file's name, its family the folder's, its manual page the module's
docstring:

    rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")

    @rule.check
    def check(project: Project) -> Iterator[Finding]:
        ...
        yield rule.finding(project, table.because, f"`{name}` …", object=table)
"""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from schemaguard.findings import Evidence, Exposure, Finding, Severity
from schemaguard.linting.objects import describe, fingerprint
from schemaguard.statements.statement import Origin
from schemaguard.text import Location, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.catalog.events import Event
    from schemaguard.catalog.model import Column
    from schemaguard.catalog.replay import Step
    from schemaguard.linting.manual import Page
    from schemaguard.linting.project import Project

    StateCheck = Callable[[Project], Iterator[Finding]]
    _Event = TypeVar("_Event", bound=Event)
    EventCheck = Callable[[Project, Step, _Event], Iterator[Finding]]
    Place = Origin | Span | Location | None

NOWHERE = Location("", 1, 1, 1, 1)
"""The place of a fact that no file states; the runner puts the config's, or the last migration's."""


class RuleOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of a rule's options: fields with types and defaults, which the config is checked against."""


class NoOptions(RuleOptions, frozen=True, forbid_unknown_fields=True):
    """The options of a rule that has none."""


class Rule:
    """One rule, and the checks that its module registers on it; `path` is its file as messages name it."""

    def __init__(
        self,
        module: str,
        *,
        severity: Severity,
        since: str,
        options: type[msgspec.Struct] = NoOptions,
        needs: str | tuple[str, ...] = (),
        default_on: bool = True,
        always: bool = False,
    ) -> None:
        """Make the rule of a module; pass `__name__`, which name and family are read from.

        `severity`: of its findings, unless a finding or the config says otherwise. `since`: the version of
        schemaguard that first had it. `options`: a frozen msgspec.Struct with `forbid_unknown_fields`, each
        field with a default. `needs`: what the project must have for the rule to mean anything, as
        `Project.lacks` names it (``tenancy``, ``append_only``, ``privileges`` …); without it the rule is
        skipped and the report says so. `always`: runs even where other rules are selected, because without it
        their silence would prove nothing.
        """
        *_, family, name = f".{module}".split(".")
        self.module = module
        self.name = name.replace("_", "-")
        self.family = family
        self.severity = severity
        self.since = since
        self.options = options
        self.needs = (needs,) if isinstance(needs, str) else needs
        self.default_on = default_on
        self.always = always
        self.path = ""
        self.checks: list[StateCheck] = []
        self.closing_checks: list[StateCheck] = []
        self.event_checks: list[tuple[type[Event], EventCheck[Any]]] = []

    def check(self, function: StateCheck) -> StateCheck:
        """Register a check of the replayed history's final state (and of the history, as `project.history` has it)."""
        self.checks.append(function)
        return function

    def on(self, event: type[_Event]) -> Callable[[EventCheck[_Event]], EventCheck[_Event]]:
        """Register a check that is called with every event of one kind, in the history's order."""

        def register(function: EventCheck[_Event]) -> EventCheck[_Event]:
            self.event_checks.append((event, function))
            return function

        return register

    def at_the_end(self, function: StateCheck) -> StateCheck:
        """Register a check that runs when all others have and suppressions are applied (`project.suppressions`)."""
        self.closing_checks.append(function)
        return function

    def finding(  # noqa: PLR0913 - the facts of a finding: three are needed, all others named
        self,
        project: Project,
        at: Place,
        message: str,
        *,
        object: object,
        column: Column | None = None,
        detail: str | Iterable[str] = (),
        because: Iterable[tuple[Place, str]] = (),
        fix: str = "",
        help: str | None = None,
        severity: Severity | None = None,
        exposures: Iterable[tuple[str, Place]] = (),
    ) -> Finding:
        """Make a finding of this rule.

        `at`: the place to blame, most often a record's `because`. `message`: one sentence that names the
        objects (in backticks) and the consequence, without a full stop. `object` (and `column`): the catalog
        record that is at fault, or words for what is no record (``file db/x.sql``). `detail`: what tells this
        finding from others of the rule on the same object (a role, a privilege); never a line number.
        `because`: further places, each with what it shows. `fix`: the SQL to write. `help`: by default the
        first sentence of the page's section "Instead". `severity`: where it differs from the rule's; the
        config's word for the rule overrides both. `exposures`: the ways in which the finding matters; a new
        one makes an old finding new (see design of `--base`).
        """
        named = describe(project.catalog, object, column)
        details = (detail,) if isinstance(detail, str) else tuple(detail)
        return Finding(
            rule=self.name,
            family=self.family,
            severity=project.severities.get(self.name) or severity or self.severity,
            message=message,
            object=named.words,
            key=":".join((self.name, named.key, *details)),
            location=location_of(at) or NOWHERE,
            evidence=tuple(Evidence(label, location_of(place)) for place, label in because),
            help=self.remedy if help is None else help,
            fix=fix,
            exposures=tuple(Exposure(name, location_of(place)) for name, place in exposures),
            names=(named.key, *named.owners),
        )

    def relayed(self, project: Project) -> Iterator[Finding]:
        """The findings that reading the sources made under this rule's name."""
        for problem in project.problems:
            if problem.rule == self.name:
                yield self.finding(
                    project,
                    problem.span,
                    problem.message,
                    object=f"source {problem.object}" if problem.object else f"file {problem.span.path}",
                    detail=fingerprint(problem.message),
                    because=[(span, label) for label, span in problem.evidence],
                    help=problem.help or None,
                )
        for note in project.history.notes:
            if note.rule == self.name:
                yield self.finding(
                    project,
                    note.span,
                    note.message,
                    object=f"migration {note.migration.name}",
                    detail=fingerprint(note.message, note.span.text),
                    help=note.remedy or None,
                )

    @cached_property
    def page(self) -> Page:
        """The manual page."""
        from schemaguard.linting.manual import Page

        return Page.of(sys.modules[self.module].__doc__ or "")

    @property
    def remedy(self) -> str:
        """The first sentence of the page's section "Instead"."""
        return self.page.first_sentence("Instead")

    def __repr__(self) -> str:
        """Name the rule."""
        return f"Rule({self.name!r})"


def location_of(place: Place) -> Location | None:
    """The lines and columns of a place that a rule may name."""
    if isinstance(place, Origin):
        place = place.span
    return place.location if isinstance(place, Span) else place
