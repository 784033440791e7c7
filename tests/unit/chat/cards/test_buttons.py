import re

import discord
import pytest

from bot.chat.cards.buttons import (
    BUTTONS,
    CancelButton,
    FollowButton,
    NotifyButton,
    ShowButton,
    UnknownButton,
    UseSelect,
    view,
)
from bot.chat.cards.card import Press, Verb

JOB = "01JOB0000000000000000AB"


def templates_that_match(custom_id: str) -> list[type]:
    return [kind for kind in BUTTONS if kind.__discord_ui_compiled_template__.fullmatch(custom_id)]


@pytest.mark.parametrize(
    ("custom_id", "kind"),
    [
        (f"easel:1:cancel:{JOB}", CancelButton),
        (f"easel:1:notify:{JOB}", NotifyButton),
        (f"easel:1:show:{JOB}", ShowButton),
        (f"easel:0:cancel:{JOB}", UnknownButton),
        (f"easel:2:cancel:{JOB}", UnknownButton),
        (f"easel:1:reroll:{JOB}", FollowButton),
        (f"easel:1:upscale:{JOB}:3:150000", FollowButton),
        (f"easel:1:delete:{JOB}:1574522479483813899", FollowButton),
        (f"easel:1:edit:p-{JOB}:1", FollowButton),
        (f"easel:1:use:{JOB}", UseSelect),
        (f"easel:2:reroll:{JOB}", UnknownButton),
        (f"easel:1:dance:{JOB}", UnknownButton),
        ("easel:1:cancel:", UnknownButton),
        (f"easel:1:cancel:{'x' * 26}", UnknownButton),
    ],
)
def test_exactly_one_button_answers_each_custom_id_of_ours(custom_id, kind):
    assert templates_that_match(custom_id) == [kind]


@pytest.mark.parametrize("custom_id", ["other:1:cancel:x", "", "Easel:1:cancel:x"])
def test_no_button_answers_for_others(custom_id):
    assert templates_that_match(custom_id) == []


async def test_a_card_without_buttons_has_no_view():
    assert view(()) is None


async def test_every_component_is_a_dynamic_item_with_a_short_id():
    made = view((Press(Verb.CANCEL, JOB, "Cancel"), Press(Verb.SHOW, JOB, "Show " + "x" * 200)))
    assert [type(child) for child in made.children] == [CancelButton, ShowButton]
    for row in made.to_components():
        for component in row["components"]:
            assert len(component["custom_id"]) <= 100
            assert len(component["label"]) <= 80


async def test_each_message_gets_a_view_of_its_own_that_is_never_stored_and_never_times_out():
    presses = (Press(Verb.CANCEL, JOB, "Cancel"),)
    first, second = view(presses), view(presses)
    assert first is not second
    assert first.timeout is None
    assert first.is_finished()


async def test_a_template_survives_every_edit_stop_and_time_out_of_other_messages():
    """discord.py 2.7.1 forgets a template for all messages when a stored view that held it goes away."""
    client = discord.Client(intents=discord.Intents.none())
    client.add_dynamic_items(*BUTTONS)
    store = client._connection._view_store
    for presses in ((Press(Verb.CANCEL, JOB, "Cancel"),), (Press(Verb.SHOW, JOB, "Show"),), ()):
        made = view(presses)
        if made and not made.is_finished():
            client._connection.store_view(made, 1)
        if made:
            made.stop()
    assert set(store._dynamic_items.values()) == set(BUTTONS)
    assert store._views == {}


async def test_a_pressed_button_is_made_again_from_its_id():
    match = re.fullmatch(CancelButton.__discord_ui_compiled_template__, f"easel:1:cancel:{JOB}")
    again = await CancelButton.from_custom_id(None, None, match)
    assert again.job == JOB
    assert again.custom_id == f"easel:1:cancel:{JOB}"


async def test_a_button_of_another_version_keeps_its_id():
    match = re.fullmatch(UnknownButton.__discord_ui_compiled_template__, "easel:7:dance:abc")
    assert (await UnknownButton.from_custom_id(None, None, match)).custom_id == "easel:7:dance:abc"
