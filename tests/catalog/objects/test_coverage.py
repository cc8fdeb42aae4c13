"""
Every statement kind of the grammar is modelled, irrelevant for a reason, or opaque on purpose.
"""

from __future__ import annotations

from schemaguard.catalog.commands.registry import handlers, irrelevant
from schemaguard.catalog.coverage import ENGINE, OPAQUE, coverage_table
from schemaguard.statements.grammar import statement_kinds


def test_every_statement_kind_has_one_row() -> None:
    table = coverage_table()

    assert [row.kind for row in table] == statement_kinds()
    assert {row.treatment for row in table} == {"modelled", "irrelevant", "opaque"}


def test_what_is_opaque_is_so_on_purpose() -> None:
    assert {row.kind for row in coverage_table() if row.treatment == "opaque"} == OPAQUE.keys()


def test_every_row_says_something() -> None:
    assert not [row.kind for row in coverage_table() if not row.note]


def test_no_kind_is_both_modelled_and_irrelevant() -> None:
    assert not handlers().keys() & irrelevant().keys()
    assert not (handlers().keys() | irrelevant().keys() | ENGINE.keys()) - set(statement_kinds())
