"""What a statement can come to, other than success."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - named for what PostgreSQL does with the statement
    """A server would refuse the statement; the message is worded as the server words it.

    `sqlstate` is PostgreSQL's five-character code; `offset` the byte offset of the guilty part, -1 for the whole.
    """

    def __init__(
        self, sqlstate: str, message: str, *, detail: str = "", hint: str = "", offset: int = -1
    ) -> None:
        """Take what the server would say."""
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.hint = hint
        self.offset = offset


class Opaque(Exception):  # noqa: N818 - an honest answer, not an error of anybody's
    """The replay cannot know what the statement does; the message says why, as a sentence without its full stop."""

    def __init__(self, reason: str, *, remedy: str = "", offset: int = -1) -> None:
        """Take why, what the user could declare, and the byte offset of the part that is not understood."""
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.offset = offset


UNDEFINED_TABLE = "42P01"
UNDEFINED_COLUMN = "42703"
UNDEFINED_OBJECT = "42704"
UNDEFINED_FUNCTION = "42883"
UNDEFINED_SCHEMA = "3F000"
DUPLICATE_TABLE = "42P07"
DUPLICATE_COLUMN = "42701"
DUPLICATE_OBJECT = "42710"
DUPLICATE_SCHEMA = "42P06"
DUPLICATE_FUNCTION = "42723"
WRONG_OBJECT_TYPE = "42809"
INVALID_TABLE_DEFINITION = "42P16"
INVALID_OBJECT_DEFINITION = "42P17"
INSUFFICIENT_PRIVILEGE = "42501"
DEPENDENT_OBJECTS = "2BP01"
FEATURE_NOT_SUPPORTED = "0A000"
INVALID_PARAMETER = "22023"
DATATYPE_MISMATCH = "42804"
SYNTAX_ERROR = "42601"
INVALID_FOREIGN_KEY = "42830"
INVALID_COLUMN_REFERENCE = "42P10"
DUPLICATE_ALIAS = "42712"
INVALID_GRANT = "0LP01"
INVALID_ROLE = "0P000"
ACTIVE_TRANSACTION = "25001"
IN_FAILED_TRANSACTION = "25P02"
OBJECT_NOT_IN_STATE = "55000"
RESERVED_NAME = "42939"
AMBIGUOUS_FUNCTION = "42725"
