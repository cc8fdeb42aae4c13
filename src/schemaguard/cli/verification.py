"""A project's history held against a server; the command and the test suite share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.linting.history import fresh_catalog, presumed_history, replayed
from schemaguard.postgres.verify import verify

if TYPE_CHECKING:
    from schemaguard.config import Policy
    from schemaguard.postgres.server import Server
    from schemaguard.postgres.verify import Verification
    from schemaguard.sources.tree import FileTree


def verify_project(tree: FileTree, policy: Policy, server: Server) -> Verification:
    """Replay the project as a server of this version would run it, run it there, and compare.

    Raises:
        ConfigErrors: a source is missing or empty.
        ServerUnavailable: the server can't be used.
    """
    policy = for_version(policy, server.version)
    read = replayed(tree, policy)
    return verify(server, read.history, fresh_catalog(read.policy), presumed_history(read.policy).steps)


def for_version(policy: Policy, version: int) -> Policy:
    """The policy with another major version of PostgreSQL, and the places that its settings are written at."""
    changed = msgspec.structs.replace(policy, postgres=version)
    changed.__dict__.update(policy.__dict__)
    return changed
