"""What a user can get wrong about rules; the command line prints it as one sentence and exits with 2."""

from __future__ import annotations


class RuleRefused(Exception):  # noqa: N818 - named for what is done with the rule
    """A plugin's file is not a rule, or clashes with another; `path` and `line` say where."""

    def __init__(self, path: str, line: int, message: str) -> None:
        """Take the place and one sentence that says what is wrong and how a rule looks."""
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line
        self.message = message


class UnknownRule(Exception):  # noqa: N818 - named for what was asked for
    """A rule or family was named that does not exist."""

    def __init__(self, name: str, where: str, hint: str) -> None:
        """Take the name, what named it (``--select``), and which name may have been meant."""
        super().__init__(f"{where}: there is no rule or family `{name}`; {hint}")
        self.name = name
