"""What is wrong with a config, with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.text import Span


class ConfigError(Exception):
    """One thing wrong with the config: one sentence, and where, in lines and columns from 1 (0: no place)."""

    def __init__(self, message: str, path: str = "", line: int = 0, column: int = 0) -> None:
        """Take the sentence and the place."""
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    @classmethod
    def at(cls, span: Span | None, message: str) -> ConfigError:
        """The error at a place of the config; without a place where a default is at fault."""
        if span is None:
            return cls(message)
        location = span.location
        return cls(message, location.path, location.line, location.column)

    @property
    def errors(self) -> Sequence[ConfigError]:
        """Everything that was found wrong: this, or for `ConfigErrors` each of them."""
        return (self,)

    def __str__(self) -> str:
        """``schemaguard.yaml:4:3: unknown key …``."""
        return f"{self.path}:{self.line}:{self.column}: {self.message}" if self.path else self.message


class ConfigErrors(ConfigError):  # noqa: N818 - several of them
    """All that is wrong with a config; its own fields are those of the first."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        """Take at least one error; they are told in the order of their places."""
        self._errors = tuple(sorted(errors, key=lambda each: (each.path, each.line, each.column)))
        first = self._errors[0]
        super().__init__(first.message, first.path, first.line, first.column)

    @property
    def errors(self) -> Sequence[ConfigError]:
        """Each of them, in the order of their places."""
        return self._errors

    def __str__(self) -> str:
        """One error a line."""
        return "\n".join(map(str, self._errors))
