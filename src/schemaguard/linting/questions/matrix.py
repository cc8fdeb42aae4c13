"""The target matrix: what each role may have on each table, by the config."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.patterns import matches_table, specificity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemaguard.catalog.model import Role
    from schemaguard.catalog.privileges.proof import Proof
    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy
    from schemaguard.text import Span

ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
WORD = re.compile(r"^\s*(\w+)\s*(?:\(([^)]*)\))?\s*$")


class Allowance(NamedTuple):
    """What one role may have: privileges on the whole table, and on columns only.

    `pattern` is the row that says so, `place` where that row names the role in the config.
    """

    privileges: frozenset[str]
    columns: Mapping[str, frozenset[str]]
    pattern: str
    place: Span | None = None


class MatrixRow(NamedTuple):
    """What the matrix says of one table, role by role: of each the most specific row that names it.

    `place`: where the most specific row stands in the config.
    """

    roles: Mapping[str, Allowance]
    place: Span | None

    @property
    def is_exact(self) -> bool:
        """Whether a row names the relation itself, without a wildcard."""
        return any("*" not in found.pattern and "?" not in found.pattern for found in self.roles.values())

    def allowed(self, role: str) -> frozenset[str]:
        """The privileges on the whole table that a role may have; none for one that no row names."""
        found = self.roles.get(role)
        return frozenset() if found is None else found.privileges

    def demanded(self, role: str) -> list[str]:
        """The same as a list, in PostgreSQL's order: what the matrix allows it also demands."""
        return [privilege for privilege in ALL if privilege in self.allowed(role)]

    def allows(self, role: str, proof: Proof) -> bool:
        """Whether the matrix allows what a proof shows, column by column where it is for some columns only."""
        found = self.roles.get(role)
        if found is None:
            return False
        columns = found.columns.get(proof.privilege, frozenset())
        return proof.privilege in found.privileges or (
            bool(proof.columns) and columns.issuperset(proof.columns)
        )

    def place_for(self, role: str) -> Span | None:
        """Where the config says what a role may have: the row that names it, or else the most specific one."""
        found = self.roles.get(role)
        return self.place if found is None or found.place is None else found.place

    def text(self, role: str) -> str:
        """What a role may have, in words."""
        found = self.roles.get(role)
        if found is None:
            return "nothing, because no row names it"
        words = self.demanded(role)
        words += [f"{name} ({', '.join(sorted(columns))})" for name, columns in sorted(found.columns.items())]
        return ", ".join(words) or "nothing"


def matrix_row(policy: Policy, schema: str, table: str) -> MatrixRow | None:
    """The matrix for a table; None where no row of it matches."""
    patterns = [pattern for pattern in policy.privileges if matches_table(pattern, schema, table)]
    if not patterns:
        return None
    patterns.sort(key=specificity)
    roles: dict[str, Allowance] = {}
    for pattern in patterns:  # the more specific ones come later, and win
        for role, words in policy.privileges[pattern].items():
            roles[role] = allowance(words, pattern, policy.where("privileges", pattern, role))
    return MatrixRow(roles, policy.where("privileges", patterns[-1]))


def allowance(words: tuple[str, ...], pattern: str, place: Span | None = None) -> Allowance:
    """Read ``[select, update(status, note)]``."""
    whole: set[str] = set()
    columns: dict[str, frozenset[str]] = {}
    for word in words:
        match = WORD.match(word)
        name = match[1].upper() if match else word.upper()
        if match and match[2] is not None:
            columns[name] = frozenset(part.strip() for part in match[2].split(",") if part.strip())
        else:
            whole.update(ALL if name == "ALL" else (name,))
    return Allowance(frozenset(whole), columns, pattern, place)


def matrix_roles(catalog: Catalog, policy: Policy, app_roles: list[Role]) -> list[Role]:
    """The roles that the matrix names, and those of the application, in the order of their names."""
    named = {name for row in policy.privileges.values() for name in row}
    found = {role.oid: role for role in app_roles}
    for name in named:
        role = catalog.role_named(name)
        if role is not None:
            found[role.oid] = role
    return sorted(found.values(), key=lambda role: role.name)
