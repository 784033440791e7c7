"""Going on from a result, as people do it: pressing, choosing, filling in."""

from bot.storage.operation import Statement


def controls(message):
    """A message's buttons and selects."""
    return [one for row in message.get("components", ()) for one in row["components"]]


def button(message, name):
    """The button whose label begins so."""
    return next(one for one in controls(message) if named(one).startswith(name))


def named(one):
    return one.get("label", "").removeprefix("⋯ ")


def names(message):
    """What the buttons say, without their prices."""
    return [named(one).partition(" · ")[0] for one in controls(message) if "label" in one]


async def press(stage, user, message, name):
    return await _component(stage, user, message, button(message, name)["custom_id"])


async def choose(stage, user, message, label):
    """Choose the option of that label in the message's select."""
    select = next(one for one in controls(message) if one["type"] == 3)
    value = next(option["value"] for option in select["options"] if option["label"] == label)
    return await _component(stage, user, message, select["custom_id"], values=[value])


async def modal(stage, answer):
    """The modal that an answer opened."""
    return (await stage.get(f"/_sandbox/interactions/{answer.id}"))["modal"]


async def submit(stage, answer, text):
    """Fill in the modal that an answer opened."""
    shown = await modal(stage, answer)
    return await stage.do(
        answer.user, "modal", channel=answer.channel, custom_id=shown["custom_id"], values={"text": text}
    )


async def menu(stage, user, message, name):
    """Open a message's menu and choose from it."""
    channel = str(message["channel_id"])
    return await stage.do(user, "message_menu", channel=channel, name=name, target_id=message["id"])


async def forget(stage, short_id):
    """Delete a job's record, as a guild's wish or a member's would."""
    job = (await stage.app.jobs.find(stage.world.guild, short_id)).job.id

    def deleted():
        for table in ("attempt", "artefact", "input_file", "loss", "prediction"):
            yield Statement(f"DELETE FROM {table} WHERE job = $1", job)
        yield Statement("DELETE FROM job WHERE id = $1", job)

    await stage.app.database.run(deleted)


async def _component(stage, user, message, custom_id, **rest):
    channel = str(message["channel_id"])
    return await stage.do(user, "component", channel=channel, message_id=message["id"], custom_id=custom_id, **rest)
