"""Reads a provider's invoice, or the history of its balance, from a CSV file of unknown origin.

Columns are found by their names, in any order, with any separator that spreadsheets use. Nothing is guessed: an amount
that cannot be read for certain, or that is not in US dollars, is unknown (None), never 0. Reading takes linear time,
and a file beyond the limits is refused.
"""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from bot.sizes import MEGABYTE

MOST_BYTES = 5 * MEGABYTE
MOST_ROWS = 50_000
MOST_COLUMNS = 100
HEADER_WITHIN_ROWS = 20
"""Exports may begin with a title, the account's name and so on."""

SHOWN_NAME_CHARACTERS = 60

NAMES: Mapping[str, Sequence[str]] = {
    "id": ("prediction_id", "prediction", "predictionid", "run_id", "request_id", "task_id", "任务id", "id"),
    "model": ("model", "model_name", "model_id", "模型", "模型名称"),
    "amount": ("cost", "amount", "charge", "charged", "fee", "usd", "total", "price", "费用", "金额", "消费"),
    "currency": ("currency", "currency_code", "币种", "货币"),
    "balance": ("balance", "remaining", "balance_after", "余额"),
    "time": ("created_at", "created", "time", "timestamp", "date", "started_at", "completed_at", "时间", "日期"),
}
"""The names of each column that is understood, in the form that `_normal` gives them, the most specific first."""

_CURRENCY_IN_NAME = re.compile(r"_(?:in_)?(usd|us|cny|rmb|eur|gbp|jpy)$")
_DOLLARS = frozenset({"usd", "us", "us$", "$", "dollar", "dollars", "美元"})
_AMOUNT = re.compile(r"(?P<sign>-?)(?P<whole>[\d.,]{1,30})(?:[eE](?P<exponent>[+-]?\d{1,2}))?")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+|\d+\.")
_DECIMAL_COMMA = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+,\d+|\d*,\d+")
_THREE_DIGITS_AFTER_COMMA = re.compile(r"[1-9]\d{0,2},\d{3}")
_DELIMITERS = ",;\t|"


class UnreadableInvoice(ValueError):
    """A file is not an invoice. `reason` is the key of the explanation, `takes` the exceeded limit, if any."""

    def __init__(self, reason: str, takes: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.takes = takes


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line. `usd` is what was charged, None if it is unknown; `at_ms` is None if the file does not give it."""

    id: str
    model: str
    usd: Fraction | None
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """The contents of a file. `unknown_columns` were not understood; `has_ids` says whether lines name runs."""

    lines: Sequence[InvoiceLine]
    has_ids: bool
    unknown_columns: Sequence[str]


def read_invoice(content: bytes) -> Invoice:
    """Read a file. Blocking. Raises UnreadableInvoice."""
    if len(content) > MOST_BYTES:
        raise UnreadableInvoice("file-larger", MOST_BYTES // MEGABYTE)
    text = _decoded(content)
    if "\0" in text:
        raise UnreadableInvoice("invoice-no-text")
    for delimiter in _delimiters(text):
        rows = _rows(text, delimiter)
        header = next(
            filter(None, (_header(row) for _, row in zip(range(HEADER_WITHIN_ROWS), rows, strict=False))), None
        )
        if header:
            return _invoice(header, rows, delimiter)
    raise UnreadableInvoice("invoice-no-columns")


@dataclass(frozen=True, slots=True)
class _Header:
    """The positions of the columns; `currency` is the one in the name of the amount's column."""

    columns: Mapping[str, int]
    currency: str
    unknown: Sequence[str]


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:  # as in files from Chinese spreadsheets; ids and amounts are the same in all encodings
        return content.decode("gb18030", errors="replace")


def _delimiters(text: str) -> Sequence[str]:
    """Return the separators to try: the one that the file gives (`sep=;`), or all of them, the most frequent first."""
    first = text[:200].lstrip().lower()
    if first.startswith("sep=") and first[4:5] in _DELIMITERS:
        return first[4:5]
    begin = text[:20_000]
    return sorted(_DELIMITERS, key=begin.count, reverse=True)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader):
            if number >= MOST_ROWS:
                raise UnreadableInvoice("invoice-rows", MOST_ROWS)
            if len(row) > MOST_COLUMNS:
                raise UnreadableInvoice("invoice-no-columns")
            if any(cell.strip() for cell in row):
                yield row
    except csv.Error as error:  # such as a quote that never ends: a cell has at most 131,072 characters
        raise UnreadableInvoice("invoice-no-text") from error


def _header(row: Sequence[str]) -> _Header | None:
    """Return the columns if this row names them: there has to be an amount or a balance, and another column."""
    names = [_normal(cell) for cell in row]
    columns = {column: at for column in NAMES if (at := _best(column, names)) is not None}
    if not columns.keys() & {"amount", "balance"} or len(columns) < 2:  # noqa: PLR2004 - see above
        return None
    amount, currency = names[columns["amount"]] if "amount" in columns else ("", "")
    used = set(columns.values())
    unknown = [cell.strip()[:SHOWN_NAME_CHARACTERS] for at, cell in enumerate(row) if at not in used and cell.strip()]
    return _Header(columns, currency or ("usd" if amount == "usd" else ""), unknown)


def _best(column: str, names: Sequence[tuple[str, str]]) -> int | None:
    """Return the position of a column, preferring one in US dollars to one in another currency."""
    found = [(currency not in {"", "usd"}, NAMES[column].index(name), at)
             for at, (name, currency) in enumerate(names) if name in NAMES[column]]  # fmt: skip
    return min(found)[-1] if found else None


def _normal(name: str) -> tuple[str, str]:
    """Return a column's name in lower case with underscores, and the currency at its end: `Cost (USD)` is cost, usd."""
    plain = re.sub(r"\W+", "_", name[:200].strip().lower().replace("$", " usd ")).strip("_")
    found = _CURRENCY_IN_NAME.search(plain)
    return (plain[: found.start()], found[1]) if found else (plain, "")


def _invoice(header: _Header, rows: Iterator[list[str]], delimiter: str) -> Invoice:
    read = [_line(header, row, delimiter) for row in rows]
    balances = [balance for _, balance in read]
    lines = [line for line, _ in read]
    if "amount" not in header.columns:
        lines = _from_balances(lines, balances)
    elif "balance" in header.columns:  # in the history of a balance, spending is negative, and top-ups are positive
        lines = [
            InvoiceLine(line.id, line.model, None if line.usd is None else max(-line.usd, Fraction(0)), line.at_ms)
            for line in lines
        ]
    return Invoice(lines, "id" in header.columns, header.unknown)


def _from_balances(lines: Sequence[InvoiceLine], balances: Sequence[Fraction | None]) -> list[InvoiceLine]:
    """Compute spending from consecutive balances. Increases are top-ups. The first balance says nothing."""
    known = list(zip(lines, balances, strict=True))
    times = [line.at_ms for line in lines]
    if times and all(at_ms is not None for at_ms in times) and (times[0] or 0) > (times[-1] or 0):
        known.reverse()  # newest first
    found: list[InvoiceLine] = []
    for (_, before), (line, after) in itertools.pairwise(known):
        spent = None if before is None or after is None else max(before - after, Fraction(0))
        found.append(InvoiceLine(line.id, line.model, spent, line.at_ms))
    return found


def _line(header: _Header, row: Sequence[str], delimiter: str) -> tuple[InvoiceLine, Fraction | None]:
    def cell(name: str) -> str:
        at = header.columns.get(name)
        return row[at].strip() if at is not None and at < len(row) else ""

    currency = cell("currency").lower() or header.currency or "usd"
    amount, balance = (_usd(cell(name), currency, delimiter) for name in ("amount", "balance"))
    return InvoiceLine(cell("id"), cell("model"), amount, _time_ms(cell("time"))), balance


def _usd(typed: str, currency: str, delimiter: str) -> Fraction | None:
    """Return an amount in US dollars; None if it is in another currency, or cannot be read for certain."""
    text = re.sub(r"(?i)us\$|\$|usd|\s", "", typed[:60])
    if text.startswith("(") and text.endswith(")"):  # how accountants write negative amounts
        text = f"-{text[1:-1]}"
    found = _AMOUNT.fullmatch(text)
    if found is None or currency not in _DOLLARS:
        return None
    whole = found["whole"]
    if _THREE_DIGITS_AFTER_COMMA.fullmatch(whole) and delimiter != ",":  # 1,234 may mean 1234 or 1.234
        return None
    if _GROUPED.fullmatch(whole):
        digits = whole.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(whole):
        digits = whole.replace(".", "").replace(",", ".")
    else:
        return None
    return Fraction(f"{found['sign']}{digits.rstrip('.')}e{found['exponent'] or 0}")


def _time_ms(typed: str) -> int | None:
    """Return a time in ISO 8601 (UTC if it has no zone), or one in seconds or milliseconds since 1970."""
    if re.fullmatch(r"\d{10}|\d{13}", typed):
        return int(typed) * (1_000 if len(typed) == len("1234567890") else 1)
    try:
        found = datetime.fromisoformat(typed[:40].replace("/", "-"))
    except ValueError:
        return None
    at = found if found.tzinfo else found.replace(tzinfo=UTC)
    return round(at.timestamp() * 1_000)
