"""The rule book in words: for the terminal, for documentation, for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.linting.manual import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.linting.rule import Rule


def family_title(family: str) -> str:
    """`row_security` as a heading: "Row security"."""
    return family.replace("_", " ").capitalize()


def by_family(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Rules by family, both in the order of their names."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.family, rule.name)):
        found.setdefault(rule.family, []).append(rule)
    return found


def rule_object(rule: Rule) -> dict[str, Any]:
    """A rule for JSON."""
    return {
        "rule": rule.name,
        "family": rule.family,
        "severity": rule.severity.label,
        "default": "on" if rule.default_on else "off",
        "since": rule.since,
        "needs": list(rule.needs),
        "title": rule.page.title,
        "sections": dict(rule.page.sections),
    }


def page(rule: Rule) -> str:
    """The manual page in Markdown."""
    facts = [f"`{rule.severity.label}`", f"family `{rule.family}`"]
    facts += [f"since {rule.since}"] if rule.since else []
    facts += [] if rule.default_on else ["off unless it is selected or the config turns it on"]
    facts += [f"needs {', '.join(f'`{need}`' for need in rule.needs)}"] if rule.needs else []
    lines = [f"# {rule.name}", "", rule.page.title, "", " · ".join(facts)]
    for name in HEADINGS:
        if text := rule.page.sections.get(name):
            lines += ["", f"## {name}", "", text]
    return "\n".join(lines) + "\n"


def index(rules: Iterable[Rule], link: str = "") -> str:
    """All rules in Markdown, a table a family; `link` is where pages are, such as `rules/{}.md`."""
    lines: list[str] = []
    for family, members in by_family(rules).items():
        lines += [
            "",
            f"## {family_title(family)}",
            "",
            "| rule | severity | what it finds |",
            "|---|---|---|",
        ]
        for rule in members:
            name = f"[{rule.name}]({link.format(rule.name)})" if link else f"`{rule.name}`"
            severity = rule.severity.label if rule.default_on else f"{rule.severity.label}, off by default"
            lines.append(f"| {name} | {severity} | {rule.page.summary.replace('|', chr(92) + '|')} |")
    return "\n".join(lines).lstrip("\n") + "\n"
