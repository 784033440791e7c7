from typing import Any

import discord
import pytest
from discord import InteractionType

from bot.chat.cards.card import PRIVATE_VERBS, Verb
from bot.chat.cards.custom_ids import CustomId
from bot.chat.discord.component_dispatch import ComponentDispatch, ComponentHandlers
from bot.errors import RecordGone

JOB = "01JOB0000000000000000AB"


def interaction(kind, data, **place):
    """Return a real discord.py interaction, in a direct message by default."""
    client = discord.Client(intents=discord.Intents.none())
    user = {"id": "1", "username": "mira", "discriminator": "0", "avatar": None, "global_name": None}
    payload: Any = {"id": "3", "application_id": "4", "type": kind.value, "token": "t", "version": 1}
    payload |= {"attachment_size_limit": 10_485_760, "entitlements": []}
    return discord.Interaction(data=payload | {"user": user, "data": data} | place, state=client._connection)


def below(flags):
    """Return the fields of an interaction with a component of a message that has these flags."""
    user = {"id": "4", "username": "easel", "discriminator": "0", "avatar": None, "global_name": None}
    message = {"id": "9", "channel_id": "8", "author": user, "content": "", "type": 0, "flags": flags, "embeds": []}
    message |= {"attachments": [], "mentions": [], "mention_roles": [], "mention_everyone": False, "pinned": False}
    message |= {"tts": False, "edited_timestamp": None, "timestamp": "2026-01-01T00:00:00+00:00"}
    return {"message": message}


def modal_submit(custom_id):
    return interaction(InteractionType.modal_submit, {"custom_id": custom_id, "components": []})


class Recorded:
    """Handlers that record their calls and raise a given error."""

    def __init__(self, error=None):
        self.calls = []
        self.error = error

    def handlers(self):
        return ComponentHandlers(
            buttons=dict.fromkeys((Verb.CANCEL, Verb.EDIT, *PRIVATE_VERBS), self.button),
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


async def press(recorded, custom_id, values=None, **place):
    """Click a component."""
    data = {"custom_id": custom_id} | ({} if values is None else {"values": values})
    await ComponentDispatch(recorded.handlers()).handle(interaction(InteractionType.component, data, **place))
    return recorded.calls


async def test_pressed_button_reaches_the_handler_of_its_verb():
    calls = await press(Recorded(), f"easel:1:edit:{JOB}:2:75000")
    assert calls == [("button", CustomId(Verb.EDIT, JOB, 2, 75_000))]


@pytest.mark.parametrize("verb", sorted(PRIVATE_VERBS))
async def test_button_that_replaces_its_message_works_on_private_messages_only(verb):
    private, public = below(flags=1 << 6), below(flags=0)
    assert await press(Recorded(), f"easel:1:{verb}:{JOB}", **public) == [("outdated",)]
    assert await press(Recorded(), f"easel:1:{verb}:{JOB}", **private) == [("button", CustomId(verb, JOB))]


async def test_button_of_a_card_works_on_its_public_message():
    assert await press(Recorded(), f"easel:1:cancel:{JOB}", **below(flags=0)) == [
        ("button", CustomId(Verb.CANCEL, JOB))
    ]


async def test_chosen_option_reaches_the_handler_of_its_verb():
    calls = await press(Recorded(), f"easel:1:use:{JOB}", ["edit:2:75000"])
    assert calls == [("option", CustomId(Verb.EDIT, JOB, 2, 75_000))]


@pytest.mark.parametrize("value", ["cancel:1:5", "delete:1", "dance:1:5", "edit", "edit:x:5", "", "edit:1:5:extra"])
async def test_option_without_a_handler_is_answered_as_outdated(value):
    assert await press(Recorded(), f"easel:1:use:{JOB}", [value]) == [("outdated",)]


async def test_select_without_a_value_is_answered_as_outdated():
    assert await press(Recorded(), f"easel:1:use:{JOB}", []) == [("outdated",)]


@pytest.mark.parametrize(
    "custom_id",
    [
        f"easel:1:unpost:{JOB}:5",
        f"easel:0:cancel:{JOB}",
        f"easel:2:cancel:{JOB}",
        f"easel:1:dance:{JOB}",
        "easel:1:cancel:",
        f"easel:1:cancel:{'x' * 26}",
        "other:1:cancel:x",
        "",
        None,
    ],
)
async def test_button_without_a_handler_is_answered_as_outdated(custom_id):
    assert await press(Recorded(), custom_id) == [("outdated",)]


@pytest.mark.parametrize("error", [RecordGone(), ValueError("a fault")])
async def test_error_of_a_handler_is_explained(error):
    calls = await press(Recorded(error), f"easel:1:cancel:{JOB}")
    assert calls == [("button", CustomId(Verb.CANCEL, JOB)), ("explain", error)]


async def test_submitted_modal_reaches_its_handler():
    recorded = Recorded()
    await ComponentDispatch(recorded.handlers()).handle(modal_submit(f"easel:1:edit:{JOB}"))
    assert recorded.calls == [("modal",)]


async def test_text_of_a_modal_is_returned_after_its_error_is_explained():
    recorded = Recorded(RecordGone())
    await ComponentDispatch(recorded.handlers()).handle(modal_submit(f"easel:1:edit:{JOB}"))
    assert recorded.calls == [("modal",), ("explain", recorded.error), ("return_text",)]


async def test_unknown_modal_is_answered_as_outdated():
    recorded = Recorded()
    await ComponentDispatch(recorded.handlers()).handle(modal_submit("other:modal"))
    assert recorded.calls == [("outdated",)]


@pytest.mark.parametrize("kind", [InteractionType.application_command, InteractionType.autocomplete])
async def test_commands_are_left_to_the_command_tree(kind):
    recorded = Recorded()
    await ComponentDispatch(recorded.handlers()).handle(interaction(kind, {"name": "imagine"}))
    assert recorded.calls == []
