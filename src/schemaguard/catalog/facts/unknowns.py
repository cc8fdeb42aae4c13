"""What can't be known: taken out of the facts, and listed with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemaguard.catalog.facts.builder import Builder, Path
    from schemaguard.catalog.facts.shape import Facts, UnknownFact


def declared_unknown(build: Builder) -> None:
    """Add what the replay itself has marked as unknown."""
    for unknown in build.catalog.unknown.values():
        build.leave_out(tuple(unknown.path.split("/")), unknown.reason, unknown.because)


def left_out(facts: Facts, unknown: Mapping[Path, UnknownFact]) -> Facts:
    """The same facts without the paths of `unknown`, which they list instead, sorted."""
    for path in unknown:
        _remove(cast("dict[str, Any]", facts), path)
    facts["unknown"] = sorted(unknown.values(), key=lambda entry: (entry["path"], entry["reason"]))
    return facts


def _remove(fact: Any, path: Path) -> None:  # noqa: ANN401 - any level of the facts
    """Delete what a path leads to; entries of a list are found by their name, routines also without arguments."""
    *way, last = path
    for step in way:
        fact = _child(fact, step)
        if fact is None:
            return
    if isinstance(fact, list):
        fact[:] = [entry for entry in fact if entry.get("name") != last]
    else:
        for key in [key for key in fact if key == last or key.startswith(f"{last}(")]:
            del fact[key]


def _child(fact: Any, step: str) -> Any:  # noqa: ANN401 - any level of the facts
    if isinstance(fact, list):
        return next((entry for entry in fact if entry.get("name") == step), None)
    return fact.get(step)
