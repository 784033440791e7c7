import discord
import pytest

from bot.chat.cards.card import Card, CardButton, Verb
from bot.chat.cards.text_cards import FENCE, as_text
from bot.chat.discord_limits import CONTENT_CHARACTERS

BUTTON = CardButton(Verb.MORE, "job", "More")


def texts(description: str) -> list[str]:
    return [card.content for card in as_text(Card("Top", discord.Embed(description=description)))]


def test_short_text_stays_one_message():
    assert texts("words") == ["Top\nwords"]


@pytest.mark.parametrize(
    "description",
    ["\n".join(f"line {number}" for number in range(600)), "x" * 4_096, "a\n" + "y" * 4_000, "\n" * 4_000],
    ids=["lines", "one line", "long line", "empty lines"],
)
def test_nothing_of_a_long_text_is_lost(description):
    pages = texts(description)
    assert len(pages) > 1
    assert max(map(len, pages)) <= CONTENT_CHARACTERS
    assert "".join(pages).replace("\n", "") == f"Top{description}".replace("\n", "")


def test_code_block_continues_in_the_next_message():
    code = "\n".join(f"step {number}" for number in range(500))
    pages = texts(f"{FENCE}\n{code}\n{FENCE}\nafter")
    assert all(page.count(FENCE) % 2 == 0 for page in pages)
    assert all(len(page) <= CONTENT_CHARACTERS for page in pages)
    assert pages[-1].endswith("after")


def test_buttons_are_on_the_first_message():
    first, *others = as_text(Card("Top", discord.Embed(description="word\n" * 800), (BUTTON,)))
    assert first.buttons == (BUTTON,)
    assert others
    assert all(card.buttons == () for card in others)
