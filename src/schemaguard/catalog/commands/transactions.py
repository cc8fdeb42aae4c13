"""BEGIN, COMMIT, ROLLBACK and savepoints, as far as they change what is left in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import Refused

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

NO_ACTIVE_TRANSACTION = "25P01"
NO_SUCH_SAVEPOINT = "3B001"


def transaction(run: Run, node: Node) -> None:
    """Any TransactionStmt. Two-phase commit counts as commit: PREPARE TRANSACTION is meant to be committed."""
    session = run.session
    match node["kind"]:
        case "TRANS_STMT_BEGIN" | "TRANS_STMT_START":
            if not session.explicit_transaction:
                session.transaction_marks.clear()
                session.open_transaction("")
                session.explicit_transaction = True
        case "TRANS_STMT_COMMIT" | "TRANS_STMT_PREPARE":
            session.commit()
            session.explicit_transaction = bool(node.get("chain"))
        case "TRANS_STMT_ROLLBACK":
            if session.explicit_transaction:
                session.rollback()
            session.explicit_transaction = bool(node.get("chain"))
            session.local_settings.clear()
            session.transaction_marks.clear()
            session.open_transaction("")
        case "TRANS_STMT_SAVEPOINT":
            _require_transaction(run, "SAVEPOINT")
            session.open_transaction(node["savepoint_name"])
        case "TRANS_STMT_ROLLBACK_TO":
            _require_transaction(run, "ROLLBACK TO SAVEPOINT")
            if not session.rollback(node["savepoint_name"]):
                raise Refused(NO_SUCH_SAVEPOINT, f'savepoint "{node["savepoint_name"]}" does not exist')
        case "TRANS_STMT_RELEASE":
            _require_transaction(run, "RELEASE SAVEPOINT")
            _release(run, node["savepoint_name"])


def _require_transaction(run: Run, what: str) -> None:
    """Savepoints need a transaction block; a migration that its tool runs in a transaction has one without BEGIN."""
    if not run.session.explicit_transaction and run.catalog.facts.get("strict"):
        raise Refused(NO_ACTIVE_TRANSACTION, f"{what} can only be used in transaction blocks")


def _release(run: Run, name: str) -> None:
    marks = run.session.transaction_marks
    for index in range(len(marks) - 1, -1, -1):
        if marks[index][0] == name:
            del marks[index:]
            return
    raise Refused(NO_SUCH_SAVEPOINT, f'savepoint "{name}" does not exist')


HANDLERS = {"TransactionStmt": transaction}
IRRELEVANT = {
    "ConstraintsSetStmt": "moves the check of deferrable constraints, changes no definition",
    "LockStmt": "takes a lock until the transaction ends",
}
