import discord

from bot.chat.cards.button_rendering import view
from bot.chat.cards.card import Card, CardButton, CardSelect, CardSelectOption, Verb
from tests.present import present

JOB = "01JOB0000000000000000AB"


async def test_card_without_buttons_has_no_view():
    assert view(Card()) is None


async def test_components_fit_within_discords_limits():
    select = CardSelect(JOB, "p" * 200, (CardSelectOption("edit:1:5", "l" * 200, "d" * 200),))
    buttons = (CardButton(Verb.CANCEL, JOB, "Cancel"), CardButton(Verb.SHOW, JOB, "Show " + "x" * 200))
    made = present(view(Card(buttons=buttons, selects=(select,))))
    select, *buttons = [one for row in made.to_components() for one in row["components"]]
    assert len(select["placeholder"]) == 150
    assert {len(select["options"][0][part]) for part in ("label", "description")} == {100}
    assert [button["custom_id"] for button in buttons] == [f"easel:1:cancel:{JOB}", f"easel:1:show:{JOB}"]
    assert len(buttons[1]["label"]) == 80


async def test_each_message_gets_a_new_finished_view_without_a_timeout():
    buttons = (CardButton(Verb.CANCEL, JOB, "Cancel"),)
    first, second = present(view(Card(buttons=buttons))), present(view(Card(buttons=buttons)))
    assert first is not second
    assert first.timeout is None
    assert first.is_finished()


async def test_views_contain_no_dynamic_items_that_a_stored_view_could_unregister():
    select = CardSelect(JOB, "", (CardSelectOption("edit:1:5", "a", "b"),))
    made = present(view(Card(buttons=(CardButton(Verb.CANCEL, JOB, "Cancel"),), selects=(select,))))
    assert [child for child in made.children if isinstance(child, discord.ui.DynamicItem)] == []
