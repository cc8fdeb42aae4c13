"""What findings about privileges show of a proof: its chain as evidence, and the statement that breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Relation
from schemaguard.catalog.names import quote_identifier

if TYPE_CHECKING:
    from schemaguard.catalog.privileges.proof import Link, Proof
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

GRANTED = "was granted"
MEMBER = "is a member of "
SET_ROLE = "can SET ROLE to "


def chain(proof: Proof) -> list[tuple[Origin | None, str]]:
    """The links of a proof as evidence, but for the one to blame (`proof.because`): it is the finding's place."""
    blamed = next((link for link in reversed(proof.links) if link.because is not None), None)
    return [(link.because, link.message) for link in proof.links if link is not blamed]


def reason(proof: Proof) -> str:
    """Why, for the end of a message: empty for a plain grant, else ``: `app_rw` is a member of `writers`, which …``."""
    return "" if proof.kind in ("direct", "columns") and len(proof.links) == 1 else f": {proof.sentence()}"


def revocation(catalog: Catalog, proof: Proof) -> str:
    """The REVOKE that takes a proved privilege away at its root; empty where none does (an owner, a superuser)."""
    last = proof.links[-1]
    if last.predicate.startswith(GRANTED):
        relation = catalog.get(proof.oid, Relation)
        columns = f" ({', '.join(map(quote_identifier, proof.columns))})" if proof.columns else ""
        name = f"{quote_identifier(catalog.schema_name(relation.schema))}.{quote_identifier(relation.name)}"
        kind = "SEQUENCE " if relation.kind == "S" else ""
        return f"REVOKE {proof.privilege}{columns} ON {kind}{name} FROM {_role(last.subject)};"
    if proof.kind == "predefined":
        return _leave(proof.links[-2]) if len(proof.links) > 1 else ""
    return _leave(proof.links[0]) if proof.kind == "set role" else ""


def _leave(link: Link) -> str:
    """The REVOKE of a membership."""
    for words in (MEMBER, SET_ROLE):
        if link.predicate.startswith(words):
            return f"REVOKE {_role(link.predicate.removeprefix(words))} FROM {_role(link.subject)};"
    return ""


def _role(text: str) -> str:
    """A role as SQL names it, from the way a link shows it."""
    return text if text == "PUBLIC" else quote_identifier(text.strip("`"))
