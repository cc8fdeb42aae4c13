"""The command line: arguments, exit codes and where output goes; one module a command, loaded when it is called."""

from __future__ import annotations

import gc
import sys

from schemaguard.cli.app import app
from schemaguard.cli.failures import explained

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit: 0 and 1 are the command's answer, 2 is "could not do it", with the reason.

    The cyclic garbage collector stays out of it: trees and records hold no cycles, and it would walk them again and
    again, the last time (hence `freeze`) when the process ends and the system takes all memory back anyway.
    """
    gc.disable()
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the outermost place there is: a user gets a sentence, not a traceback
        sys.stderr.write(explained(error))
        sys.exit(2)
    finally:
        gc.freeze()
