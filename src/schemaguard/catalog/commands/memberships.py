"""GRANT and REVOKE of roles, and what CREATE ROLE and ALTER GROUP share with them (`user.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from schemaguard.catalog.commands.nodes import option_value
from schemaguard.catalog.errors import (
    DEPENDENT_OBJECTS,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_GRANT,
    INVALID_PARAMETER,
    SYNTAX_ERROR,
    Refused,
)
from schemaguard.catalog.events import Revoked
from schemaguard.catalog.model import Membership, Role
from schemaguard.catalog.privileges.membership import (
    GRANT_OPTIONS_SINCE,
    best_admin,
    is_admin_of,
    is_superuser,
    members_of,
    put_membership,
    reached,
    remove_membership,
)
from schemaguard.catalog.privileges.predefined import PG_DATABASE_OWNER
from schemaguard.catalog.privileges.rolespec import resolve_role, resolve_role_name
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node, Origin


INTERNAL_ERROR = "XX000"


class Options(NamedTuple):
    """The options of a grant of membership; None where the statement does not say."""

    admin: bool | None = None
    inherit: bool | None = None
    set: bool | None = None


def grant_role(run: Run, node: Node) -> None:
    """GRANT role TO role, REVOKE role FROM role."""
    catalog, is_grant = run.catalog, bool(node.get("is_grant"))
    options = _options(catalog, node)
    grantor = 0
    if "grantor" in node and (is_grant or catalog.version >= GRANT_OPTIONS_SINCE):
        grantor = resolve_role(run, node["grantor"])  # before 16 a REVOKE did not look at it
    members = [resolve_role(run, spec["RoleSpec"]) for spec in node["grantee_roles"]]
    because = run.origin()
    for granted in node["granted_roles"]:
        privilege = granted["AccessPriv"]
        if "cols" in privilege or "priv_name" not in privilege:
            raise Refused(INVALID_GRANT, "column names cannot be included in GRANT/REVOKE ROLE")
        role = resolve_role_name(run, privilege["priv_name"])
        require_membership_authorization(run, role, is_grant=is_grant, grantor=grantor)
        if is_grant:
            add_members(run, role, members, options, because, grantor=grantor)
        else:
            cascade = node.get("behavior") == "DROP_CASCADE"
            before = _grants_of(catalog, role, members)
            remove_members(run, role, members, options, grantor=grantor, cascade=cascade)
            _note_revocations(run, role, before)


def _grants_of(catalog: Catalog, role: int, members: Sequence[int]) -> dict[int, list[Membership]]:
    return {
        member: [grant for grant in catalog.memberships_of(member) if grant.role == role]
        for member in members
    }


def _note_revocations(run: Run, role: int, before: dict[int, list[Membership]]) -> None:
    """One event for each member, for the rule that asks whether a REVOKE had an effect."""
    after = _grants_of(run.catalog, role, list(before))
    for member, grants in before.items():
        run.event(
            Revoked(
                object=role, column=0, grantee=member, privilege="MEMBER", removed=grants != after[member],
                because=run.origin(),
            )
        )  # fmt: skip


HANDLERS = {"GrantRoleStmt": grant_role}


def _options(catalog: Catalog, node: Node) -> Options:
    found: dict[str, bool] = {}
    for element in node.get("opt", ()):
        option = element["DefElem"]
        name, offset = option["defname"], option.get("location", -1)
        if name not in Options._fields:
            raise Refused(SYNTAX_ERROR, f'unrecognized role option "{name}"', offset=offset)
        value = option_value(option.get("arg"))
        if catalog.version < GRANT_OPTIONS_SINCE and (
            name != "admin" or value is not node.get("is_grant", False)
        ):
            raise Refused(SYNTAX_ERROR, f'syntax error at or near "{name}"', offset=offset)
        truth = _TRUTH.get(str(value).lower())
        if truth is None:
            raise Refused(
                INVALID_PARAMETER, f'unrecognized value for role option "{name}": "{value}"', offset=offset
            )
        found[name] = truth
    return Options(**found)


_TRUTH = {
    word: truth
    for truth, words in (
        (True, ("true", "on", "yes", "1", "t", "tr", "tru", "y", "ye")),
        (False, ("false", "off", "no", "0", "f", "fa", "fal", "fals", "n", "of")),
    )
    for word in words
}
"""What `parse_bool` takes for a truth value."""


def require_membership_authorization(run: Run, role: int, *, is_grant: bool, grantor: int = 0) -> None:
    """Refuse unless the role in force may change who is a member of `role`."""
    catalog, current = run.catalog, run.session.role
    if catalog.version < GRANT_OPTIONS_SINCE:
        _require_authorization_before_16(run, role, is_grant=is_grant, grantor=grantor or current)
        return
    _refuse_database_owner(catalog, role, is_grant=is_grant)
    may = run.session.is_superuser or (
        not is_superuser(catalog, role) and is_admin_of(catalog, current, role)
    )
    if not may:
        verb, name = "grant" if is_grant else "revoke", catalog.owner_name(role)
        raise Refused(INSUFFICIENT_PRIVILEGE, f'permission denied to {verb} role "{name}"')


def _require_authorization_before_16(run: Run, role: int, *, is_grant: bool, grantor: int) -> None:
    catalog, current, superuser = run.catalog, run.session.role, run.session.is_superuser
    name = catalog.owner_name(role)
    if is_superuser(catalog, role):
        if not superuser:
            raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to alter superusers")
    elif not (
        superuser
        or catalog.get(current, Role).createrole
        or is_admin_of(catalog, grantor if is_grant else current, role)
    ):
        raise Refused(INSUFFICIENT_PRIVILEGE, f'must have admin option on role "{name}"')
    _refuse_database_owner(catalog, role, is_grant=is_grant)
    if is_grant and grantor != current and not superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, "must be superuser to set grantor")


def _refuse_database_owner(catalog: Catalog, role: int, *, is_grant: bool) -> None:
    """Refuse to give pg_database_owner a member: it has one, the owner of the database."""
    if is_grant and role == PG_DATABASE_OWNER and role in catalog.objects:
        name = catalog.owner_name(role)
        raise Refused(_database_owner_code(catalog), f'role "{name}" cannot have explicit members')


def _database_owner_code(catalog: Catalog) -> str:
    """SQLSTATE of what is wrong with pg_database_owner: 16 forgot to give it one, 18 has it, 17 was not tried."""
    return FEATURE_NOT_SUPPORTED if catalog.version > GRANT_OPTIONS_SINCE else INTERNAL_ERROR


def add_members(
    run: Run, role: int, members: Sequence[int], options: Options, because: Origin, *, grantor: int = 0
) -> None:
    """Make `members` members of `role` (`AddRoleMems`); the caller has checked that the role in force may.

    `grantor` 0: chosen as the server chooses it.
    """
    catalog = run.catalog
    modern = catalog.version >= GRANT_OPTIONS_SINCE
    if modern:
        grantor = _grantor(run, role, grantor, is_grant=True)
        _refuse_loops(catalog, role, members)
        if options.admin and grantor != SUPERUSER:
            _refuse_circle(catalog, role, members, grantor)
    grantor = grantor or run.session.role
    for member in members:
        if modern:
            _add_member(catalog, role, member, grantor, options, because)
        else:
            _refuse_loops(catalog, role, (member,))
            _add_member_before_16(
                catalog, Membership(role, member, grantor, bool(options.admin), because=because)
            )


def _add_member(
    catalog: Catalog, role: int, member: int, grantor: int, options: Options, because: Origin
) -> None:
    known = catalog.memberships.get((role, member, grantor))
    if known is None:
        inherit = catalog.get(member, Role).inherit if options.inherit is None else options.inherit
        new = Membership(
            role, member, grantor, bool(options.admin), inherit, set=options.set is not False, because=because
        )
        put_membership(catalog, new)
        return
    changed = msgspec.structs.replace(
        known,
        admin=known.admin if options.admin is None else options.admin,
        inherit=known.inherit if options.inherit is None else options.inherit,
        set=known.set if options.set is None else options.set,
    )
    if changed != known:
        put_membership(catalog, msgspec.structs.replace(changed, because=because))


def _add_member_before_16(catalog: Catalog, new: Membership) -> None:
    """One row for a role and member, whoever granted it; it only changes when ADMIN OPTION is added."""
    for known in catalog.memberships_of(new.member):
        if known.role == new.role:
            if known.admin or not new.admin:
                return
            remove_membership(catalog, known)
    put_membership(catalog, new)


def _refuse_loops(catalog: Catalog, role: int, members: Sequence[int]) -> None:
    for member in members:
        if member == PG_DATABASE_OWNER and member in catalog.objects:
            name = catalog.owner_name(member)
            raise Refused(_database_owner_code(catalog), f'role "{name}" cannot be a member of any role')
        if member in reached(catalog, role, "any"):
            names = f'role "{catalog.owner_name(role)}" is a member of role "{catalog.owner_name(member)}"'
            raise Refused(INVALID_GRANT, names)


def _grantor(run: Run, role: int, grantor: int, *, is_grant: bool) -> int:
    """Who is recorded as, or has to be, the grantor of a membership in `role` (`check_role_grantor`)."""
    catalog, current = run.catalog, run.session.role
    if not grantor:
        if run.session.is_superuser:
            return SUPERUSER
        return best_admin(catalog, current, role)
    name = catalog.owner_name(grantor)
    if is_grant:
        message = f'permission denied to grant privileges as role "{name}"'
        if not run.session.owns(grantor):
            raise Refused(INSUFFICIENT_PRIVILEGE, message)
        if grantor != SUPERUSER and best_admin(catalog, grantor, role) != grantor:
            detail = f'The grantor must have the ADMIN option on role "{catalog.owner_name(role)}".'
            raise Refused(INSUFFICIENT_PRIVILEGE, message, detail=detail)
    elif not run.session.owns(grantor):
        raise Refused(
            INSUFFICIENT_PRIVILEGE, f'permission denied to revoke privileges granted by role "{name}"'
        )
    return grantor


def _refuse_circle(catalog: Catalog, role: int, members: Sequence[int], grantor: int) -> None:
    """Refuse to give ADMIN OPTION back to one that the grantor has it from."""
    message = "ADMIN option cannot be granted back to your own grantor"
    plan = _Revocation(members_of(catalog, role), cascade=True)
    for member in members:
        if member == SUPERUSER:
            raise Refused(INVALID_GRANT, message)
        plan.revoke_member(member)
    if not any(
        grant.member == grantor and grant.admin and index not in plan.actions
        for index, grant in enumerate(plan.grants)
    ):
        raise Refused(INVALID_GRANT, message)


def remove_members(
    run: Run, role: int, members: Sequence[int], options: Options, *, grantor: int = 0, cascade: bool = False
) -> None:
    """Take membership in `role`, or one option of it, from `members` (`DelRoleMems`)."""
    catalog = run.catalog
    if catalog.version < GRANT_OPTIONS_SINCE:
        _remove_members_before_16(catalog, role, members, options)
        return
    grantor = _grantor(run, role, grantor, is_grant=False)
    plan = _Revocation(members_of(catalog, role), cascade=cascade)
    for member in members:
        plan.revoke(member, grantor, options)
    for index, action in plan.actions.items():
        known = plan.grants[index]
        if action == "grant":
            remove_membership(catalog, known)
        else:
            put_membership(catalog, msgspec.structs.replace(known, **{action: False}))


def _remove_members_before_16(catalog: Catalog, role: int, members: Sequence[int], options: Options) -> None:
    for member in members:
        for known in catalog.memberships_of(member):
            if known.role != role:
                continue
            if options.admin is None:
                remove_membership(catalog, known)
            else:
                put_membership(catalog, msgspec.structs.replace(known, admin=False))


class _Revocation:
    """What revoking grants of one role comes to: by index of the grant, "grant" (all of it) or the option that goes."""

    def __init__(self, grants: list[Membership], *, cascade: bool) -> None:
        self.grants = grants
        self.cascade = cascade
        self.actions: dict[int, str] = {}

    def revoke(self, member: int, grantor: int, options: Options) -> None:
        """Plan to take what `grantor` gave to `member`: the grant, or the option that the statement names."""
        for index, grant in enumerate(self.grants):
            if grant.member == member and grant.grantor == grantor:
                if options.inherit is not None:
                    self.actions[index] = "inherit"
                elif options.set is not None:
                    self.actions[index] = "set"
                else:
                    self._plan(index, admin_only=options.admin is not None)
                return

    def revoke_member(self, member: int) -> None:
        """Plan to take every grant to `member`."""
        for index, grant in enumerate(self.grants):
            if grant.member == member:
                self._plan(index, admin_only=False)

    def _plan(self, index: int, *, admin_only: bool) -> None:
        done = self.actions.get(index)
        if done == "grant" or (done == "admin" and admin_only):
            return
        grant = self.grants[index]
        if not admin_only:
            self.actions[index] = "grant"
        elif grant.admin:
            self.actions[index] = "admin"
        if not grant.admin or self._still_admin(grant.member):
            return
        for other, dependent in enumerate(self.grants):
            if dependent.grantor == grant.member and self.actions.get(other) != "grant":
                if not self.cascade:
                    raise Refused(
                        DEPENDENT_OBJECTS,
                        "dependent privileges exist",
                        hint="Use CASCADE to revoke them too.",
                    )
                self._plan(other, admin_only=False)

    def _still_admin(self, member: int) -> bool:
        return any(
            grant.member == member and grant.admin and index not in self.actions
            for index, grant in enumerate(self.grants)
        )
