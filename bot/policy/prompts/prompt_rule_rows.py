"""The SQL of word rules and of the stored AutoMod rules."""

from dataclasses import dataclass
from typing import cast

from bot.storage.operation import Operation, Statement


@dataclass(frozen=True, slots=True)
class WordRule:
    """A keyword of a guild's moderators, as they wrote it. If it only `flags`, an order that matches is not refused."""

    keyword: str
    flags: bool


@dataclass(frozen=True, slots=True)
class StoredAutomod:
    """A guild's AutoMod rules as JSON. They are not `readable` if the bot lacked the Manage Server permission."""

    rules: str
    readable: bool
    at_ms: int


def words(guild: int) -> Operation[tuple[WordRule, ...]]:
    """Return a guild's word rules, ordered by keyword."""
    rows = yield Statement("SELECT keyword, flags FROM word_rule WHERE guild = $1 ORDER BY keyword", guild)
    return tuple(WordRule(cast("str", keyword), bool(flags)) for keyword, flags in rows)


def add_word(guild: int, rule: WordRule, *, by: int, at_ms: int, most: int) -> Operation[bool]:
    """Add a word rule, or change an existing one. Return False if there are too many."""
    rows = yield Statement(
        "INSERT INTO word_rule (guild, keyword, flags, actor, at_ms) "
        "SELECT CAST($1 AS BIGINT), $2, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT) "
        "WHERE EXISTS (SELECT 1 FROM word_rule WHERE guild = $1 AND keyword = $2) "
        "OR (SELECT COUNT(*) FROM word_rule WHERE guild = $1) < CAST($6 AS BIGINT) "
        "ON CONFLICT (guild, keyword) DO UPDATE SET flags = $3, actor = $4, at_ms = $5 RETURNING keyword",
        *(guild, rule.keyword, int(rule.flags), by, at_ms, most),
    )
    return bool(rows)


def remove_word(guild: int, keyword: str) -> Operation[bool]:
    """Remove a word rule. Return False if there is none."""
    rows = yield Statement("DELETE FROM word_rule WHERE guild = $1 AND keyword = $2 RETURNING keyword", guild, keyword)
    return bool(rows)


def automod(guild: int) -> Operation[StoredAutomod | None]:
    """Return a guild's stored AutoMod rules; None if they were never requested."""
    rows = yield Statement("SELECT rules, readable, at_ms FROM automod_rules WHERE guild = $1", guild)
    if not rows:
        return None
    rules, readable, at_ms = rows[0]
    return StoredAutomod(cast("str", rules), bool(readable), cast("int", at_ms))


def store_automod(guild: int, stored: StoredAutomod) -> Operation[None]:
    """Store a guild's AutoMod rules, or the fact that the bot lacks the Manage Server permission to read them."""
    yield Statement(
        "INSERT INTO automod_rules (guild, rules, readable, at_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (guild) DO UPDATE SET rules = $2, readable = $3, at_ms = $4",
        *(guild, stored.rules, int(stored.readable), stored.at_ms),
    )
