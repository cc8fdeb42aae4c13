"""Which rules run: the config's word, the command line's, and what the project has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.errors import ConfigError, ConfigErrors
from schemaguard.findings import Severity
from schemaguard.linting.exemptions import EVERY_RULE
from schemaguard.linting.result import SkippedRule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from schemaguard.config import Policy
    from schemaguard.linting.project import Project
    from schemaguard.linting.registry import Registry
    from schemaguard.linting.rule import Rule

SEVERITIES = {severity.label: severity for severity in Severity}


class Selection(NamedTuple):
    """The rules that run, those that do not with the reason, and the severities that the config sets."""

    rules: list[Rule]
    skipped: list[SkippedRule]
    severities: dict[str, Severity]


class Choice(NamedTuple):
    """What the command line says about rules, by their names and those of families.

    `only` leaves all others out, whatever else is said: so fixtures are run.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


def check_names(policy: Policy, registry: Registry) -> None:
    """Refuse a config that names a rule which does not exist, or gives a rule options it does not have.

    Raises:
        ConfigErrors: all such names, with their lines.
        RuleRefused: the file of a rule with options is not a rule.
    """
    errors: list[ConfigError] = []

    def known(name: str, *path: str | int) -> bool:
        if name in registry or name.replace("-", "_") in registry.families:
            return True
        message = f"there is no rule or family `{name}`; {registry.hint(name)}"
        errors.append(ConfigError.at(policy.where(*path), message))
        return False

    for name, setting in policy.rules.items():
        if known(name, "rules", name) and setting.options:
            errors += _option_errors(name, policy, registry)
    for number, exemption in enumerate(policy.exempt):
        for index, name in enumerate(exemption.rules):
            if name != EVERY_RULE:
                known(name, "exempt", number, "rules", index)
    for number, gate in enumerate(policy.gates):
        for index, name in enumerate(gate.rules):
            known(name, "gates", number, "rules", index)
    if errors:
        raise ConfigErrors(errors)


def _option_errors(name: str, policy: Policy, registry: Registry) -> Iterable[ConfigError]:
    from schemaguard.config.load import rule_options

    if name not in registry:
        return [
            ConfigError.at(
                policy.where("rules", name), f"`{name}` is a family: it has a severity and no options"
            )
        ]
    try:
        rule_options(policy, name, registry.load(name).options)
    except ConfigError as error:
        return error.errors
    return []


def select(registry: Registry, project: Project, choice: Choice) -> Selection:
    """Decide for each rule whether it runs.

    Raises:
        UnknownRule: `choice` names a rule or family that does not exist.
        RuleRefused: a file that would run is not a rule.
    """
    selected = registry.resolve(choice.select, "--select")
    ignored = registry.resolve(choice.ignore, "--ignore")
    only = registry.resolve(choice.only, "rules")
    said = words(project.policy, registry)
    rules: list[Rule] = []
    skipped: list[SkippedRule] = []
    for name in registry.files:
        if only and name not in only:
            continue
        reason = "ignored by --ignore" if name in ignored else ""
        if not reason and said.get(name) == "off" and name not in choice.select:
            reason = "off in the config"
        rule = None if reason else registry.load(name)
        if rule is not None and not only:
            reason = _reason(rule, name in selected, bool(selected), said.get(name))
        if rule is not None and not reason:
            reason = next(filter(None, map(project.lacks, rule.needs)), "")
        if reason:
            skipped.append(SkippedRule(name, reason))
        elif rule is not None:
            rules.append(rule)
    severities = {name: SEVERITIES[word] for name, word in said.items() if word in SEVERITIES}
    return Selection(rules, skipped, severities)


def _reason(rule: Rule, selected: bool, any_selected: bool, word: str | None) -> str:
    """Why a rule does not run, by the choice alone; empty where it does."""
    if any_selected and not selected and not rule.always:
        return "not selected"
    if not rule.default_on and not selected and word is None:
        return "off unless it is selected or the config turns it on"
    return ""


def words(policy: Policy, registry: Registry) -> dict[str, str]:
    """What the config says about each rule: its own word, else its family's."""
    found: dict[str, str] = {}
    for name, setting in policy.rules.items():
        family = name.replace("-", "_")
        if setting.severity is not None and name not in registry and family in registry.families:
            found.update(dict.fromkeys(_members(registry, family), setting.severity))
    for name, setting in policy.rules.items():
        if setting.severity is not None and name in registry:
            found[name] = setting.severity
    return found


def _members(registry: Registry, family: str) -> Collection[str]:
    return [file.name for file in registry.files.values() if file.family == family]
