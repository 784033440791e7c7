"""Tests of when AutoMod's rules are requested, and of what applies until they are known."""

import asyncio

import pytest

from bot.errors import AutomodUnknown
from bot.policy.prompts.guild_prompts import PromptRuleBook
from bot.policy.prompts.prompt_rule_rows import WordRule
from bot.policy.prompts.prompt_rules import Author
from tests.manual_clock import ManualClock

GUILD = 7
RULE = {
    "name": "Violence",
    "trigger_type": 1,
    "enabled": True,
    "trigger_metadata": {"keyword_filter": ["gore"]},
    "actions": [{"type": 1}],
}


class Discord:
    """Discord, which answers when the test says so."""

    def __init__(self, answer):
        self.answer, self.asked = answer, 0
        self.called, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def rules(self, guild):
        assert guild == GUILD
        self.asked += 1
        self.called.set()
        await self.gate.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def found(book, text="gore"):
    return [one.rule.name for one in await book.matches(GUILD, [text], Author())]


def book_of(database, discord):
    book = PromptRuleBook(database, ManualClock())
    book.connect(discord)
    return book


async def test_simultaneous_orders_share_one_request(database):
    discord = Discord([RULE])
    book = book_of(database, discord)
    discord.gate.clear()
    orders = [asyncio.create_task(found(book))]
    await discord.called.wait()
    orders += [asyncio.create_task(found(book)) for _ in range(7)]
    await asyncio.sleep(0)
    discord.gate.set()
    assert await asyncio.gather(*orders) == [["Violence"]] * 8
    assert discord.asked == 1
    assert await found(book, "a lake") == []
    assert discord.asked == 1


async def test_change_reported_during_a_request_causes_another_request(database):
    discord = Discord([])
    book = book_of(database, discord)
    discord.gate.clear()
    order = asyncio.create_task(found(book))
    await discord.called.wait()
    book.outdate(GUILD)
    discord.gate.set()
    assert await order == []
    discord.answer = [RULE]
    assert await found(book) == ["Violence"]
    assert discord.asked == 2


async def test_rules_read_before_apply_during_an_outage_and_after_a_restart(database):
    assert await found(book_of(database, Discord([RULE]))) == ["Violence"]
    down = Discord(OSError("no answer"))
    book = book_of(database, down)
    assert await found(book) == ["Violence"]
    assert await found(book) == ["Violence"]
    assert down.asked == 2  # with each order, until there is an answer


async def test_order_is_refused_if_the_rules_were_never_read(database):
    with pytest.raises(AutomodUnknown):
        await found(book_of(database, Discord(OSError())))


async def test_only_words_apply_if_the_rules_may_not_be_read(database):
    book = book_of(database, Discord(None))
    assert await found(book) == []
    assert await book.add_word(GUILD, WordRule("lake", flags=False), by=1)
    assert await found(book, "a lake") == ["lake"]
    assert await book.remove_word(GUILD, "lake", by=1)
    assert not await book.remove_word(GUILD, "lake", by=1)
    assert await found(book, "a lake") == []
