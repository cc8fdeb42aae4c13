"""What findings about privileges show of a proof: its chain as evidence, and the statement that breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import PUBLIC, Relation
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.privileges.acl import effective_acl
from schemaguard.catalog.privileges.query import can_regrant, proofs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from schemaguard.catalog.privileges.proof import Link, Proof
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

GRANTED = "was granted"
OWNS = "owns "
MEMBER = "is a member of "
SET_ROLE = "can SET ROLE to "


def chain(proof: Proof) -> list[tuple[Origin | None, str]]:
    """The links of a proof as evidence, but for the one to blame (`proof.because`): it is the finding's place."""
    blamed = next((link for link in reversed(proof.links) if link.because is not None), None)
    return [(link.because, link.message) for link in proof.links if link is not blamed]


def reason(proof: Proof) -> str:
    """Why, for the end of a message: empty for a plain grant, else ``: `app_rw` is a member of `writers`, which …``."""
    return "" if proof.kind in ("direct", "columns") and len(proof.links) == 1 else f": {proof.sentence()}"


def can_without_owning(catalog: Catalog, role: int, privilege: str, oid: int) -> Proof | None:
    """The best proof of a privilege that does not rest on owning the object, itself or after SET ROLE."""
    if (owned := can_regrant(catalog, role, oid)) is not None and owned.kind == "owner":
        return None
    return next(
        (
            proof
            for proof in proofs(catalog, role, privilege, oid)
            if proof.kind != "owner" and not (proof.kind == "set role" and _rests_on_owning(proof))
        ),
        None,
    )


def _rests_on_owning(proof: Proof) -> bool:
    return proof.links[-1].predicate.startswith(OWNS)


def revocation(catalog: Catalog, *found: Proof) -> str:
    """The statements that take proved privileges away, by every way in which their roles come to them.

    Empty where no REVOKE does (an owner, a superuser).
    """
    granted: dict[tuple[str, str, str, bool], list[str]] = {}
    left: dict[str, None] = {}
    for proof in found:
        for way in proofs(catalog, proof.role, proof.privilege, proof.oid):
            last = way.links[-1]
            if last.predicate.startswith(GRANTED):
                for key, words in _grants(catalog, way, last.subject, proof.columns):
                    if words not in granted.setdefault(key, []):
                        granted[key].append(words)
            elif way.kind == "predefined" and len(way.links) > 1:
                left[_leave(way.links[-2])] = None
            elif way.kind == "set role":
                left[_leave(way.links[0])] = None
    return "\n".join([*(_revoke(key, words) for key, words in granted.items()), *filter(None, left)])


def _grants(
    catalog: Catalog, proof: Proof, subject: str, wanted: Collection[str]
) -> Iterator[tuple[tuple[str, str, str, bool], str]]:
    """What one grantee holds: (object, grantee, grantor that is not the owner, whether it was passed on), and words.

    Of privileges on columns those of `wanted`, or all where none is named.
    """
    record = catalog.objects[proof.oid]
    name = subject.strip("`")
    grantee = PUBLIC if subject == "PUBLIC" else catalog.roles[name]
    to = subject if subject == "PUBLIC" else quote_identifier(name)
    object_ = f"SCHEMA {quote_identifier(record.name)}"
    lists = [(effective_acl(catalog, record), "")]
    if isinstance(record, Relation):
        kind = "SEQUENCE " if record.kind == "S" else ""
        object_ = (
            f"{kind}{quote_identifier(catalog.schema_name(record.schema))}.{quote_identifier(record.name)}"
        )
        lists += [
            (column.acl, f" ({quote_identifier(column.name)})")
            for column in record.columns
            if not wanted or column.name in wanted
        ]
    for acl, columns in lists:
        for item in acl:
            if item.grantee == grantee and item.privilege == proof.privilege:
                passed = any(
                    other.grantor == grantee
                    and other.privilege == item.privilege
                    and other.grantee != grantee
                    for other in acl
                )
                by = (
                    "" if item.grantor == record.owner else quote_identifier(catalog.owner_name(item.grantor))
                )
                yield (object_, to, by, passed), f"{item.privilege}{columns}"


def _revoke(key: tuple[str, str, str, bool], words: list[str]) -> str:
    object_, grantee, grantor, passed = key
    text = f"REVOKE {', '.join(words)} ON {object_} FROM {grantee}{' CASCADE' if passed else ''};"
    return f"SET ROLE {grantor};\n{text}\nRESET ROLE;" if grantor else text


def _leave(link: Link) -> str:
    """The REVOKE of a membership."""
    for words in (MEMBER, SET_ROLE):
        if link.predicate.startswith(words):
            return f"REVOKE {_role(link.predicate.removeprefix(words))} FROM {_role(link.subject)};"
    return ""


def _role(text: str) -> str:
    """A role as SQL names it, from the way a link shows it."""
    return quote_identifier(text.strip("`"))
