"""docs/performance.md, from what was measured and from what benchmarks/notes.md says of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.measure import Series
    from benchmarks.peers import Peers

NOTES = Path(__file__).parent / "notes.md"
YARDSTICK = "squawk"


class Figures(NamedTuple):
    """All that one run has measured. `load`: how busy the machine was with other work before."""

    machine: str
    load: float
    rounds: int
    peers: Peers
    history: Sequence[Series]
    small: Sequence[Series]
    growth: Sequence[Series]
    alembic: Series
    phases: Mapping[str, float]


def page(figures: Figures) -> str:
    """The whole page."""
    versions = ", ".join(f"{name} {version}" for name, version in figures.peers.versions.items())
    missing = "".join(
        f"\n{name} could not be installed here: {reason}\n" for name, reason in figures.peers.missing.items()
    )
    return f"""# Performance

Written by `make bench`: medians of {figures.rounds} rounds, in each of which all tools run in turn; whole processes.
Machine: {figures.machine}; its load before was {figures.load:.1f}, so that ratios say more than seconds.
Peers, from the Python package index: {versions}.
{missing}
## A history of 1,500 migrations, 21,000 statements

{_table(figures.history, YARDSTICK)}
pgrls and sqlfluff ran once: the one reads a single file, the other took only a sample.

{_table([figures.alembic], "")}
## The smallest project

{_table(figures.small, figures.small[0].name)}
## Growth

{_growth(figures.growth)}
## Where the time goes now

A cold check of the 1,500 migrations, CPU seconds by stage.

{_phases(figures.phases)}
{NOTES.read_text()}"""


def _table(series: Iterable[Series], yardstick: str) -> str:
    """Seconds and memory; with a yardstick also ratios to it."""
    series = list(series)
    unit = next((each for each in series if each.name == yardstick and each.runs), None)
    ratio = f" × {yardstick}, wall | × CPU |" if unit is not None else ""
    lines = [f"| | wall s | CPU s | peak MB |{ratio}", f"|---|---|---|---|{'---|---|' if ratio else ''}"]
    for each in series:
        if not each.runs:
            lines.append(f"| {each.name} | {each.failed} | | |{' | |' if ratio else ''}")
            continue
        line = f"| {each.name} | {each.wall:.2f} | {each.cpu:.2f} | {each.peak:.0f} |"
        if unit is not None:
            line += f" {each.wall / unit.wall:.2f} | {each.cpu / unit.cpu:.2f} |"
        lines.append(line)
    return "\n".join(lines) + "\n"


def _growth(series: Sequence[Series]) -> str:
    lines = ["| migrations | CPU s | peak MB | times the history | times the CPU |", "|---|---|---|---|---|"]
    before: Series | None = None
    for each in series:
        if not each.runs:
            lines.append(f"| {each.name} | {each.failed} | | | |")
            continue
        growth = "| | |"
        if before is not None:
            length, previous = (int(one.name.replace(",", "")) for one in (each, before))
            growth = f"| {length / previous:.0f} | {each.cpu / before.cpu:.1f} |"
        lines.append(f"| {each.name} | {each.cpu:.2f} | {each.peak:.0f} {growth}")
        before = each
    return "\n".join(lines) + "\n"


def _phases(phases: Mapping[str, float]) -> str:
    total = sum(phases.values())
    lines = ["| stage | CPU s | % |", "|---|---|---|"]
    small = 0.0
    for name, seconds in sorted(phases.items(), key=lambda item: -item[1]):
        if seconds < total / 100:
            small += seconds
        else:
            lines.append(f"| {name} | {seconds:.2f} | {100 * seconds / total:.0f} |")
    lines.append(f"| each below 1 %, together | {small:.2f} | {100 * small / total:.0f} |")
    return "\n".join(lines) + "\n"
