"""
Findings of two sides: which are new, and where they stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.findings import Evidence, Exposure, Finding, Severity
from schemaguard.gate.compare import compared, fixed, in_changed_files, key_at_base
from schemaguard.text import Location

if TYPE_CHECKING:
    from collections.abc import Sequence


class Changed:
    """Places by path and line."""

    def __init__(self, *places: str) -> None:
        self.places = places

    def holds(self, location: Location) -> bool:
        return f"{location.path}:{location.line}" in self.places


def at(place: str) -> Location:
    """A line of a file."""
    path, _, line = place.partition(":")
    return Location(path, int(line), 1, int(line), 2)


def finding(
    key: str = "r:t",
    place: str = "old:1",
    status: str = "new",
    exposures: Sequence[str] = (),
    evidence: Sequence[str] = (),
) -> Finding:
    """A finding; exposures as `name` or `name@file:line`, evidence as `file:line`."""
    return Finding(
        rule=key.partition(":")[0],
        family="f",
        severity=Severity.ERROR,
        message="m",
        object="t",
        key=key,
        location=at(place),
        status=status,
        exposures=tuple(
            Exposure(name, at(where) if where else None)
            for name, _, where in (each.partition("@") for each in exposures)
        ),
        evidence=tuple(Evidence(f"see {each}", at(each)) for each in evidence),
    )


def judged(head: Finding, base: Finding | None, *changed: str) -> tuple[str, str]:
    """The status of a finding, and its place."""
    [found] = compared([head], [] if base is None else [base], Changed(*changed))
    return found.status, f"{found.location.path}:{found.location.line}"


@pytest.mark.parametrize(
    ("head", "base", "changed", "expected"),
    [
        (finding(), None, ["old:1"], ("new", "old:1")),
        (finding(), None, [], ("new", "old:1")),
        (finding(), finding(), ["old:1"], ("existing", "old:1")),
        (finding(status="baseline"), None, [], ("baseline", "old:1")),
        (finding(evidence=["a:1", "b:2"]), None, ["b:2"], ("new", "b:2")),
        (finding(evidence=["a:1", "b:2"]), None, ["old:1", "b:2"], ("new", "old:1")),
        (finding(exposures=["x@a:1", "y@b:2"]), None, ["b:2"], ("new", "b:2")),
        (finding(exposures=["x@a:1"], evidence=["b:2"]), None, ["a:1", "b:2"], ("new", "a:1")),
        (finding(exposures=["x@a:1"]), finding(exposures=["x"]), ["a:1"], ("existing", "old:1")),
        (finding(exposures=["x"]), finding(exposures=["x", "y"]), [], ("existing", "old:1")),
        (finding(exposures=["x@a:1", "y@b:2"]), finding(exposures=["x"]), ["a:1"], ("new", "b:2")),
        (finding(exposures=["x@a:1", "y@b:2", "z@c:3"]), finding(exposures=["x"]), ["c:3"], ("new", "c:3")),
        (finding(exposures=["y@b:2"]), finding(), ["old:1"], ("new", "b:2")),
        (finding(exposures=["y"]), finding(), ["old:1"], ("new", "old:1")),
        (finding(exposures=["y"], evidence=["b:2"]), finding(), [], ("new", "b:2")),
    ],
)
def test_status_and_place(
    head: Finding, base: Finding | None, changed: list[str], expected: tuple[str, str]
) -> None:
    """New without its like at the base, or with a new exposure; then at what the change wrote, or what opened it."""
    assert judged(head, base, *changed) == expected


def test_what_moves_keeps_its_evidence() -> None:
    """The old place comes first, what stood at the new one is still told, and nothing is told twice."""
    [found] = compared([finding(evidence=["a:1", "b:2"])], [], Changed("b:2"))

    assert [(each.message, each.location) for each in found.evidence] == [
        ("this was there before; what the change does makes it matter", at("old:1")),
        ("see b:2", None),
        ("see a:1", at("a:1")),
    ]


def test_expired_entries_and_renamed_parts() -> None:
    """A key that counts again is left as it is; names and paths in keys are those of the base."""
    renamed = {"0002_new": "0002_old", "db/b.sql": "db/a.sql"}
    head = [finding("r:0002_new:abc#2"), finding("r:db/b.sql:x"), finding("r:t")]
    base = [
        finding("r:0002_old:abc#2"),
        finding("r:db/a.sql:x"),
        finding("r:t"),
        finding("r:gone"),
        finding("s:gone"),
    ]
    found = compared(head, base, Changed(), renamed=renamed, counts_again={"r:t"})

    assert {each.key: each.status for each in found} == {
        "r:0002_new:abc#2": "existing",
        "r:db/b.sql:x": "existing",
        "r:t": "new",
    }
    assert [each.key for each in fixed(base, head, renamed, {"r"})] == ["r:gone"]
    assert key_at_base("r:0002_new_and_more", renamed) == "r:0002_new_and_more"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (finding(place="a:1"), ("new", "a:1")),
        (finding(), ("existing", "old:1")),
        (finding(evidence=["a:1"]), ("new", "a:1")),
        (finding(exposures=["x@a:1"]), ("new", "a:1")),
        (finding(evidence=["config:1"]), ("existing", "old:1")),
        (finding(place="config:1"), ("new", "config:1")),
        (finding(place="a:1", status="baseline"), ("baseline", "a:1")),
        (finding("again"), ("new", "old:1")),
    ],
)
def test_by_names_alone(head: Finding, expected: tuple[str, str]) -> None:
    """What a changed file has a part in is new; the config has a part in much, and makes new what is found in it."""
    [found] = in_changed_files([head], Changed("a:1", "config:1"), config="config", counts_again={"again"})

    assert (found.status, f"{found.location.path}:{found.location.line}") == expected
