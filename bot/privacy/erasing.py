"""The transaction that erases a member, or forgets a guild: all of it is stored or none of it.

Files are removed beforehand. The treatment of each table is in bot/privacy/personal_data.py; texts of jobs and the
ledger are rewritten by the code that knows their format.
"""

# ruff: noqa: S608 - only constants of bot/privacy/personal_data.py are put into SQL texts; values are parameters
import json
import re
from collections.abc import Mapping
from datetime import UTC
from typing import cast

from bot.calendar_periods import Every, name_at
from bot.catalogue.serial import UnknownForm
from bot.funding import allowance_rows
from bot.jobs.records import LIVE, State
from bot.jobs.store import takedown_rows
from bot.ledger import renaming
from bot.moderation import report_rows
from bot.policy import guild_policy_rows
from bot.privacy import pending_scrub
from bot.privacy.personal_data import TABLES
from bot.privacy.treatments import NOTHING, OF_GUILD, OF_MEMBER, Fate, Table, Treatment
from bot.storage.operation import Operation, SqlValue, Statement

DAY_MS = 24 * 60 * 60 * 1_000

PAGE = 500
Texts = Mapping[str, tuple[str, str]]
"""The order and the plan of each job, without texts."""

_UNFINISHED = ", ".join(f"'{state.value}'" for state in sorted(LIVE | {State.DELIVERING}))
_ABOUT_A_PERSON = frozenset({"reason", "message", "note", "prompt"})
_TEXTS = frozenset({"ordered", "planned"})
_EMPTY = "{}"

_RULES_ABOUT = (
    "SELECT guild FROM policy_rule WHERE scope = 'member' AND subject = $1"
    " UNION SELECT guild FROM approval_exemption WHERE member = $1"
    " UNION SELECT guild FROM member_block WHERE member = $1"
)

_FILES = (
    "SELECT a.path FROM artefact AS a JOIN job AS j ON j.id = a.job WHERE j.{whose} UNION SELECT i.path FROM"
    " input_file AS i JOIN job AS j ON j.id = i.job WHERE j.{whose} AND NOT EXISTS (SELECT 1 FROM artefact AS a"
    " JOIN job AS o ON o.id = a.job WHERE a.path = i.path AND NOT (o.{whose}))"
)

_OBSTACLES = (
    f"SELECT 1 FROM job WHERE {{whose}} AND (state IN ({_UNFINISHED}) OR notice = 'due')"
    " UNION ALL SELECT 1 FROM takedown AS t JOIN job AS j ON j.id = t.job WHERE t.done = 0 AND j.{whose}"
    # A person who asked for a grant could approve it under the id of a new member. No guild has the id of a person.
    " UNION ALL SELECT 1 FROM waiting_grant WHERE ({whose} OR asker = $1) AND state = 'waiting'"
    f" UNION ALL SELECT 1 FROM job AS l JOIN input_file AS f ON f.job = l.id WHERE l.state IN ({_UNFINISHED})"
    f" AND f.path IN ({_FILES}) LIMIT 1"
)


def waits(whose: str, number: int) -> Operation[bool]:
    """Return whether something has to end first: a job, a message, a takedown, a grant, or another job with a file."""
    return bool((yield Statement(_OBSTACLES.format(whose=whose), number)))


def texts(whose: str, number: int, after: str) -> Operation[dict[str, tuple[str, str]]]:
    """Return the next jobs after this id, with their orders and plans without texts."""
    rows = yield Statement(
        f"SELECT id, ordered, planned FROM job WHERE {whose} AND id > $2 ORDER BY id LIMIT {PAGE}", number, after
    )
    return {job: _erased(ordered, planned) for job, ordered, planned in cast("list[tuple[str, str, str]]", rows)}


def erase_member(member: int, pseudonym: int, erased: Texts, at_ms: int) -> Operation[bool]:
    """Erase a member who has asked for it. Return False, with nothing changed, if something has to end first.

    `erased` contains the orders and plans of all their jobs, without texts. Their files must already be gone.
    """
    if (yield from waits(OF_MEMBER, member)) or not (yield from _is_complete(OF_MEMBER, member, erased)):
        return False
    yield from renaming.empty_accounts(member, at_ms)
    yield Statement("INSERT INTO renaming (kind, was, becomes) VALUES ('member', $1, $2)", member, pseudonym)
    yield from renaming.rename_member(member, pseudonym)
    yield from _remove_uses(OF_MEMBER, member, at_ms)
    # Blocks that are over no longer decide anything.
    yield Statement("DELETE FROM member_block WHERE member = $1 AND until_ms <= $2", member, at_ms)
    for (guild,) in (yield Statement(_RULES_ABOUT, member)):
        yield from guild_policy_rows.bump(cast("int", guild))
    for job, (ordered, planned) in erased.items():
        yield from takedown_rows.store_texts(job, ordered, planned)
    reports = yield Statement("SELECT report FROM reporter WHERE member = $1", member)
    for name, table in TABLES.items():
        yield from _erase(name, table, member, pseudonym)
    # A guild's month may have begun up to a day later than in UTC.
    yield from allowance_rows.keep_claims(member, pseudonym, name_at(Every.MONTH, at_ms - DAY_MS, UTC))
    for (report,) in reports:
        yield from report_rows.repeat_reasons(cast("int", report))
    yield Statement("DELETE FROM renaming")
    yield from pending_scrub.is_due()
    return True


def forget_guild(guild: int, pseudonym: int, erased: Texts, at_ms: int) -> Operation[bool]:
    """Delete a guild's settings and rules, and erase the texts of its jobs.

    Return False if something has to end first.
    """
    if (yield from waits(OF_GUILD, guild)) or not (yield from _is_complete(OF_GUILD, guild, erased)):
        return False
    yield Statement("INSERT INTO renaming (kind, was, becomes) VALUES ('guild', $1, $2)", guild, pseudonym)
    yield from _remove_uses(OF_GUILD, guild, at_ms)
    for job, (ordered, planned) in erased.items():
        yield from takedown_rows.store_texts(job, ordered, planned)
    for name, table in TABLES.items():
        yield from _forget(name, table, guild, pseudonym)
    yield from renaming.rename_guild(guild, pseudonym)
    yield Statement("DELETE FROM renaming")
    yield from pending_scrub.is_due()
    return True


def _erased(ordered: str, planned: str) -> tuple[str, str]:
    try:
        return takedown_rows.erased_texts(ordered, planned)
    except UnknownForm:  # nobody could read that job before, and nobody can afterwards
        return _EMPTY, _EMPTY


def _is_complete(whose: str, number: int, erased: Texts) -> Operation[bool]:
    rows = yield Statement(f"SELECT COUNT(*) FROM job WHERE {whose}", number)
    return rows[0][0] == len(erased)


def _remove_uses(whose: str, number: int, at_ms: int) -> Operation[None]:
    """Record in other members' jobs that the files that they were made from are gone."""
    yield Statement(
        f"UPDATE input_file SET removed_ms = $2 WHERE removed_ms IS NULL AND path IN ({_FILES.format(whose=whose)})",
        number,
        at_ms,
    )
    yield Statement(
        f"UPDATE artefact SET removed_ms = $2 WHERE removed_ms IS NULL AND job IN (SELECT id FROM job WHERE {whose})",
        number,
        at_ms,
    )


def _erase(name: str, table: Table, member: int, pseudonym: int) -> Operation[None]:
    if table.deleted != NOTHING:
        yield Statement(f"DELETE FROM {name} WHERE {table.deleted}", member)
    yield from _empty(name, table, table.about, member)
    people = table.people.split()
    if people:
        changes = ", ".join(f"{one} = CASE {one} WHEN $1 THEN $2 ELSE {one} END" for one in people)
        found = " OR ".join(f"{one} = $1" for one in people)
        yield Statement(f"UPDATE {name} SET {changes} WHERE {table.unnamed} AND ({found})", member, pseudonym)
    if table.mentions:
        yield from _replace_mentions(name, table.mentions.split(), member)


def _forget(name: str, table: Table, guild: int, pseudonym: int) -> Operation[None]:
    if table.forgotten is Fate.DELETED:
        yield Statement(f"DELETE FROM {name} WHERE {table.of_guild}", guild)
    elif table.forgotten is Fate.EMPTIED:
        yield from _empty(name, table, table.of_guild, guild)
        if table.columns.get("guild") is Treatment.GUILD:
            yield Statement(f"UPDATE {name} SET guild = $2 WHERE guild = $1", guild, pseudonym)


def _empty(name: str, table: Table, condition: str, number: int) -> Operation[None]:
    values = {column: value for column, value in table.erased.items() if column not in _TEXTS}
    if values:
        changes = ", ".join(f"{column} = {value}" for column, value in values.items())
        yield Statement(f"UPDATE {name} SET {changes} WHERE {condition}", number)


def _replace_mentions(name: str, columns: list[str], member: int) -> Operation[None]:
    key = "id" if "id" in TABLES[name].columns else "guild"
    found = " OR ".join(f"{column} LIKE '%' || CAST($1 AS TEXT) || '%'" for column in columns)
    rows = yield Statement(f"SELECT {key}, {', '.join(columns)} FROM {name} WHERE {found}", member)
    for number, *values in rows:
        changed = without_mentions(values, member)
        changes = ", ".join(f"{column} = ${place}" for place, column in enumerate(columns, 2))
        yield Statement(f"UPDATE {name} SET {changes} WHERE {key} = $1", number, *changed)


def without_mentions(values: list[SqlValue], member: int) -> list[SqlValue]:
    """Replace an id with 0 in texts and JSON. Texts about that member are emptied."""
    documents = [_document(value) for value in values]
    is_about = any(found.get("member") == str(member) for found in documents if found is not None)
    replaced: list[SqlValue] = []
    for value, found in zip(values, documents, strict=True):
        text = value
        if is_about and found is not None:
            emptied = {name: "" if name in _ABOUT_A_PERSON else kept for name, kept in found.items()}
            text = json.dumps(emptied, sort_keys=True, ensure_ascii=False)
        replaced.append(re.sub(rf"(?<!\d){member}(?!\d)", "0", text) if isinstance(text, str) else text)
    return replaced


def _document(value: SqlValue) -> dict[str, object] | None:
    try:
        found: object = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return cast("dict[str, object]", found) if isinstance(found, dict) else None
