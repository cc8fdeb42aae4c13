"""Where each setting of a config is written."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemaguard.text import SourceFile, Span

SettingPath = tuple[str | int, ...]


class Places:
    """The place of every setting that a config has; `()` is the config itself."""

    def __init__(self, file: SourceFile | None, spans: dict[SettingPath, Span]) -> None:
        """Hold the spans by the path of keys and list positions that leads to the setting."""
        self.file = file
        self.spans = spans

    @staticmethod
    @cache
    def none() -> Places:
        """No config at all."""
        return Places(None, {})

    def has(self, path: SettingPath) -> bool:
        """Whether the setting is written."""
        return path in self.spans

    def where(self, path: SettingPath) -> Span | None:
        """The setting's place, or that of the nearest one around it that is written."""
        while path and path not in self.spans:
            path = path[:-1]
        return self.spans.get(path)
