from typing import TYPE_CHECKING, Any, cast

import discord
import pytest
from discord import InteractionType

from bot.chat.cards.buttons import view
from bot.chat.cards.card import CardButton, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.component_dispatch import BUTTON_VERBS, ComponentDispatch, ComponentHandlers
from bot.errors import RecordGone
from tests.present import present

if TYPE_CHECKING:
    from discord.types.interactions import ModalSubmitInteraction

JOB = "01JOB0000000000000000AB"
BUTTON, SELECT, OUTDATED = "PressedButton", "UsedSelect", "OutdatedButton"
UNREAD: Any = None
"""In the place of an interaction or an item that is passed on, or ignored, without being read."""


def modal_submit(custom_id):
    """Return a real discord.py interaction of a modal submitted in a direct message."""
    client = discord.Client(intents=discord.Intents.none())
    payload: dict[str, Any] = {
        "id": "3",
        "application_id": "4",
        "type": InteractionType.modal_submit.value,
        "token": "t",
        "version": 1,
        "attachment_size_limit": 10_485_760,
        "entitlements": [],
        "user": {"id": "1", "username": "mira", "discriminator": "0", "avatar": None, "global_name": None},
    }
    data = payload | {"data": {"custom_id": custom_id, "components": []}}
    return discord.Interaction(data=cast("ModalSubmitInteraction", data), state=client._connection)


class Recorded:
    """Handlers that record their calls and raise a given error."""

    def __init__(self, error=None):
        self.calls = []
        self.error = error

    def handlers(self):
        return ComponentHandlers(
            buttons=dict.fromkeys((Verb.CANCEL, Verb.EDIT), self.button),
            options={Verb.EDIT: self.option},
            modal=self.modal,
            return_text=self.return_text,
            outdated=self.outdated,
            explain=self.explain,
        )

    async def button(self, _interaction, pressed):
        self._note("button", pressed)

    async def option(self, _interaction, chosen):
        self._note("option", chosen)

    async def modal(self, _interaction):
        self._note("modal")

    async def return_text(self, _interaction):
        self.calls.append(("return_text",))

    async def outdated(self, _interaction):
        self.calls.append(("outdated",))

    async def explain(self, _interaction, error):
        self.calls.append(("explain", error))

    def _note(self, *call):
        self.calls.append(call)
        if self.error:
            raise self.error


def classes(recorded=None):
    return ComponentDispatch((recorded or Recorded()).handlers()).classes()


def matching(custom_id):
    return [kind for kind in classes() if kind.__discord_ui_compiled_template__.fullmatch(custom_id)]


async def press(recorded, custom_id, values=None):
    """Rebuild a component from its id as discord.py does, and click it."""
    for kind in classes(recorded):
        match = kind.__discord_ui_compiled_template__.fullmatch(custom_id)
        if match:
            component = await kind.from_custom_id(UNREAD, UNREAD, match)
            if values is not None:
                assert isinstance(component.item, discord.ui.Select)
                component.item._values = values
            await component.callback(UNREAD)
    return recorded.calls


@pytest.mark.parametrize(
    ("custom_id", "kind"),
    [
        (f"easel:1:cancel:{JOB}", BUTTON),
        (f"easel:1:notify:{JOB}", BUTTON),
        (f"easel:1:show:{JOB}", BUTTON),
        (f"easel:1:start:{JOB}:0:75000", BUTTON),
        (f"easel:1:reroll:{JOB}", BUTTON),
        (f"easel:1:upscale:{JOB}:3:150000", BUTTON),
        (f"easel:1:delete:{JOB}:1574522479483813899", BUTTON),
        (f"easel:1:edit:p-{JOB}:1", BUTTON),
        (f"easel:1:use:{JOB}", SELECT),
        (f"easel:0:cancel:{JOB}", OUTDATED),
        (f"easel:2:cancel:{JOB}", OUTDATED),
        (f"easel:1:dance:{JOB}", OUTDATED),
        ("easel:1:cancel:", OUTDATED),
        (f"easel:1:cancel:{'x' * 26}", OUTDATED),
    ],
)
def test_exactly_one_class_matches_each_custom_id_of_easel(custom_id, kind):
    assert [found.__name__ for found in matching(custom_id)] == [kind]


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_is_matched_by_exactly_one_class(verb):
    assert [one.__name__ for one in matching(f"easel:1:{verb}:J")] == [BUTTON if verb in BUTTON_VERBS else SELECT]


@pytest.mark.parametrize("custom_id", ["other:1:cancel:x", "", "Easel:1:cancel:x"])
def test_custom_ids_of_other_apps_match_no_class(custom_id):
    assert matching(custom_id) == []


async def test_pressed_button_reaches_the_handler_of_its_verb():
    calls = await press(Recorded(), f"easel:1:edit:{JOB}:2:75000")
    assert calls == [("button", CustomId(Verb.EDIT, JOB, 2, 75_000))]


async def test_rebuilt_button_keeps_its_custom_id():
    (kind,) = matching("easel:7:dance:abc")
    match = present(kind.__discord_ui_compiled_template__.fullmatch("easel:7:dance:abc"))
    again = await kind.from_custom_id(UNREAD, UNREAD, match)
    assert again.custom_id == "easel:7:dance:abc"


async def test_chosen_option_reaches_the_handler_of_its_verb():
    calls = await press(Recorded(), f"easel:1:use:{JOB}", ["edit:2:75000"])
    assert calls == [("option", CustomId(Verb.EDIT, JOB, 2, 75_000))]


@pytest.mark.parametrize("value", ["cancel:1:5", "delete:1", "dance:1:5", "edit", "edit:x:5", "", "edit:1:5:extra"])
async def test_option_without_a_handler_is_answered_as_outdated(value):
    assert await press(Recorded(), f"easel:1:use:{JOB}", [value]) == [("outdated",)]


async def test_select_without_a_value_is_answered_as_outdated():
    assert await press(Recorded(), f"easel:1:use:{JOB}", []) == [("outdated",)]


@pytest.mark.parametrize("custom_id", [f"easel:1:delete:{JOB}:5", f"easel:2:cancel:{JOB}", f"easel:1:dance:{JOB}"])
async def test_button_without_a_handler_is_answered_as_outdated(custom_id):
    assert await press(Recorded(), custom_id) == [("outdated",)]


@pytest.mark.parametrize("error", [RecordGone(), ValueError("a fault")])
async def test_error_of_a_handler_is_explained(error):
    calls = await press(Recorded(error), f"easel:1:cancel:{JOB}")
    assert calls == [("button", CustomId(Verb.CANCEL, JOB)), ("explain", error)]


async def test_submitted_modal_reaches_its_handler():
    recorded = Recorded()
    await ComponentDispatch(recorded.handlers()).submit(modal_submit(f"easel:1:edit:{JOB}"))
    assert recorded.calls == [("modal",)]


async def test_text_of_a_modal_is_returned_after_its_error_is_explained():
    recorded = Recorded(RecordGone())
    await ComponentDispatch(recorded.handlers()).submit(modal_submit(f"easel:1:edit:{JOB}"))
    assert recorded.calls == [("modal",), ("explain", recorded.error), ("return_text",)]


async def test_modal_of_another_app_is_ignored():
    recorded = Recorded()
    await ComponentDispatch(recorded.handlers()).submit(modal_submit("other:modal"))
    assert recorded.calls == []


async def test_component_classes_stay_registered_when_the_views_of_messages_end():
    """discord.py 2.7.1 forgets a template for all messages when a stored view that contains its item goes away."""
    client = discord.Client(intents=discord.Intents.none())
    registered = classes()
    client.add_dynamic_items(*registered)
    store = client._connection._view_store
    for buttons in ((CardButton(Verb.CANCEL, JOB, "Cancel"),), (CardButton(Verb.SHOW, JOB, "Show"),)):
        made = present(view(buttons))
        client._connection.store_view(made, 1)  # must never happen, and must be harmless if it does
        made.stop()
        store.remove_view(made)
    assert set(store._dynamic_items.values()) == set(registered)
