"""
A project of three migrations, one of them with a down program, and a target matrix.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.cli.support import CommandLine

ROLES = """CREATE ROLE app_rw LOGIN;
CREATE ROLE writers;
CREATE ROLE batch NOINHERIT;
GRANT writers TO batch;
"""
LEDGER = """CREATE TABLE ledger (id bigint PRIMARY KEY, amount integer NOT NULL, note text);
GRANT SELECT, INSERT ON ledger TO app_rw;
GRANT DELETE ON ledger TO writers;
"""
SECOND = """ALTER TABLE ledger ALTER amount DROP NOT NULL;
GRANT UPDATE (note) ON ledger TO app_rw;
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
"""
DOWN = """-- taken back
ALTER TABLE ledger DISABLE ROW LEVEL SECURITY;
"""
CONFIG = """roles: {application: [app_rw]}
privileges:
  ledger: {app_rw: [select, insert, delete], PUBLIC: []}
"""


@pytest.fixture
def project(cli: CommandLine) -> CommandLine:
    """Make a project of three migrations, with one down program and a target matrix."""
    cli.put("schemaguard.yaml", CONFIG)
    cli.put("migrations/001_roles.up.sql", ROLES)
    cli.put("migrations/002_ledger.up.sql", LEDGER)
    cli.put("migrations/003_second.up.sql", SECOND)
    cli.put("migrations/003_second.down.sql", DOWN)
    return cli


def answer(cli: CommandLine, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    """Ask for JSON; the command succeeds."""
    done = cli(*arguments, "--format", "json")

    assert done.code in (0, 1), done.err
    return json.loads(done.out)
