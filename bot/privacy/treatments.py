"""How each table and column is treated when a member is erased, a server is forgotten, or a member's data is exported.

A test fails if a table or a column of the database is missing from bot/privacy/personal_data.py: whoever adds one
decides there what it says about people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Treatment(StrEnum):
    """The treatments of a column when a member is erased."""

    KEPT = "kept"
    """The column says nothing about a person, or only together with an id that is replaced."""
    GUILD = "guild"
    """A guild's id. It stays when a member is erased, and is replaced when the guild is forgotten."""
    PERSON = "person"
    """A person's id, which is replaced by the pseudonym in every row."""
    MENTIONS = "mentions"
    """Text that may contain a person's id, which is replaced by 0 in every row."""
    IN_FORCE = "in-force"
    """An id that stays, because a decision about that person or guild is still in force."""
    ERASED = "erased"
    """Emptied in the rows that are about the member, or deleted with them."""
    LEDGER = "ledger"
    """Rewritten by bot/ledger/renaming.py, which keeps the ledger sound."""


class Fate(StrEnum):
    """The treatments of the rows of a guild that is forgotten."""

    DELETED = "deleted"
    EMPTIED = "emptied"
    """The rows stay for the ledger, under a pseudonymous guild; what is erased with a member is emptied in each row."""
    KEPT = "kept"
    """The rows belong to no guild, or only to a job, and contain no personal data."""


NOTHING = "1 = 0"
EVERYTHING = "1 = 1"
"""The SQL conditions that no row meets and that every row meets."""

OF_MEMBER = "member = $1"
OF_GUILD = "guild = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The treatment of one table. Names of columns are separated by spaces; conditions are SQL, with $1 for an id.

    `about` selects the rows that are about a member: they are exported, except those that `withheld` selects, without
    the `hidden` columns, and the columns in `erased` get these SQL values when the member is erased. `deleted` selects
    the rows that are deleted then. `of_guild` selects the rows of a guild.
    """

    kept: str = ""
    guild: str = ""
    people: str = ""
    mentions: str = ""
    in_force: str = ""
    ledger: str = ""
    lost: str = ""
    """Columns that are always deleted with their row."""
    erased: Mapping[str, str] = field(default_factory=dict[str, str])
    about: str = NOTHING
    deleted: str = NOTHING
    unnamed: str = EVERYTHING
    """The rows in which people's ids are replaced."""
    of_guild: str = OF_GUILD
    forgotten: Fate = Fate.DELETED
    withheld: str = NOTHING
    hidden: str = ""
    seen: str = ""
    """Columns with other people's ids that the member has seen, so that they are exported."""
    documents: str = ""
    """Columns with JSON."""

    @property
    def columns(self) -> Mapping[str, Treatment]:
        """The treatment of each column."""
        groups = {
            Treatment.KEPT: self.kept,
            Treatment.GUILD: self.guild,
            Treatment.PERSON: self.people,
            Treatment.MENTIONS: self.mentions,
            Treatment.IN_FORCE: self.in_force,
            Treatment.LEDGER: self.ledger,
            Treatment.ERASED: f"{self.lost} {' '.join(self.erased)}",
        }
        return {column: treatment for treatment, columns in groups.items() for column in columns.split()}
