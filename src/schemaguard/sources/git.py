"""Git through its plumbing: commits found, trees read; nothing checked out, nothing written to the repository."""

from __future__ import annotations

import os
import subprocess
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, Self

from schemaguard.sources.git_tree import GitTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

WITHOUT_GIT = "--base-dir DIR compares two folders without git"

_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""Set where a hook is run, for the repository that it is run for; what is checked may lie in another one."""


class GitFailed(Exception):  # noqa: N818 - told to the user as it stands
    """A side of the comparison can't be had; the message is one sentence with the command that mends it."""


class Merged(NamedTuple):
    """The tree that a merge results in, and the paths in it whose text holds conflict marks."""

    tree: str
    conflicts: tuple[str, ...]


class Git:
    """The repository that a folder is in; to be closed, since it keeps a process that reads objects."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """Take a folder of the repository; nothing is run yet."""
        self.folder = folder
        scrubbed = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
        self.environment = {
            **scrubbed,
            "GIT_OPTIONAL_LOCKS": "0",  # not even the index is refreshed
            "GIT_NO_REPLACE_OBJECTS": "1",
            "LC_ALL": "C",
            **(environment or {}),
        }
        self._scratch: TemporaryDirectory[str] | None = None
        self._reader: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Use it for the time of a `with`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """End the process that reads objects, and drop those of a merge."""
        if self._reader is not None:
            self._reader.communicate()
            self._reader = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    # The repository

    @cached_property
    def top(self) -> Path:
        """The folder that the repository's paths are relative to.

        Raises:
            GitFailed: the folder is in no repository, git is not installed, or git refuses the repository.
        """
        done = self.run("rev-parse", "--show-toplevel")
        if done.returncode == 0:
            return Path(os.fsdecode(done.stdout).removesuffix("\n"))
        said = done.stderr.decode(errors="replace")
        if "dubious ownership" in said:
            raise GitFailed(
                f"git refuses {self.folder}, because it belongs to another user: "
                f"`git config --global --add safe.directory {self.folder}` allows it"
            )
        raise GitFailed(f"{self.folder} is in no git repository, which --base needs; {WITHOUT_GIT}")

    @cached_property
    def is_shallow(self) -> bool:
        """Whether the history was cut off when it was fetched."""
        return self.run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def commit(self, revision: str) -> str:
        """The id of the commit that a revision names.

        Raises:
            GitFailed: there is none.
        """
        self.top  # noqa: B018 - says what is wrong with the repository
        done = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if done.returncode == 0:
            return done.stdout.decode().strip()
        if revision == "HEAD":
            raise GitFailed("the repository has no commit yet, so there is no base to compare with")
        wanted = revision.removeprefix("refs/remotes/").removeprefix("origin/")
        raise GitFailed(
            f"there is no revision {revision} here: `git fetch origin {wanted}` brings it{self._deepen()}"
        )

    def merge_base(self, base: str, head: str) -> str:
        """The id of the best commit that two revisions have in common.

        Raises:
            GitFailed: one of them is not there, or they have none.
        """
        ours, theirs = self.commit(head), self.commit(base)
        done = self.run("merge-base", theirs, ours)
        if done.returncode == 0:
            return done.stdout.decode().strip()
        if self.is_shallow:
            raise GitFailed(
                f"{base} and {head} have no commit in common in this shallow clone: "
                "`git fetch --unshallow origin` brings the rest (for actions/checkout, `fetch-depth: 0`)"
            )
        raise GitFailed(
            f"{base} and {head} have no commit in common; to compare them all the same: "
            f"`git worktree add ../base {base}`, and --base-dir ../base in place of --base"
        )

    def merge(self, base: str, head: str) -> Merged:
        """Merge two commits, in objects that are gone when this is closed.

        Raises:
            GitFailed: this git can't.
        """
        self._scratch = TemporaryDirectory(prefix="schemaguard-")
        objects = self.run("rev-parse", "--path-format=absolute", "--git-path", "objects").stdout
        theirs = os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "")
        alternates = [os.fsdecode(objects).removesuffix("\n"), *([theirs] if theirs else [])]
        self.environment["GIT_OBJECT_DIRECTORY"] = self._scratch.name
        self.environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = os.pathsep.join(alternates)
        done = self.run("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", base, head)
        tree, *conflicts = (os.fsdecode(each) for each in done.stdout.split(b"\0"))
        if done.returncode not in (0, 1) or not tree:
            said = " ".join(done.stderr.decode(errors="replace").split()[:30])
            raise GitFailed(f"--merge needs git 2.38 or newer, and this one says: {said}")
        return Merged(tree, tuple(sorted(filter(None, conflicts))))

    def tree(self, treeish: str, prefix: str) -> GitTree:
        """The files of a commit or tree below a folder of the repository; `prefix` is "" for all of it.

        Raises:
            GitFailed: it can't be listed.
        """
        done = self.run("ls-tree", "-r", "-z", "--full-tree", treeish)
        if done.returncode != 0:
            said = " ".join(done.stderr.decode(errors="replace").split())
            raise GitFailed(f"git can't list the files of {treeish}: {said}{self._deepen()}")
        return GitTree(done.stdout, prefix, self._object)

    def _deepen(self) -> str:
        return (
            "; the clone is shallow: `git fetch --unshallow origin` brings all of it"
            if self.is_shallow
            else ""
        )

    # Processes

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run git.

        Raises:
            GitFailed: it is not installed.
        """
        try:
            return subprocess.run(
                ["git", *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise GitFailed(f"git is not installed here, and --base needs it; {WITHOUT_GIT}") from None

    def _object(self, name: str) -> bytes:
        """The content of a blob; raises OSError where it is missing."""
        if self._reader is None:
            self._reader = subprocess.Popen(
                ["git", "cat-file", "--batch"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        reader = self._reader
        if reader.stdin is None or reader.stdout is None:  # both are pipes, as it was started
            raise BrokenPipeError
        reader.stdin.write(f"{name}\n".encode())
        reader.stdin.flush()
        head = reader.stdout.readline().split()
        if len(head) != _HEAD:
            message = "git does not have its content: the clone is partial or damaged (`git fetch --refetch` mends it)"
            raise OSError(message)
        size = int(head[2])
        data = reader.stdout.read(size + 1)
        return data[:size]


_HEAD = 3  # id, type and size
