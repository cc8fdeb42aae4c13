"""Who can do something with a relation: every role, and the chain of statements behind each way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.report.answers.parts import head, place_object, place_text, unknown_lines
from schemaguard.report.safe import visible
from schemaguard.report.terminal import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.facts.shape import UnknownFact
    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.privileges.access import Access
    from schemaguard.catalog.privileges.proof import Proof
    from schemaguard.catalog.state import Catalog
    from schemaguard.report.terminal import Line


class Answer(NamedTuple):
    """Who can. `role`: the one that was asked about, "" for all; `doubts`: how many statements are not known."""

    catalog: Catalog
    privilege: str
    relation: Relation
    role: str
    found: Sequence[Access]
    unknown: Sequence[UnknownFact]
    doubts: int


_KINDS = {
    "superuser": "as superuser",
    "direct": "granted",
    "owner": "as owner",
    "public": "through PUBLIC",
    "member": "as member",
    "predefined": "through a predefined role",
    "columns": "on some columns only",
    "set role": "after SET ROLE only",
    "view": "through a view",
}


def document(answer: Answer) -> dict[str, Any]:
    """The answer as JSON."""
    catalog = answer.catalog
    return {
        **head(),
        "privilege": answer.privilege,
        "object": catalog.qualified(answer.relation),
        "role": answer.role or None,
        "roles": [_access(catalog, each) for each in answer.found],
        "unknown": list(answer.unknown),
        "statements_not_known": answer.doubts,
    }


def _access(catalog: Catalog, access: Access) -> dict[str, Any]:
    return {
        "role": catalog.owner_name(access.role),
        "effective": any(proof.effective for proof in access.ways),
        "schema_usage": access.uses_schema,
        "row_security": access.row_security,
        "ways": [_way(proof) for proof in access.ways],
        "escapes_row_security": _links(access.escape) if access.row_security == "escaped" else [],
    }


def _way(proof: Proof) -> dict[str, Any]:
    return {
        "kind": proof.kind,
        "columns": list(proof.columns),
        "effective": proof.effective,
        "sentence": proof.sentence(),
        "because": _links(proof),
    }


def _links(proof: Proof | None) -> list[dict[str, Any]]:
    links = () if proof is None else proof.links
    return [{"message": link.message, "location": place_object(link.because)} for link in links]


def lines(answer: Answer) -> Iterator[Line]:
    """The answer for people."""
    catalog = answer.catalog
    name = visible(catalog.qualified(answer.relation))
    if not answer.found:
        who = f"{visible(answer.role)} can't" if answer.role else "nobody can"
        yield [Part(f"{who} {answer.privilege} on {name}", "good")]
    for access in answer.found:
        yield [
            Part(visible(catalog.owner_name(access.role)), "message"),
            Part(f" can {answer.privilege} on {name}"),
            *_provisos(catalog, answer, access),
        ]
        for proof in access.ways:
            yield from _chain(_KINDS[proof.kind], proof)
        said = {proof.kind for proof in access.ways}
        if access.row_security == "escaped" and access.escape is not None and access.escape.kind not in said:
            yield from _chain("whatever the policies say", access.escape)
    yield from unknown_lines(answer.unknown)
    if answer.doubts:
        words = f"{answer.doubts} statement{'s' if answer.doubts > 1 else ''} of the history"
        yield [
            Part("unknown ", "warning"),
            Part(f"what {words} came to; `schemaguard check --select coverage` shows them"),
        ]


def _provisos(catalog: Catalog, answer: Answer, access: Access) -> Iterator[Part]:
    """What still stands in between."""
    if not access.uses_schema:
        schema = visible(catalog.schema_name(answer.relation.schema))
        yield Part(f", but has no USAGE on schema {schema}", "warning")
    if access.row_security == "binds":
        yield Part(", in the rows that its policies choose", "quiet")
    elif access.row_security == "escaped":
        yield Part(", in all rows: no policy binds it", "warning")


def _chain(words: str, proof: Proof) -> Iterator[Line]:
    on = f" ({', '.join(proof.columns)})" if proof.columns else ""
    yield [Part(f"  {words}{visible(on)}", "label")]
    for link in proof.links:
        where = place_text(link.because.span.location) if link.because else ""
        yield [Part(f"    {visible(link.message)}"), Part(f"  {where}" if where else "", "frame")]
