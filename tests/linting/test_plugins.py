"""
Rules of one's own: found in a folder, refused with file and line when badly shaped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from schemaguard.linting.errors import RuleRefused, UnknownRule
from schemaguard.linting.registry import folder_files, package_files, registry
from schemaguard.linting.selection import Choice
from tests.linting.support import RULES, lint

GOOD = '''"""
A table is named in the singular.

## Instead
Name it in the plural. It reads better.
"""

from schemaguard.api import Rule, Severity

rule = Rule(__name__, severity=Severity.WARNING, since="1")


@rule.check
def check(project):
    for table in project.governed_tables:
        if not table.name.endswith("s"):
            yield rule.finding(project, table.because, f"`{table.name}` is singular", object=table)
'''


def refusal(folder: Path, text: str, name: str = "broken.py") -> RuleRefused:
    """Return why a file is refused."""
    (folder / name).write_text(text, encoding="utf-8")
    rules = registry([(str(folder), "governance")])
    with pytest.raises(RuleRefused) as caught:
        list(rules.all())
    return caught.value


def test_a_file_is_a_rule(tmp_path: Path) -> None:
    """Name and family are those of the file and its folder; no `__pycache__` is left behind."""
    (tmp_path / "naming_of_ours").mkdir()
    (tmp_path / "naming_of_ours" / "table_singular.py").write_text(GOOD, encoding="utf-8")
    (tmp_path / "_helpers.py").write_text("1 / 0", encoding="utf-8")
    rules = registry([(str(tmp_path), "governance")])
    rule = rules.load("table-singular")
    result = lint(
        {"a.sql": "CREATE TABLE dog (id int);"}, choice=Choice(only=("table-singular",)), rules=rules
    )

    assert (rule.name, rule.family, rule.path) == (
        "table-singular",
        "naming_of_ours",
        "governance/naming_of_ours/table_singular.py",
    )
    assert [(each.rule, each.family, each.help, each.key) for each in result.findings] == [
        ("table-singular", "naming_of_ours", "Name it in the plural.", "table-singular:public.dog")
    ]
    assert not list(tmp_path.rglob("__pycache__"))


def test_directly_in_its_folder_the_family_is_custom(tmp_path: Path) -> None:
    """Families are folders; without one a plugin still belongs to one."""
    (tmp_path / "table_singular.py").write_text(GOOD, encoding="utf-8")
    rules = registry([(str(tmp_path), "governance")])

    assert rules.load("table-singular").family == "custom"
    assert rules.resolve(["custom"], "--select") == {"table-singular"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("def check(project:\n", 1, "it is not Python"),
        ("\n\nimport no_such_module\n", 3, "importing it raised ModuleNotFoundError"),
        ("\nraise RuntimeError('not today')\n", 2, "importing it raised RuntimeError: not today"),
        ("x = 1\n", 1, "a rule's file has `rule = Rule("),
        ("rule = 'a rule'\n", 1, "a rule's file has `rule = Rule("),
        (GOOD.replace("@rule.check\n", ""), 1, "a check registered on it"),
        (GOOD.replace("Rule(__name__", "Rule('table_plural'"), 1, "in place of `__name__`"),
        (GOOD.replace("(project):", "():"), 13, "takes other arguments than (project)"),
        (GOOD.replace("(project):", "(project, step, event):"), 13, "takes other arguments than (project)"),
        (
            GOOD.replace("@rule.check", "@rule.on(Dropped)").replace("import Rule", "import Dropped, Rule"),
            13,
            "takes other arguments than (project, step, event)",
        ),
        (GOOD.replace("            yield rule", "            rule"), 13, "does not yield findings"),
        (
            GOOD.replace("@rule.check\ndef check(project):", "rule.check(print)\ndef check(project):"),
            1,
            "not a function",
        ),
        (
            GOOD.replace('since="1"', 'since="1", options=Options').replace(
                "rule = Rule", "import msgspec\nclass Options(msgspec.Struct):\n    limit: int\n\nrule = Rule"
            ),
            1,
            "its options can't be made without a config",
        ),
    ],
)
def test_a_badly_shaped_plugin_is_refused(tmp_path: Path, text: str, line: int, words: str) -> None:
    """With its file, the line, and how it should look."""
    refused = refusal(tmp_path, text)

    assert (refused.path, refused.line) == ("governance/broken.py", line)
    assert words in refused.message


def test_a_name_clash_is_refused(tmp_path: Path) -> None:
    """A plugin can't take the place of a built-in rule."""
    (tmp_path / "append_only_mutable.py").write_text(GOOD, encoding="utf-8")

    with pytest.raises(
        RuleRefused, match="the name `append-only-mutable` is taken by the rule in schemaguard_rules/"
    ):
        registry([(str(tmp_path), "governance")])


def test_a_package_of_rules_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other distributions bring rules as the built-in pack does."""
    package = tmp_path / "their_rules"
    (package / "naming").mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "naming" / "__init__.py").write_text("", encoding="utf-8")
    (package / "naming" / "table_singular.py").write_text(GOOD, encoding="utf-8")
    info = tmp_path / "their_rules-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-rules\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[schemaguard.rules]\ntheirs = their_rules\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    rules = registry()

    assert rules.load("table-singular").path == "their_rules/naming/table_singular.py"
    assert rules.load("table-singular").family == "naming"


def test_a_missing_package_is_refused() -> None:
    """An entry point that leads nowhere is no reason to check less in silence."""
    with pytest.raises(RuleRefused, match="is not a package"):
        list(package_files("no_such_package"))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("append-only-mutble", "did you mean `append-only-mutable`?"),
        ("row-security", "did you mean"),
        ("xyzzy", "`schemaguard rules` lists them"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(name: str, hint: str) -> None:
    """Names of rules and of families, as on the command line."""
    if name == "row-security":
        assert {"row-security-disabled"} <= RULES.resolve([name], "--select")
        return
    with pytest.raises(UnknownRule, match="--select: there is no rule or family") as caught:
        RULES.resolve([name], "--select")

    assert hint in str(caught.value)


def test_every_built_in_rule_is_well_shaped() -> None:
    """They go through the same gate."""
    names = [rule.name for rule in RULES.all()]

    assert len(names) == len(set(names)) >= 10
    assert [file.name for file in folder_files(str(Path("rules").resolve()), "rules")] == [
        file.name for file in package_files("schemaguard_rules")
    ]
