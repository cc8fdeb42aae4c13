"""Running rules: each on its own, so that one which raises costs only itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from schemaguard.findings import Finding
from schemaguard.linting.project_base import Failure
from schemaguard.linting.rule import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from schemaguard.catalog.events import Event
    from schemaguard.linting.project import Project
    from schemaguard.linting.rule import EventCheck, Rule

    EventChecks = list[tuple[Rule, EventCheck[Event]]]


def run(project: Project, rules: Sequence[Rule]) -> list[Finding]:
    """The findings of rules over a project, sorted; rules that raise are listed in `project.failures`."""
    found: list[Finding] = []
    for rule in rules:
        for check in rule.checks:
            found += _guarded(rule, check, project)
    found.extend(_run_events(project, rules))
    return settled(project, found)


def run_closing(project: Project, rules: Sequence[Rule]) -> list[Finding]:
    """The findings of the checks that look at the run itself."""
    found: list[Finding] = []
    # What failed is known when all others have run.
    for rule in sorted(rules, key=lambda rule: rule.name == "rule-failed"):
        for check in rule.closing_checks:
            found += _guarded(rule, check, project)
    return settled(project, found)


def settled(project: Project, findings: Iterable[Finding]) -> list[Finding]:
    """Findings in order, each once; those without a place get the project's own, those that share a key a number.

    What differs only in its evidence is one finding; what has the same key at another place must not swallow
    it.
    """
    placed = (
        msgspec.structs.replace(finding, location=project.home or NOWHERE)
        if finding.location is NOWHERE
        else finding
        for finding in findings
    )
    seen: dict[str, list[tuple[object, str]]] = {}
    kept: list[Finding] = []
    for finding in sorted(placed, key=lambda each: each.order):
        same_key = seen.setdefault(finding.key, [])
        identity = (finding.location, finding.message)
        if identity in same_key:
            continue
        same_key.append(identity)
        number = len(same_key)
        kept.append(
            finding if number == 1 else msgspec.structs.replace(finding, key=f"{finding.key}#{number}")
        )
    return kept


def _run_events(project: Project, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Walk the history once; each event goes to the checks of its class."""
    wanted: dict[type[Event], EventChecks] = {}
    for rule in rules:
        for event_type, check in rule.event_checks:
            wanted.setdefault(event_type, []).append((rule, check))
    if not wanted:
        return
    for step in project.history.steps:
        for event in step.events:
            for rule, check in wanted.get(type(event), ()):
                yield from _guarded(rule, check, project, step, event)


def _guarded(
    rule: Rule, check: Callable[..., Iterator[object]], project: Project, *event: object
) -> list[Finding]:
    """The findings of one check; what it raises is recorded, and what it had found by then kept."""
    found: list[Finding] = []
    try:
        for finding in check(project, *event):
            if not isinstance(finding, Finding):
                message = f"a check yields findings, not {type(finding).__name__}"
                raise TypeError(message)
            found.append(finding)
    except Exception as error:  # noqa: BLE001 - a rule may be anybody's: its error is a finding, and the others run
        project.failures.append(_failure(rule, check, error))
    return found


def _failure(rule: Rule, check: object, error: Exception) -> Failure:
    """Name the line of the rule's own file that an error came through, else that of its check."""
    own = getattr(sys.modules.get(rule.module), "__file__", None)
    code = getattr(check, "__code__", None)
    line = code.co_firstlineno if code is not None and code.co_filename == own else 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == own:
            line = trace.tb_lineno
        trace = trace.tb_next
    text = " ".join(str(error).split())
    return Failure(rule.name, rule.path, line, f"{type(error).__name__}: {text}".rstrip(": "))
