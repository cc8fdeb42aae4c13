"""`match`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.branches import decide
from schemaguard.sources.alembic.interpreter.operators import compare
from schemaguard.sources.alembic.interpreter.truth import truth
from schemaguard.sources.alembic.interpreter.values import Class, Instance, Symbol, Undecided, Unknown

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.completions import Completion
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.scope import Scope
    from schemaguard.sources.alembic.interpreter.values import Value


def run_match(machine: Machine, node: ast.Match, scope: Scope) -> Completion:
    """Run the first case whose pattern and guard hold; each of them where that is not known."""
    subject = machine.evaluate(node.subject, scope)
    try:
        for case in node.cases:
            if _holds(machine, case.pattern, subject, scope) and (
                case.guard is None or truth(machine, machine.evaluate(case.guard, scope))
            ):
                return machine.run(case.body, scope)
    except Undecided as undecided:
        unknown = undecided.unknown
    else:
        return None
    alternatives = [lambda body=case.body: machine.run(body, scope) for case in node.cases]
    return decide(machine, unknown, [*alternatives, lambda: None], scope.file.node_span(node.subject))


def _holds(machine: Machine, pattern: ast.pattern, value: Value, scope: Scope) -> bool:
    match pattern:
        case ast.MatchValue():
            wanted = machine.evaluate(pattern.value, scope)
            span = scope.file.node_span(pattern.value)
            return truth(machine, compare(machine, ast.Eq(), value, wanted, span))
        case ast.MatchSingleton():
            if isinstance(value, (Unknown, Symbol)):
                raise Undecided(value if isinstance(value, Unknown) else value.unknown())
            return value is pattern.value
        case ast.MatchAs():
            return _binds(machine, pattern, value, scope)
        case ast.MatchOr():
            return any(_holds(machine, option, value, scope) for option in pattern.patterns)
        case ast.MatchSequence():
            return _sequence(machine, pattern, value, scope)
        case ast.MatchMapping():
            return _mapping(machine, pattern, value, scope)
        case ast.MatchClass():
            return _class(machine, pattern, value, scope)
        case _:
            return False


def _binds(machine: Machine, pattern: ast.MatchAs, value: Value, scope: Scope) -> bool:
    if pattern.pattern is not None and not _holds(machine, pattern.pattern, value, scope):
        return False
    if pattern.name is not None:
        machine.write(scope.names, pattern.name, value)
    return True


def _sequence(machine: Machine, pattern: ast.MatchSequence, value: Value, scope: Scope) -> bool:
    if isinstance(value, Unknown):
        raise Undecided(value)
    if not isinstance(value, (list, tuple)):
        return False
    patterns = pattern.patterns
    star = next((index for index, part in enumerate(patterns) if isinstance(part, ast.MatchStar)), None)
    if star is None:
        return len(value) == len(patterns) and all(
            _holds(machine, part, item, scope) for part, item in zip(patterns, value, strict=True)
        )
    after = len(patterns) - star - 1
    if len(value) < star + after:
        return False
    starred = patterns[star]
    if isinstance(starred, ast.MatchStar) and starred.name is not None:
        machine.write(scope.names, starred.name, list(value[star : len(value) - after]))
    fixed = [
        *zip(patterns[:star], value, strict=False),
        *zip(patterns[star + 1 :], value[len(value) - after :], strict=True),
    ]
    return all(_holds(machine, part, item, scope) for part, item in fixed)


def _mapping(machine: Machine, pattern: ast.MatchMapping, value: Value, scope: Scope) -> bool:
    if isinstance(value, Unknown):
        raise Undecided(value)
    if not isinstance(value, dict):
        return False
    keys = [machine.evaluate(key, scope) for key in pattern.keys]
    if any(key not in value for key in keys):
        return False
    if pattern.rest is not None:
        machine.write(
            scope.names, pattern.rest, {key: item for key, item in value.items() if key not in keys}
        )
    return all(
        _holds(machine, part, value[key], scope) for part, key in zip(pattern.patterns, keys, strict=True)
    )


def _class(machine: Machine, pattern: ast.MatchClass, value: Value, scope: Scope) -> bool:
    wanted = machine.evaluate(pattern.cls, scope)
    span = scope.file.node_span(pattern.cls)
    if isinstance(value, Unknown):
        raise Undecided(value)
    if isinstance(wanted, type):
        if not isinstance(value, wanted):
            return False
        return all(_holds(machine, part, value, scope) for part in pattern.patterns[:1])
    if not (isinstance(wanted, Class) and isinstance(value, Instance) and wanted in value.cls.ancestors()):
        return False
    fields = wanted.traits.get("fields")
    names = [*(fields if isinstance(fields, list) else [])[: len(pattern.patterns)], *pattern.kwd_attrs]
    parts = [*pattern.patterns, *pattern.kwd_patterns]
    return all(
        _holds(machine, part, machine.attribute(value, name, span), scope)
        for part, name in zip(parts, names, strict=False)
    )
