"""Tests that the end shown on a card can be read back from its message in every language."""

from typing import Any

import discord
import pytest

from bot.chat.cards import job_card
from bot.chat.cards.shown_end import charged_mcr, result_files, shown_end
from bot.chat.texts.texts import Texts
from bot.jobs.ports import CardEnd
from bot.jobs.records import State, Visibility
from tests.unit.chat import samples
from tests.unit.chat.embeds import embed_of
from tests.unit.chat.ftl import EVERY_LANGUAGE

ENDS = {
    State.ACCEPTED: None,
    State.WAITING: None,
    State.RUNNING: None,
    State.COLLECTING: None,
    State.DELIVERING: CardEnd.RESULT,
    State.DONE: CardEnd.RESULT,
    State.UNDELIVERED: CardEnd.RESULT,
    State.FAILED: CardEnd.FAILED,
    State.EXPIRED: CardEnd.FAILED,
    State.ORPHANED: CardEnd.FAILED,
    State.CANCELLED: CardEnd.CANCELLED,
}


def card(state, locale, **job):
    has_result = ENDS[state] is CardEnd.RESULT
    snapshot = samples.snapshot(state=state, captured_mcr=job.pop("captured_mcr", 75_000) if has_result else 0, **job)
    return job_card.card(snapshot, Texts.load().speech(locale), now_ms=0)


def test_every_state_is_tried():
    assert set(ENDS) == set(State)


@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
@pytest.mark.parametrize("state", State)
def test_end_is_read_from_text_and_from_colour(state, locale):
    shown = card(state, locale)
    assert shown_end(shown.content, []) is ENDS[state]
    assert shown_end("", [embed_of(shown)]) is ENDS[state]


@pytest.mark.parametrize("locale", EVERY_LANGUAGE)
@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("amount", [1, 75_000, 13_750, 1_234_567_000, 1_925_000_500])
def test_price_is_read_exactly_with_and_without_a_balance(locale, visibility, amount):
    shown = card(State.DONE, locale, captured_mcr=amount, visibility=visibility)
    assert charged_mcr(shown.content, Texts.load().speech(locale)) == amount


def test_text_without_a_price_has_none():
    say = Texts.load().speech("en-US")
    assert charged_mcr("✅ **Ready** · many credits", say) is None
    assert shown_end("hello", [discord.Embed(colour=0x123456), discord.Embed()]) is None


def attachment(number: int, name: str) -> discord.Attachment:
    url = f"https://cdn/{name}"
    state: Any = discord.Client(intents=discord.Intents.none())._connection
    data: Any = {"id": str(number), "filename": name, "size": 1, "url": url, "proxy_url": url}
    return discord.Attachment(data=data, state=state)


def test_only_results_are_found_by_their_names():
    names = ["easel-K7QF-2M-2.png", "easel-K7QF-2M-1.webp", "poster.jpg", "easel-K7QF-2M-x.png"]
    files = result_files([attachment(number, name) for number, name in enumerate(names)])
    assert [(file.number, file.name) for file in files] == [(1, names[1]), (2, names[0])]
