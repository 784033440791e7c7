"""Writes statements as CSV: one row for each change to an account, between an opening and a closing row per server.

The bytes depend on the rows alone: amounts are whole milli-credits, times are ISO 8601 in UTC, every text is quoted,
and nothing is translated. For each server, `available_after_mcr` and `held_after_mcr` of the opening row plus the
changes below it equal those of the closing row. A byte order mark makes spreadsheets read the file as UTF-8.

Reasons and names come from people, and a spreadsheet may run a cell as a formula
(https://owasp.org/www-community/attacks/CSV_Injection). `as_cell` makes every text harmless and can be undone:
remove one leading apostrophe, then undo the backslash escapes.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from bot.ledger.account_statement import Standing
from bot.ledger.movements import Movement
from bot.ledger.periods import Period

BOM = "\ufeff"

COLUMNS = (
    "server", "time", "day", "cause", "account", "member", "available_mcr", "held_mcr", "available_after_mcr",
    "held_after_mcr", "actor", "model", "job", "reason", "transfer", "key",
)  # fmt: skip

_Cell = int | str

_FORMULA = re.compile(r"\s*['=+\-@\uff1d\uff0b\uff0d\uff20]")
"""Characters that begin a formula, also in full width, and the apostrophe: a leading apostrophe is escaped too."""

_ESCAPED = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]|;(?=\s*['\"=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Control characters and line ends, and a semicolon before a formula: some spreadsheets split cells at semicolons."""


def as_cell(text: str) -> str:
    """Return the text in a form that no spreadsheet splits or mistakes for a formula."""
    escaped = _ESCAPED.sub(lambda found: "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):04x}", text)
    return f"'{escaped}" if _FORMULA.match(escaped) else escaped


class StatementRows:
    """Collects the rows of a statement until they exceed `most_bytes`."""

    def __init__(self, period: Period, *, most_bytes: int) -> None:
        self._period = period
        self._most_bytes = most_bytes
        self._written = io.StringIO(newline="")
        # All texts are quoted and numbers are not: all Python versions do that alike, unlike minimal quoting.
        self._csv = csv.writer(self._written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        self._written.write(BOM)
        self._csv.writerow(COLUMNS)
        self._guild = 0
        self._standing = Standing()

    def open(self, guild: int, standing: Standing) -> None:
        """Begin the rows of a server with its opening balance."""
        self._guild, self._standing = guild, standing
        self._row(self._period.from_ms, self._period.first, "opening")

    def add(self, movement: Movement) -> None:
        """Add a change to an account."""
        transfer = movement.transfer
        self._standing = self._standing.plus(movement.account, movement.available_mcr, movement.held_mcr)
        self._row(
            transfer.at_ms,
            self._period.day_of(transfer.at_ms),
            movement.cause.value,
            (movement.account.value, movement.member or "", movement.available_mcr, movement.held_mcr),
            (
                transfer.actor or "",
                as_cell(transfer.model),
                as_cell(transfer.job),
                as_cell(transfer.reason),
                transfer.id,
                as_cell(transfer.key),
            ),
        )

    def close(self) -> None:
        """End the rows of a server with its closing balance."""
        self._row(self._period.until_ms, self._period.last, "closing")

    @property
    def full(self) -> bool:
        """Whether the rows exceed the limit, so that adding more is useless."""
        return self._written.tell() > self._most_bytes

    def content(self) -> bytes | None:
        """Return the file; None if it is too large."""
        encoded = self._written.getvalue().encode()
        return encoded if len(encoded) <= self._most_bytes else None

    def _row(
        self, at_ms: int, day: date, cause: str, change: Sequence[_Cell] = ("", "", "", ""), rest: Sequence[_Cell] = ()
    ) -> None:
        after = (self._standing.available_mcr, self._standing.held_mcr)
        about = rest or ("",) * (len(COLUMNS) - 10)
        self._csv.writerow((self._guild, _utc(at_ms), day.isoformat(), cause, *change, *after, *about))


def _utc(at_ms: int) -> str:
    seconds, milliseconds = divmod(at_ms, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"
