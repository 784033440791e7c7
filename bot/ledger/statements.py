"""Statements of members, servers and all servers. Everything is computed from the transfers; nothing else is stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.ledger import transfer_pages
from bot.ledger.account_statement import AccountStatement, Standing, Tally
from bot.ledger.ledger_records import Account
from bot.ledger.movements import Movement, movements
from bot.ledger.periods import Period
from bot.ledger.statement_csv import StatementRows
from bot.ledger.transfer_pages import PAGE, Book
from bot.storage.operation import Database


@dataclass(frozen=True, slots=True)
class WrittenStatement:
    """A statement and its rows as CSV, which are None if they exceed the requested size."""

    statement: AccountStatement
    csv: bytes | None


class StatementReader:
    """Reads statements. A statement and its CSV rows come from the same transfers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_member(
        self, member: int, guild: int | None, period: Period, *, most_csv_bytes: int
    ) -> WrittenStatement:
        """Return a member's statement for one guild, or for all of their guilds together."""
        newest = await self._database.read(transfer_pages.newest)
        books = await self._database.read(lambda: transfer_pages.books_of_member(member, guild))
        return await self._of(books, newest, period, most_csv_bytes)

    async def of_guild(self, guild: int, period: Period, *, most_csv_bytes: int) -> WrittenStatement:
        """Return the statement of a guild: its pool and its members together."""
        newest = await self._database.read(transfer_pages.newest)
        return await self._of([Book(guild)], newest, period, most_csv_bytes)

    async def of_all_guilds(self, period: Period, *, most_csv_bytes: int) -> WrittenStatement:
        """Return the statement of all guilds together."""
        newest = await self._database.read(transfer_pages.newest)
        books = await self._database.read(transfer_pages.books_of_all_guilds)
        return await self._of(books, newest, period, most_csv_bytes)

    async def _of(self, books: Sequence[Book], newest: int, period: Period, most_csv_bytes: int) -> WrittenStatement:
        tally, rows = Tally(period), StatementRows(period, most_bytes=most_csv_bytes)
        for book in books:
            await self._add(book, newest, period, tally, rows)
        return WrittenStatement(tally.result(), rows.content())

    async def _add(self, book: Book, newest: int, period: Period, tally: Tally, rows: StatementRows) -> None:
        """Add the transfers of one book, page by page, so that no read takes long."""
        opening = Standing()
        for sums in await self._database.read(lambda: transfer_pages.opening(book, period.from_ms, newest)):
            opening = opening.plus(sums.account, sums.available_mcr, sums.held_mcr)
            tally.open(sums.account, sums.available_mcr, sums.held_mcr)
        rows.open(book.guild, opening)
        from_ms, after, more = period.from_ms, 0, True
        while more:
            page = await self._database.read(
                lambda from_ms=from_ms, after=after: transfer_pages.page(
                    book, from_ms, period.until_ms, newest, after=after
                )
            )
            for transfer in page:
                moved = list(_in_book(book, movements(transfer)))
                tally.add(moved)
                for movement in () if rows.full else moved:
                    rows.add(movement)
            more = len(page) == PAGE
            if more:
                from_ms, after = page[-1].at_ms, page[-1].id
        rows.close()


def _in_book(book: Book, moved: Sequence[Movement]) -> Iterator[Movement]:
    for movement in moved:
        if not book.member or (movement.account is Account.MEMBER and movement.owner == book.member):
            yield movement
