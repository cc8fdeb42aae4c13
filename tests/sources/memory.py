"""
A tree of files in memory: what reads the sources must not look at the disk beside it.
"""

from __future__ import annotations

from schemaguard.sources.tree import is_skipped


class MemoryTree:
    """Files by their paths; text is stored as UTF-8."""

    def __init__(self, files: dict[str, str | bytes]) -> None:
        self.content = {
            path: data.encode() if isinstance(data, str) else data for path, data in files.items()
        }

    def files(self, folder: str = "") -> list[str]:
        start = f"{folder}/" if folder else ""
        below = [path for path in self.content if path.startswith(start)]
        return sorted(
            path for path in below if not any(map(is_skipped, path.removeprefix(start).split("/")[:-1]))
        )

    def folder(self, folder: str = "") -> list[str]:
        start = f"{folder}/" if folder else ""
        return sorted(
            {path.removeprefix(start).split("/")[0] for path in self.content if path.startswith(start)}
        )

    def is_file(self, path: str) -> bool:
        return path in self.content

    def is_folder(self, path: str) -> bool:
        return not path or any(each.startswith(f"{path}/") for each in self.content)

    def read(self, path: str) -> bytes:
        if path not in self.content:
            raise FileNotFoundError(2, "No such file or directory")
        return self.content[path]

    def real(self, path: str) -> str:
        return path
