"""What came of a verification, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard import __version__
from schemaguard.catalog.diff import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.diff import Agreement
    from schemaguard.postgres.apply import Applied
    from schemaguard.postgres.verify import Verification
    from schemaguard.text import Location

FORMAT = 1


def verification_object(found: Verification) -> dict[str, Any]:
    """The verification as JSON."""
    return {
        "schemaguard": __version__,
        "format": FORMAT,
        "postgres": found.version,
        "holds": found.holds,
        "statements": found.statements,
        "agreement": {
            kind: {"same": each.same, "total": each.total, "share": each.share}
            for kind, each in found.agreement.items()
        },
        "differences": [
            {"path": "/".join(path), "replay": _plain(one), "server": _plain(other)}
            for path, one, other in found.differences
        ],
        "refusals": [_refusal(applied) for applied in found.refusals],
        "skipped": [{**_statement(applied), "reason": applied.skipped} for applied in found.skipped],
        "unknown": list(found.unknown),
        "opaque": [{"reason": doubt.reason, "location": _location(doubt.location)} for doubt in found.opaque],
    }


def _plain(value: object) -> object:
    return None if value is ABSENT else value


def _location(place: Location) -> dict[str, Any]:
    return {"path": place.path, "line": place.line, "column": place.column}


def _statement(applied: Applied) -> dict[str, Any]:
    statement = applied.step.statement
    return {"sql": statement.sql, "location": _location(statement.span.location)}


def _refusal(applied: Applied) -> dict[str, Any]:
    error = applied.step.error
    return {
        **_statement(applied),
        "replay": None if error is None else f"{error.sqlstate}: {error.message}",
        "server": f"{applied.outcome.sqlstate}: {applied.outcome.message}"
        if applied.outcome.sqlstate
        else None,
    }


def verification_text(found: Verification) -> str:
    """The verification for people: what differs, then how far the two agree."""
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Verification) -> Iterator[str]:
    for path, one, other in found.differences:
        yield f"{'/'.join(path)}: the replay has {_text(one)}, the server {_text(other)}"
    for applied in found.refusals:
        refusal = _refusal(applied)
        place = refusal["location"]
        yield (
            f"{place['path']}:{place['line']}:{place['column']}: the replay says {refusal['replay'] or 'nothing'}, "
            f"the server {refusal['server'] or 'takes it'}"
        )
    for applied in found.skipped:
        place = applied.step.statement.span.location
        yield f"{place.path}:{place.line}:{place.column}: not run, because {applied.skipped}"
    for doubt in found.opaque:
        place = doubt.location
        yield (
            f"{place.path}:{place.line}:{place.column}: what it does is not known to the replay, because "
            f"{doubt.reason}"
        )
    for fact in found.unknown:
        yield f"{fact['path']}: not known to the replay, because {fact['reason']}"
    yield (
        f"{found.statements:,} statements on PostgreSQL {found.version}: {len(found.differences):,} facts differ, "
        f"{len(found.refusals):,} statements are taken by one side only"
    )
    width = max((len(kind) for kind in found.agreement), default=0)
    for kind, each in found.agreement.items():
        yield f"  {kind:<{width}}  {_share(each):>8}  {each.same:,} of {each.total:,}"


def _share(agreement: Agreement) -> str:
    """A percentage that says 100 only where nothing differs."""
    if agreement.same == agreement.total:
        return "100 %"
    return f"{min(agreement.share * 100, 99.99):.2f} %"


def _text(value: object) -> str:
    return "nothing" if value is ABSENT else repr(value)
