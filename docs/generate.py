"""
Writes the generated parts of the documentation; with `--check` it names the stale ones instead, and fails.

A generated part is a whole file, or the text between two marker lines of a page that is written by hand:

    <!-- generated: NAME -->
    …
    <!-- end -->

To add one, write a function that returns its text and list it in PARTS.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from typing import TYPE_CHECKING

from docs.command_examples import command_examples
from docs.config_page import config_keys
from docs.rule_pages import FOLDER, kinds, rule_index, rule_pages
from schemaguard.catalog.coverage import coverage_table
from schemaguard.config.schema import config_schema
from tests.source_tree import ROOT, RULES, SRC
from tests.test_architecture import MAY_IMPORT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def first_line(path: Path) -> str:
    """Return the first sentence of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not docstring:
        sys.exit(f"{path.relative_to(ROOT)} has no docstring to say what it is for")
    return docstring.partition("\n\n")[0].replace("\n", " ")


def stages() -> str:
    """Return the table of the parts of schemaguard: what each is for and what it may import."""
    rows = ["| part | what it is for | may import |", "|---|---|---|"]
    for name, allowed in MAY_IMPORT.items():
        if (package := SRC / name / "__init__.py").exists():
            rows.append(f"| `{name}/` | {first_line(package)} | {allowed.replace(' ', ', ')} |")
        elif (module := SRC / f"{name}.py").exists() and name != "__init__":
            rows.append(f"| `{name}.py` | {first_line(module)} | {allowed.replace(' ', ', ')} |")
    return "\n".join(rows)


def families() -> str:
    """Return the list of rule families."""
    folders = sorted(path.parent for path in RULES.glob("*/__init__.py"))
    return "\n".join(f"* `{folder.name}`: {first_line(folder / '__init__.py')}" for folder in folders)


COVERAGE_PAGE = """# What becomes of each statement

Every statement kind of PostgreSQL's grammar, as libpg_query names it, and what the replay does with it:

* **modelled**: its effect on the catalog is replayed; what a server would refuse is refused.
* **irrelevant**: it cannot change anything that is modelled, for the reason given.
* **opaque**: what it does cannot be known; each one in a history is counted and reported, never passed over.

| statement | treatment | |
|---|---|---|
"""


def statement_coverage() -> str:
    """Return the page of statement kinds and their treatment."""
    rows = (
        f"| `{row.kind}` | {row.treatment} | {row.note.replace('|', '&#124;')} |" for row in coverage_table()
    )
    return COVERAGE_PAGE + "\n".join(rows) + "\n"


# (page, part): the part's marker name in the page, or None where the whole page is generated.
PARTS: dict[tuple[str, str | None], Callable[[], str]] = {
    ("docs/configuration.md", "config"): config_keys,
    ("docs/architecture.md", "stages"): stages,
    ("src/schemaguard/config/config.schema.json", None): config_schema,
    ("CONTRIBUTING.md", "families"): families,
    ("docs/coverage.md", None): statement_coverage,
    ("docs/rules.md", None): rule_index,
    ("docs/writing-rules.md", "kinds"): kinds,
    **rule_pages(),
    **command_examples(),
}


def filled(page: str, part: str, text: str) -> str:
    """Return a page with the text between the part's markers replaced."""
    markers = re.compile(rf"(<!-- generated: {re.escape(part)} -->\n).*?(<!-- end -->)", re.DOTALL)
    result, count = markers.subn(lambda found: f"{found[1]}{text}\n{found[2]}", page)
    if count != 1:
        sys.exit(f"a page must hold the markers of {part!r} once, not {count} times")
    return result


def main() -> int:
    """Write what is stale, or with `--check` name it. The exit code is 1 for a stale page under `--check`."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.generate", description=(__doc__ or "").partition("\n\n")[0]
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is stale")
    check = parser.parse_args().check
    pages: dict[Path, str] = {}
    for (name, part), generate in PARTS.items():
        path = ROOT / name
        if part is None:
            pages[path] = generate()
        else:
            page = pages[path] if path in pages else path.read_text(encoding="utf-8")
            pages[path] = filled(page, part, generate())
    stale = [
        path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        print(f"{path.relative_to(ROOT)}: {'stale, run `make docs`' if check else 'written'}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(pages[path], encoding="utf-8")
    left = [path for path in (ROOT / FOLDER).glob("*.md") if path not in pages]
    for path in left:
        print(f"{path.relative_to(ROOT)}: {'of no rule, run `make docs`' if check else 'removed'}")
        if not check:
            path.unlink()
    return int(check and bool(stale or left))


if __name__ == "__main__":
    sys.exit(main())
