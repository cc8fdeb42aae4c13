"""
The generated pages about rules: the index, and one page each.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from schemaguard.linting import catalogue
from schemaguard.linting.attributes import KINDS
from schemaguard.linting.registry import package_files, registry
from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.linting.rule import Rule

FOLDER = "docs/rules"

INDEX = """# The rules

{rules} rules in {families} families.
`schemaguard rules` lists them with what your config says of each, `schemaguard explain NAME` shows a page.
[writing-rules.md](writing-rules.md) says how to add your own.

{tables}"""

EXAMPLE = """
## Example

A line that ends in `--! {name}` is reported, what stands under `-- OK:` is not.

```sql
{sql}
```
"""

REPORT = """
The report on the first of them:

```text
{report}
```
"""


def rule_index() -> str:
    """Return the page that lists all built-in rules."""
    rules = built_in()
    tables = catalogue.index(rules, "rules/{}.md")
    return INDEX.format(rules=len(rules), families=len(catalogue.by_family(rules)), tables=tables)


def rule_page(rule: Rule) -> str:
    """Return a rule's page: its docstring, and the fixture that proves it with the report on its first finding."""
    fixture = ROOT / "fixtures" / rule.family / f"{rule.name.replace('-', '_')}.sql"
    golden = fixture.with_suffix(".out")
    text = catalogue.page(rule)
    if fixture.exists():
        text += EXAMPLE.format(name=rule.name, sql=fixture.read_text(encoding="utf-8").strip())
    if golden.exists():
        text += REPORT.format(report=golden.read_text(encoding="utf-8").partition("\n\n")[0].rstrip())
    return text


def rule_pages() -> dict[tuple[str, str | None], Callable[[], str]]:
    """Return what writes the page of each built-in rule, by the page."""
    return {(f"{FOLDER}/{rule.name}.md", None): partial(rule_page, rule) for rule in built_in()}


def kinds() -> str:
    """Return the table of what declarative rules can select and ask."""
    rows = ["| kind | attributes | parts |", "|---|---|---|"]
    for kind in KINDS.values():
        attributes, parts = (
            " ".join(f"`{name}`" for name in names) for names in (kind.attributes, kind.parts)
        )
        rows.append(f"| `{kind.name}` | {attributes} | {parts} |")
    return "\n".join(rows)


def built_in() -> list[Rule]:
    """Return the rules of the pack that schemaguard brings."""
    rules = registry()
    return [rules.load(file.name) for file in package_files("schemaguard_rules")]
