"""Tests of selects of people, roles and channels: what can be chosen, and how the bot gets it."""

import pytest

from tests.sandbox.discord.sandbox_client import Question

USER, ROLE, MENTIONABLE, CHANNEL = 5, 6, 7, 8
TEXT, CATEGORY = 0, 4


def select(kind, **more):
    return {"type": kind, "custom_id": "s", **more}


async def shown_in_message(sandbox, component):
    row = {"type": 1, "components": [component]}
    message = {"content": "Choose", "components": [row]}
    answer = await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", message)
    assert answer.status == 200, answer.body
    return answer.body["id"]


async def shown_in_modal(sandbox, component):
    question = Question(sandbox, (await sandbox.asked()).id)
    label = {"type": 18, "label": "Choose", "component": component}
    shown = await question.callback({"type": 9, "data": {"custom_id": "m", "title": "Setup", "components": [label]}})
    assert shown.status == 200, shown.body


def role(sandbox, name):
    roles = sandbox.server.world.guilds[int(sandbox.guild)].roles.values()
    return str(next(one.id for one in roles if one.name == name))


@pytest.mark.parametrize(
    ("component", "wanted", "resolved"),
    [
        (select(USER), lambda here: here.id("kai"), ["users", "members"]),
        (select(ROLE), lambda here: role(here, "Patron"), ["roles"]),
        (select(MENTIONABLE), lambda here: role(here, "Patron"), ["roles"]),
        (select(CHANNEL), lambda here: here.channel("studio"), ["channels"]),
        (select(CHANNEL, channel_types=[TEXT]), lambda here: here.channel("studio"), ["channels"]),
    ],
)
async def test_choice_is_resolved_in_messages_and_modals(sandbox, identified, component, wanted, resolved):
    value = wanted(sandbox)
    message = await shown_in_message(sandbox, component)
    await sandbox.interact("component", message_id=message, custom_id="s", values=[value])
    data = (await identified.until("INTERACTION_CREATE"))["d"]["data"]
    assert data["values"] == [value]
    assert {key: list(data["resolved"][key]) for key in resolved} == {key: [value] for key in resolved}

    await shown_in_modal(sandbox, component)
    await sandbox.interact("modal", values={"s": [value]})
    await identified.until("INTERACTION_CREATE")  # the command that showed the modal
    data = (await identified.until("INTERACTION_CREATE"))["d"]["data"]
    assert data["components"][0]["component"]["values"] == [value]
    assert {key: list(data["resolved"][key]) for key in resolved} == {key: [value] for key in resolved}


@pytest.mark.parametrize(
    ("component", "wanted"),
    [
        (select(USER), lambda here: role(here, "Patron")),
        (select(ROLE), lambda here: here.id("kai")),
        (select(CHANNEL), lambda here: here.channel("moderators")),
        (select(CHANNEL, channel_types=[CATEGORY]), lambda here: here.channel("studio")),
    ],
)
async def test_options_the_client_does_not_offer_cannot_be_chosen(sandbox, component, wanted):
    value = wanted(sandbox)
    message = await shown_in_message(sandbox, component)
    refused = await sandbox.refused("component", message_id=message, custom_id="s", values=[value])
    assert "cannot be chosen" in refused
    await shown_in_modal(sandbox, component)
    assert "cannot be chosen" in await sandbox.refused("modal", values={"s": [value]})


async def test_default_of_a_select_in_a_modal_is_kept(sandbox):
    studio = sandbox.channel("studio")
    await shown_in_modal(sandbox, select(CHANNEL, default_values=[{"id": studio, "type": "channel"}]))
    sent = sandbox.interaction(await sandbox.interact("modal", values={}))
    assert sent.data["components"][0]["component"]["values"] == [studio]
    assert sent.named.channels == [int(studio)]


async def test_default_that_was_sent_as_a_number_is_stored_as_text(sandbox):
    studio = sandbox.channel("studio")
    message = await shown_in_message(sandbox, select(CHANNEL, default_values=[{"id": int(studio), "type": "channel"}]))
    seen = await sandbox.call("GET", f"/channels/{sandbox.channel()}/messages/{message}")
    (shown,) = seen.body["components"][0]["components"]
    assert shown["default_values"] == [{"id": studio, "type": "channel"}]


async def test_select_in_a_modal_must_be_used_if_required(sandbox):
    await shown_in_modal(sandbox, select(ROLE))
    assert "must be chosen" in await sandbox.refused("modal", values={})
    await shown_in_modal(sandbox, select(ROLE, required=False))
    assert await sandbox.interact("modal", values={})
