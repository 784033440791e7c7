"""`/easel-ops reconcile`: compares a provider's invoice with captures and losses."""

import asyncio
import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import discord

from bot.catalogue.refusals import unusable
from bot.chat.cards.card import Card, MadeFile
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.responses import Responder
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.errors import ResultReplaced, RunFailed
from bot.jobs.invoice_reconciliation import InvoiceComparison, InvoicedJob, InvoicedRun, InvoiceReconciliation, total
from bot.ledger.account_statement import Flow
from bot.ledger.movements import Cause
from bot.ledger.periods import MOST_DAYS, Period
from bot.ledger.statement_csv import BOM, as_cell
from bot.ledger.statements import StatementReader
from bot.money import show
from bot.provider.invoice import MOST_BYTES, Invoice, UnreadableInvoice, read_invoice
from bot.sizes import MEGABYTE

LISTED = 10
NAME_CHARACTERS = 60
COLUMNS_CHARACTERS = 300
USD_DECIMALS = 6

CSV_COLUMNS = (
    "finding", "job", "server", "model", "invoiced_usd", "expected_usd", "captured_mcr", "lost_mcr", "prediction",
)  # fmt: skip


class FileDownloads(Protocol):
    """Downloads files from other hosts, up to a size limit."""

    async def download(self, url: str, into: Path, *, max_bytes: int) -> object:
        """Download a file. Raises RunFailed."""
        ...


class ReconcileReply:
    """Builds the reply to `/easel-ops reconcile`."""

    def __init__(
        self,
        reconciliation: InvoiceReconciliation,
        statements: StatementReader,
        downloads: FileDownloads,
        responder: Responder,
        *,
        scratch: Path,
    ) -> None:
        self._reconciliation = reconciliation
        self._statements = statements
        self._downloads = downloads
        self._responder = responder
        self._scratch = scratch

    async def compared(self, interaction: discord.Interaction[Any], file: discord.Attachment) -> Card:
        """Compare an attached file. Raises UnusableFile."""
        say = self._responder.speech(interaction)
        invoice = await self._read(file)
        runs = [InvoicedRun(line.id, line.usd, line.at_ms) for line in invoice.lines]
        head = [say("reconcile-head", name=plain(file.filename, NAME_CHARACTERS), lines=len(runs))]
        if invoice.unknown_columns:
            columns = say("comma").join(invoice.unknown_columns)
            head.append(say("reconcile-columns", columns=plain(columns, COLUMNS_CHARACTERS)))
        if not invoice.has_ids:
            return Card(embed=line_embed([*head, *await self._totals(runs, say)], say))
        found = await self._reconciliation.compare(runs)
        made = MadeFile("reconciliation.csv", await asyncio.to_thread(_csv, found))
        return Card(embed=line_embed([*head, *_lines(found, say)], say), made=(made,))

    async def _read(self, file: discord.Attachment) -> Invoice:
        if not file.size:
            raise unusable(file.filename, "empty")
        if file.size > MOST_BYTES:
            raise unusable(file.filename, "file-larger", MOST_BYTES // MEGABYTE)
        try:
            with tempfile.TemporaryDirectory(prefix="easel-", dir=self._scratch) as folder:
                path = Path(folder) / "invoice"
                await self._downloads.download(file.url, path, max_bytes=MOST_BYTES)
                invoice = await asyncio.to_thread(lambda: read_invoice(path.read_bytes()))
        except ResultReplaced as error:  # JSON or a web page, which hosts may send instead of the file
            raise unusable(file.filename, "invoice-no-text") from error
        except RunFailed as error:
            raise unusable(file.filename, "file-not-fetched") from error
        except UnreadableInvoice as error:
            raise unusable(file.filename, error.reason, error.takes) from error
        if invoice.has_ids and not invoice.lines:
            raise unusable(file.filename, "empty")
        return invoice

    async def _totals(self, runs: Sequence[InvoicedRun], say: Speech) -> list[str]:
        """Compare the total of a file without ids to all runs on the days that it covers."""
        usd = _sum(runs, say)
        days = [datetime.fromtimestamp(run.at_ms / 1_000, UTC).date() for run in runs if run.at_ms is not None]
        if not days or (max(days) - min(days)).days >= MOST_DAYS:
            return [say("reconcile-total-only", usd=usd), say("reconcile-no-ids")]
        period = Period(min(days), max(days))
        statement = (await self._statements.of_all_guilds(period, most_csv_bytes=0)).statement
        losses = await self._reconciliation.losses(period.from_ms, period.until_ms)
        amounts = [*((model, spending.captured_mcr) for model, spending in statement.models), *losses]
        expected = sum((self._reconciliation.expected_usd(*amount) for amount in amounts), Fraction(0))
        facts = {
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "captured": show(statement.flows.get(Cause.CAPTURE, Flow()).out_mcr),
            "lost": show(sum(amount for _, amount in losses)),
            "expected": _usd(expected, say),
        }
        return [say("reconcile-totals", usd=usd, **facts), say("reconcile-no-ids")]


def _lines(found: InvoiceComparison, say: Speech) -> Iterator[str]:
    agreeing = found.jobs - len(found.differing) - len(found.unknown)
    amounts = {"captured": show(found.captured_mcr), "lost": show(found.lost_mcr)}
    yield say("reconcile-jobs", jobs=found.jobs, agreeing=agreeing, **amounts)
    if found.running:
        yield say("reconcile-running", count=found.running)
    yield from _listed("reconcile-differing", found.differing, say)
    yield from _listed("reconcile-unknown", found.unknown, say)
    if found.missing is None:
        yield say("reconcile-no-times")
    else:
        yield from _listed("reconcile-missing", found.missing, say)
    for key, runs in (("reconcile-foreign", found.foreign), ("reconcile-unnamed", found.unnamed)):
        if runs:
            yield say(key, count=len(runs), usd=_sum(runs, say))


def _listed(key: str, jobs: Sequence[InvoicedJob], say: Speech) -> Iterator[str]:
    if jobs:
        expected = sum((one.expected_usd for one in jobs), Fraction(0))
        yield say(key, count=len(jobs), usd=_usd(expected, say))
        yield from (_job(one, say) for one in jobs[:LISTED])
        if len(jobs) > LISTED:
            yield say("and-more", count=len(jobs) - LISTED)


def _job(one: InvoicedJob, say: Speech) -> str:
    facts = {"id": one.job.short_id, "model": plain(one.job.model.rpartition("/")[2], NAME_CHARACTERS)}
    return say("reconcile-job", invoiced=_usd(one.usd, say), expected=_usd(one.expected_usd, say), **facts)


def _sum(runs: Sequence[InvoicedRun], say: Speech) -> str:
    """Return the sum of the known amounts, and the number of lines without an amount."""
    known = [run.usd for run in runs if run.usd is not None]
    unknown = len(runs) - len(known)
    if unknown == len(runs):
        return say("reconcile-unknown-usd")
    usd = _usd(total(known), say)
    return say("reconcile-part-unknown", usd=usd, count=unknown) if unknown else usd


def _usd(amount: Fraction | None, say: Speech) -> str:
    return say("reconcile-unknown-usd") if amount is None else f"{_decimal(amount)} USD"


def _decimal(amount: Fraction | None) -> str:
    """Return an amount with up to six decimals; an empty string if it is unknown."""
    if amount is None:
        return ""
    whole, rest = divmod(round(abs(amount) * 10**USD_DECIMALS), 10**USD_DECIMALS)
    decimals = f".{rest:0{USD_DECIMALS}d}".rstrip("0") if rest else ""
    return f"{'-' if amount < 0 and (whole or rest) else ''}{whole}{decimals}"


def _csv(found: InvoiceComparison) -> bytes:
    """Write all differences. The ids come from someone else's file, so they are made harmless to spreadsheets."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    rows.writerow(CSV_COLUMNS)
    groups = (
        ("differs", found.differing),
        ("unknown cost", found.unknown),
        ("not on the invoice", found.missing or ()),
    )
    for finding, jobs in groups:
        for one in jobs:
            job = one.job
            amounts = (_decimal(one.usd), _decimal(one.expected_usd), job.captured_mcr, job.lost_mcr)
            rows.writerow((finding, job.short_id, job.guild, as_cell(job.model), *amounts, ""))
    for finding, runs in (("not Easel's", found.foreign), ("no run named", found.unnamed)):
        for run in runs:
            rows.writerow((finding, "", "", "", _decimal(run.usd), "", "", "", as_cell(run.id)))
    return (BOM + written.getvalue()).encode()
