"""Member actions on a result's components: pressing buttons, choosing in selects, filling in modals."""

from bot.storage.operation import Statement
from tests.wire.stage import buttons


def controls(message):
    """Return a message's buttons and selects."""
    return buttons(message)


def button(message, name):
    """Return the button whose label begins with this name."""
    return next(one for one in controls(message) if label_of(one).startswith(name))


def label_of(one):
    return one.get("label", "").removeprefix("⋯ ")


def names(message):
    """Return the labels of the buttons without their prices."""
    return [label_of(one).partition(" · ")[0] for one in controls(message) if "label" in one]


async def press(stage, user, message, name):
    return await press_id(stage, user, message, button(message, name)["custom_id"])


async def choose(stage, user, message, label):
    """Choose the option with this label in the message's select."""
    select = next(one for one in controls(message) if one["type"] == 3)
    value = next(option["value"] for option in select["options"] if option["label"] == label)
    return await press_id(stage, user, message, select["custom_id"], values=[value])


async def modal(stage, answer):
    """Return the modal that an answer opened, if any."""
    return (await stage.get(f"/_sandbox/interactions/{answer.id}"))["modal"]


async def submit(stage, answer, text):
    """Fill in and submit the modal that an answer opened."""
    shown = await modal(stage, answer)
    return await stage.do(
        answer.user, "modal", channel=answer.channel, custom_id=shown["custom_id"], values={"text": text}
    )


async def menu(stage, user, message, name):
    """Use a command in a message's context menu."""
    channel = str(message["channel_id"])
    return await stage.do(user, "message_menu", channel=channel, name=name, target_id=message["id"])


async def delete_record(stage, short_id):
    """Delete a job's record from the database."""
    job = (await stage.app.jobs.find(stage.world.guild, short_id)).job.id

    def delete():
        for table in ("attempt", "artefact", "input_file", "loss", "prediction"):
            yield Statement(f"DELETE FROM {table} WHERE job = $1", job)
        yield Statement("DELETE FROM job WHERE id = $1", job)

    await stage.app.database.run(delete)


async def press_id(stage, user, message, custom_id, **rest):
    """Press the component with this id."""
    channel = str(message["channel_id"])
    return await stage.do(user, "component", channel=channel, message_id=message["id"], custom_id=custom_id, **rest)
