"""What ends a run before it has an answer, told to the user: one sentence, the place, how to mend it."""

from __future__ import annotations

import sys


class Stop(Exception):  # noqa: N818 - it ends the run, and is the user's to mend
    """The run can't go on; the message is for the user as it stands."""


def explained(error: Exception) -> str:
    """What is written to the standard error stream for an exception that nothing else took."""
    lines = _mistakes(error)
    if lines:
        from schemaguard.report.safe import visible

        return "".join(f"schemaguard: {visible(line)}\n" for line in lines)
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    text = (
        f"schemaguard: internal error: {type(error).__name__}: {error}\n"
        f"schemaguard: at {place.name} in {place.filename.rpartition('schemaguard/')[2]}:{place.lineno}; this is a "
        "fault of schemaguard, please report it with the output of the same command with --verbose\n"
    )
    return text + ("".join(traceback.format_exception(error)) if "--verbose" in sys.argv else "")


def _mistakes(error: Exception) -> list[str]:
    """The lines of a mistake that the user can mend; none for anything else."""
    from schemaguard.config.errors import ConfigError
    from schemaguard.linting.errors import RuleRefused, UnknownRule
    from schemaguard.sources.git import GitFailed
    from schemaguard.sources.revisions import UnknownRevision

    if isinstance(error, ConfigError):
        return [str(each) for each in error.errors]
    if isinstance(error, (GitFailed, RuleRefused, UnknownRevision, UnknownRule, Stop)):
        return [str(error)]
    return []
