"""The prompt rules of all guilds: words from the database, AutoMod rules from Discord.

AutoMod's rules are requested when a guild's first order after connecting to Discord is judged, and again after Discord
has reported a change. During an outage, the rules that were last read apply.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditedChange
from bot.clock import Clock
from bot.errors import AutomodUnknown, StorageError
from bot.log_context import without_ids
from bot.permissions import ADMINISTRATOR, MANAGE_GUILD
from bot.policy.policy_records import PolicyRequest, PromptFinding
from bot.policy.prompts import prompt_rule_rows
from bot.policy.prompts.automod import AutomodRules, parse
from bot.policy.prompts.keywords import Keyword
from bot.policy.prompts.prompt_rule_rows import StoredAutomod, WordRule
from bot.policy.prompts.prompt_rules import WORDS, Author, PromptMatch, PromptRule, matches
from bot.processes.guild_news import GuildNews
from bot.storage.operation import Database, Operation

AGAIN_S = 1.0
"""How long an order waits for rules that were read before. Discord allows 3 s for a response."""

FIRST_S = 5.0
"""How long an order waits for rules that were never read. Its response is deferred in the meantime."""

MAX_WORDS = 500

log = logging.getLogger(__name__)


class AutomodSource(Protocol):
    """Asks Discord for AutoMod rules."""

    async def rules(self, guild: int) -> list[object] | None:
        """Return a guild's rules as sent; None if the bot may not read them. Raises OSError if there is no answer."""
        ...


@dataclass(frozen=True, slots=True)
class GuildPrompts:
    """A guild's prompt rules. `readable` says whether the bot may read the AutoMod rules; None if that is unknown."""

    words: tuple[WordRule, ...]
    automod: AutomodRules
    readable: bool | None
    at_ms: int


class PromptRuleBook:
    """Keeps the prompt rules of all guilds in memory."""

    def __init__(self, database: Database, clock: Clock, news: GuildNews | None = None) -> None:
        """`news` keeps what is remembered here consistent with other processes."""
        self._database = database
        self._clock = clock
        self._news = news or GuildNews()
        self._news.remember(self._reload)
        self._source: AutomodSource | None = None
        self._known: dict[int, GuildPrompts] = {}
        self._compiled: dict[int, tuple[PromptRule, ...]] = {}
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._fresh: set[int] = set()
        self._changed: set[int] = set()  # by another process, so they are read from the database again

    def connect(self, source: AutomodSource) -> None:
        """Use this source from now on."""
        self._source = source

    def outdate(self, guild: int | None = None) -> None:
        """Request the rules of a guild, or of all guilds, again the next time they are needed."""
        if guild is None:
            self._fresh.clear()
        else:
            self._fresh.discard(guild)

    async def of_guild(self, guild: int) -> GuildPrompts:
        """Return a guild's rules, as up to date as possible now."""
        if guild not in self._known or guild in self._changed:
            await self._load(guild)
        asking = self._asking.get(guild)
        if asking is None and guild not in self._fresh and self._source is not None:
            # Other orders of the guild may wait for this request, too.
            own = without_ids()
            asking = self._asking[guild] = asyncio.create_task(self._ask(guild, self._source), context=own)
        if asking is not None:
            # The request continues after an order has stopped waiting for it.
            await asyncio.wait({asking}, timeout=FIRST_S if self._known[guild].readable is None else AGAIN_S)
        return self._known[guild]

    async def matches(self, guild: int, texts: Sequence[str], author: Author) -> tuple[PromptMatch, ...]:
        """Return the rules that match one of the texts. Raises AutomodUnknown if Discord's rules were never read."""
        known = await self.of_guild(guild)
        if known.readable is None and self._source is not None:
            raise AutomodUnknown
        return matches(self._compiled[guild], texts, author)

    async def findings(self, request: PolicyRequest) -> tuple[PromptFinding, ...]:
        """Return what the rules find in the texts of a request. Raises AutomodUnknown."""
        here = request.asker.here
        author = Author(
            here.roles,
            frozenset({here.channel, here.category}),
            bool(here.permissions & (ADMINISTRATOR | MANAGE_GUILD)),
        )
        found = await self.matches(request.asker.guild, request.texts, author)
        return tuple(PromptFinding(one.rule.source, one.rule.name, one.rule.flags) for one in found)

    async def add_word(self, guild: int, rule: WordRule, *, by: int) -> bool:
        """Add or change a word rule. Return False if there are too many."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[bool]:
            before = {one.keyword: one.flags for one in (yield from prompt_rule_rows.words(guild))}.get(rule.keyword)
            added = yield from prompt_rule_rows.add_word(guild, rule, by=by, at_ms=at_ms, most=MAX_WORDS)
            if added and before != rule.flags:
                was = None if before is None else {"flags": before}
                yield from audit_rows.write(
                    AuditedChange(guild, by, "words.add", rule.keyword, was, {"flags": rule.flags}, at_ms)
                )
            return added

        added = await self._database.run(write)
        self._news.changed(guild)
        await self._load(guild)
        return added

    async def remove_word(self, guild: int, keyword: str, *, by: int) -> bool:
        """Remove a word rule. Return False if there is none."""
        at_ms = self._clock.now_ms()

        def write() -> Operation[bool]:
            removed = yield from prompt_rule_rows.remove_word(guild, keyword)
            if removed:
                yield from audit_rows.write(AuditedChange(guild, by, "words.remove", keyword, {}, None, at_ms))
            return removed

        removed = await self._database.run(write)
        self._news.changed(guild)
        await self._load(guild)
        return removed

    def _reload(self, guild: int | None) -> None:
        # The known rules stay: they say whether Discord's rules may be read, which is not always stored.
        self._changed.update(self._known if guild is None else self._known.keys() & {guild})

    async def _ask(self, guild: int, source: AutomodSource) -> None:
        try:
            # Before the request: if Discord reports a change while it runs, the rules must be requested again.
            self._fresh.add(guild)
            await self._renew(guild, await source.rules(guild))
        except (OSError, StorageError) as error:
            self._fresh.discard(guild)
            log.warning("the AutoMod rules of guild %s cannot be read now: %s", guild, error or type(error).__name__)
        finally:
            self._asking.pop(guild, None)

    async def _renew(self, guild: int, sent: list[object] | None) -> None:
        known = self._known[guild]
        if sent is None and not known.readable:  # the usual case: nothing was read before, and nothing can be read now
            self._known[guild] = replace(known, readable=False)
            return
        stored = StoredAutomod(json.dumps(sent or [], ensure_ascii=False), sent is not None, self._clock.now_ms())
        await self._database.run(lambda: prompt_rule_rows.store_automod(guild, stored))
        self._news.changed(guild)
        await self._load(guild)

    async def _load(self, guild: int) -> None:
        def read() -> Operation[tuple[tuple[WordRule, ...], StoredAutomod | None]]:
            return (yield from prompt_rule_rows.words(guild)), (yield from prompt_rule_rows.automod(guild))

        self._changed.discard(guild)  # before the read: changes that are reported during it must be read again
        words, stored = await self._database.read(read)
        automod = parse(json.loads(stored.rules)) if stored else AutomodRules()
        known = self._known.get(guild)
        readable = stored.readable if stored else known.readable if known else None
        at_ms = stored.at_ms if stored else 0
        self._known[guild] = GuildPrompts(words, automod, readable, at_ms)
        self._compiled[guild] = (*automod.rules, *map(_rule, words))


def _rule(word: WordRule) -> PromptRule:
    keyword = Keyword.read(word.keyword)
    return PromptRule(WORDS, word.keyword, keywords=(keyword,) if keyword else (), flags=word.flags)
