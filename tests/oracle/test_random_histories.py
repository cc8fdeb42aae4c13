"""
Random histories of DDL, GRANT and REVOKE, compared with PostgreSQL after every statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.oracle.pick import HypothesisPick, Kind
from tests.oracle.statements import KINDS, statement
from tests.oracle.twin import Twin, explain, prelude

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DataObject

    from schemaguard.postgres.server import Connection, Server

PARTS = 4
STATEMENTS = 30
LEAST_AGREEMENT = 0.99


class History(RuleBasedStateMachine):
    """One history: each rule writes a statement, runs it on both sides and compares all facts."""

    connection: ClassVar[Connection]
    statements: ClassVar[int]
    agreed: ClassVar[int]
    disagreements: ClassVar[list[str]]

    def __init__(self) -> None:
        super().__init__()
        self.twin = Twin(self.connection)
        for sql in prelude():
            self.twin.run(sql)

    def teardown(self) -> None:
        self.twin.close()

    def step(self, kind: Kind, data: DataObject) -> None:
        """Run a statement of a kind, or of one that makes what it lacks."""
        _name, sql = statement(HypothesisPick(self.twin.replay.catalog, data), kind)
        verdict = self.twin.run(sql)
        own = type(self)
        own.statements += 1
        own.agreed += verdict.agrees
        if not verdict.agrees:
            own.disagreements.append(str(verdict))
        if not verdict.server.sqlstate and not verdict.replay.sqlstate:
            found = self.twin.differences()
            assert not found, f"{sql}\n{explain(found)}"


def _rule(kind: Kind) -> Callable[[History, DataObject], None]:
    def run(self: History, data: DataObject) -> None:
        self.step(kind, data)

    run.__name__ = kind.__name__
    return run


for _name, _kind in KINDS.items():
    setattr(History, _name, rule(data=strategies.data())(_rule(_kind)))


def histories(connection: Connection, part: int) -> type[History]:
    """Return a machine of its own for one part, with the counts at zero."""
    machine = type(
        f"History{part}",
        (History,),
        {"connection": connection, "statements": 0, "agreed": 0, "disagreements": []},
    )
    return seed(part)(machine) if settings().derandomize else machine


def compare(server: Server, part: int) -> None:
    """Run one part of the histories on a server."""
    chosen = settings(
        max_examples=settings().max_examples // PARTS,
        stateful_step_count=STATEMENTS,
        suppress_health_check=list(HealthCheck),
    )
    with server.database() as name, server.connect(name) as connection:
        machine = histories(connection, part)
        run_state_machine_as_test(machine, settings=chosen)

    share = machine.agreed / machine.statements
    assert share >= LEAST_AGREEMENT, "\n".join([f"{share:.2%}", *machine.disagreements])


@pytest.mark.oracle
@pytest.mark.postgres
@pytest.mark.parametrize("part", range(PARTS - 1))
def test_facts_and_refusals_agree(server: Server, part: int) -> None:
    """After every statement both sides know the same, and they refuse the same, with the newest version."""
    compare(server, part)


@pytest.mark.oracle
@pytest.mark.postgres
def test_facts_and_refusals_agree_with_an_older_version(older_server: Server) -> None:
    """The same for a version in which some things were otherwise."""
    compare(older_server, PARTS - 1)


def test_kinds_of_statements() -> None:
    """There are as many kinds as make a history worth the name."""
    assert len(KINDS) >= 40
