"""Tests that a page stays within Discord's limits, whatever its entries are."""

from bot.chat.cards.card import CardButton, MadeFile, Verb
from bot.chat.cards.list_page import ENTRIES, ListedEntry, ListPage
from bot.chat.discord_limits import COMPONENT_TEXT_CHARACTERS, COMPONENTS, CONTENT_CHARACTERS
from bot.chat.texts.texts import Texts

SAY = Texts.load().speech("en-US")
HEAD = "**Your history** · 200 jobs, page 39 of 40"


def button(verb: Verb, number: int, label: str = "Show me") -> CardButton:
    return CardButton(verb, f"01JOB0000000000000000AB{number:02}", label)


def fullest(text: str = "x", *, pictures: bool = True) -> ListPage:
    """Return a page with as much content as a page can have."""
    verbs = (Verb.SHOW, Verb.POST, Verb.STAR)
    entries = tuple(
        ListedEntry(
            f"K7QF-{number}M",
            text,
            MadeFile(f"K7QF-{number}M.jpg", b"jpeg", "alt") if pictures else None,
            tuple(button(verb, number) for verb in verbs),
        )
        for number in range(ENTRIES)
    )
    return ListPage(HEAD, entries, (button(Verb.PAGE, 1, "◀ Newer"), button(Verb.PAGE, 2, "Older ▶")))


def counted(components: list) -> int:
    below = [*(one.get("components", []) for one in components)]
    accessories = sum("accessory" in one for one in components)
    return len(components) + accessories + sum(map(counted, below))


def test_fullest_page_has_as_many_components_as_discord_allows():
    assert counted(fullest().view().to_components()) == COMPONENTS


def test_texts_of_a_page_stay_below_discords_limit():
    assert fullest("x" * 9_999).view().content_length() <= COMPONENT_TEXT_CHARACTERS


def test_entry_without_picture_is_plain_text():
    (box, _) = fullest(pictures=False).view().to_components()
    assert {one["type"] for one in box["components"]} == {10, 1}  # text displays and rows


def test_thumbnails_refer_to_the_names_of_their_files():
    page = fullest()
    (box, _) = page.view().to_components()
    shown = [one["accessory"]["media"]["url"] for one in box["components"] if one["type"] == 9]
    assert shown == [f"attachment://{file.filename}" for file in page.open_files()]


async def test_view_is_not_remembered_by_the_library():
    assert fullest().view().is_finished()


def test_classic_message_names_the_entry_of_each_button():
    card = fullest().as_card(SAY)
    assert len(card.content) <= CONTENT_CHARACTERS
    assert [one.label for one in card.buttons[:4]] == ["Show me K7QF-0M"] * 3 + ["Show me K7QF-1M"]
    assert [one.label for one in card.buttons[-2:]] == ["◀ Newer", "Older ▶"]
