"""
The console's report: what it shows, and what can't get through it.
"""

from __future__ import annotations

import re

import pytest

from schemaguard.report import Style, render
from schemaguard.report.frames import frame
from schemaguard.report.safe import cells
from schemaguard.text import Location, SourceFile
from tests.report.samples import BOTH, HOSTILE, LEDGER, MUTABLE, NUMERIC, QUIET, finding, report, result

ESCAPE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


def test_shows_place_text_evidence_consequence_and_remedy() -> None:
    """All that a reader needs to mend it, in the order in which it is asked."""
    assert report("console", result(MUTABLE)).splitlines() == [
        "error[append-only-mutable] `app_rw` can DELETE from `ledger`: it is a member of `writers`",
        "  ╭▸ db/0001_ledger.sql:5:1",
        "5 │ GRANT SELECT, DELETE ON ledger TO writers;",
        "  │ ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━",
        "  ├─ db/0002_roles.sql:1:22",
        '1 │ CREATE ROLE "größe"; GRANT writers TO app_rw;',
        "  │                      ───────────────────────",
        "  │ `app_rw` is a member of `writers`",
        "  ╰ note: append-only by the config",
        "  ╰ why: One statement of the application changes or removes what was booked, and nothing is left to",
        "      show that it happened.",
        "  ╰ help: Grant SELECT and INSERT only.",
        "  ╰ instead: REVOKE DELETE ON public.ledger FROM writers;",
        "",
        "1 error",
        "Checked 1 source, 97 migrations, 1,240 statements: 1,231 replayed, 2 irrelevant, 7 opaque; 80 rules",
        "run, 1 skipped; not read as statements: 3 psql commands.",
    ]


def test_most_serious_first_within_a_file() -> None:
    """A file's findings stand together, and an error is not looked for below warnings."""
    text = report("console", BOTH)

    assert text.index("append-only-mutable") < text.index("money-not-integer")


def test_explains_a_rule_once() -> None:
    """Why a rule matters is said at its first finding only."""
    again = finding(key="append-only-mutable:public.ledger:app_rw:UPDATE")

    assert report("console", result(MUTABLE, again)).count("╰ why:") == 1


def test_says_what_does_not_count() -> None:
    """Findings of the base and the baseline are counted, not shown."""
    text = report("console", QUIET)

    assert text.count("error[append-only-mutable]") == 1
    assert "1 error (2 suppressed, 1 in the baseline, 1 at origin/main already, 1 fixed)" in text


def test_verbose_shows_all_and_what_did_not_run() -> None:
    """With its status, and each skipped rule with the reason."""
    text = report("console", QUIET, verbose=True)

    assert "error[append-only-mutable] (baseline) " in text
    assert "error[append-only-mutable] (existing) " in text
    assert "  public-not-revoked did not run: off by default" in text


def test_quiet_is_one_line_a_finding() -> None:
    """For a glance, or for another program's line matcher."""
    assert report("console", BOTH, quiet=True).splitlines() == [
        f"db/0001_ledger.sql:5:1: error[append-only-mutable] {MUTABLE.message}",
        "db/0001_ledger.sql:3:3: warning[money-not-integer] `ledger.amount` is numeric",
    ]


def test_clean_says_so_and_on_what_it_rests() -> None:
    """An all-clear is no empty page."""
    lines = report("console", result()).splitlines()

    assert lines[0] == "no findings"
    assert lines[1].startswith("Checked 1 source, 97 migrations")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_stays_within_the_width(width: int) -> None:
    """But for SQL to be copied, paths, and single long words."""
    lines = report("console", BOTH, width=width).splitlines()

    assert [line for line in lines if cells(line) > max(width, 40) and " " in line.strip(" │╰")] == [
        line for line in lines if "instead:" in line and cells(line) > max(width, 40)
    ]


def test_draws_in_ascii_where_it_must() -> None:
    """Nothing of the report's own is lost on a terminal without line-drawing characters."""
    assert report("console", result(MUTABLE), unicode=False).replace("größe", "").isascii()


def test_colour_changes_nothing_but_colour() -> None:
    """Without its escape sequences the coloured report is the plain one."""
    plain, colored = report("console", BOTH), report("console", BOTH, color=True)

    assert colored != plain
    assert ESCAPE.sub("", colored) == plain


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("color", [False, True])
def test_nothing_hostile_gets_through(text: str, color: bool) -> None:
    """No control or invisible character of the project reaches the terminal, wherever it stands."""
    file = SourceFile(f"db/{text}.sql", f"SELECT '{text}';\n")
    at = file.span(0, len(file.text)).location
    hostile = finding(text, object=text, key=text, location=at, help=text, fix=text)
    made = result(hostile, base=text)
    made.files.add(file)

    shown = ESCAPE.sub("", render("console", made, Style(color=color)))

    assert re.findall(r"[^\n\x20-\x7e│━─╭├╰▸…]", shown) == []


def test_a_hostile_name_forges_no_line() -> None:
    """What a name holds stays inside the line that shows it."""
    made = result(finding("a\nno findings\nChecked", help="", fix=""))

    assert "no findings" not in report("console", made).splitlines()


@pytest.mark.parametrize(
    ("text", "words", "width", "shown"),
    [
        ("GRANT ALL ON t TO x;", "ALL", 40, ("GRANT ALL ON t TO x;", 6, 9)),
        ("\tGRANT ALL", "ALL", 40, ("    GRANT ALL", 10, 13)),
        ("'金金' ALL", "ALL", 40, ("'金金' ALL", 7, 10)),
        ("e\u0301 ALL", "ALL", 40, ("e\u0301 ALL", 2, 5)),
        ("x" * 50 + " ALL " + "y" * 50, "ALL", 40, ("… " + "x" * 33 + " ALL" + "…", 36, 39)),
        ("\x1b[0mALL", "ALL", 40, ("\\x1b[0mALL", 7, 10)),
    ],
)
def test_underlines_by_cells(text: str, words: str, width: int, shown: tuple[str, int, int]) -> None:
    """Under tabs, wide and combining characters and what is shown as an escape; long lines are cut around it."""
    file = SourceFile("a.sql", text)
    start = text.index(words)
    [line] = frame(file, file.span(start, start + len(words)).location, width).lines

    assert (line.text, line.start, line.end) == shown


@pytest.mark.parametrize(
    ("location", "numbers", "cut"),
    [
        (Location("a.sql", 1, 1, 1, 5), [1], False),
        (Location("a.sql", 1, 1, 2, 1), [1], False),
        (Location("a.sql", 1, 1, 3, 3), [1, 2, 3], False),
        (Location("a.sql", 1, 1, 4, 3), [1, 2, 3], True),
        (Location("a.sql", 9, 1, 9, 1), [9], False),
    ],
)
def test_frames_cut_long_stretches(location: Location, numbers: list[int], cut: bool) -> None:
    """After three lines, which it says; a place beyond the text is an empty line."""
    found = frame(SourceFile("a.sql", "one\ntwo\nthree\nfour\n"), location, 80)

    assert ([line.number for line in found.lines], found.cut) == (numbers, cut)


def test_a_file_without_a_text_has_no_frame() -> None:
    """Its path and line are shown all the same."""
    made = result(finding(location=Location("db/unknown.sql", 3, 1, 3, 9)))

    assert "╭▸ db/unknown.sql:3:1\n  ╰" in report("console", made).replace("why", "why")


def test_same_input_same_bytes() -> None:
    """Findings in another order make the same report."""
    assert report("console", result(NUMERIC, MUTABLE)) == report("console", result(MUTABLE, NUMERIC))
    assert LEDGER.text  # the files are shared between reports and not changed by them
