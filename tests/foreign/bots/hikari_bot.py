"""The conversation of tests/foreign, with hikari."""

import base64
import os

import hikari

bot = hikari.GatewayBot(
    os.environ["TOKEN"], rest_url=os.environ["SANDBOX_URL"] + "/api/v10", intents=hikari.Intents.GUILDS, banner=None
)
PIXEL = base64.b64decode(os.environ["PIXEL"])


@bot.listen(hikari.StartedEvent)
async def register(_: hikari.StartedEvent) -> None:
    application = await bot.rest.fetch_application()
    picture = bot.rest.slash_command_builder("picture", "Make a picture")
    for kind, name, more in (
        (hikari.OptionType.STRING, "prompt", {"is_required": True, "autocomplete": True}),
        (hikari.OptionType.ATTACHMENT, "image", {}),
        (hikari.OptionType.USER, "who", {}),
    ):
        picture.add_option(hikari.CommandOption(type=kind, name=name, description="x", **more))
    look = bot.rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Look")
    await bot.rest.set_application_commands(application.id, [picture, look])
    print("ready", flush=True)


@bot.listen(hikari.AutocompleteInteractionCreateEvent)
async def suggest(event: hikari.AutocompleteInteractionCreateEvent) -> None:
    typed = str(event.interaction.options[0].value)
    await event.interaction.create_response([hikari.impl.AutocompleteChoiceBuilder(f"{typed}!", typed)])


@bot.listen(hikari.CommandInteractionCreateEvent)
async def command(event: hikari.CommandInteractionCreateEvent) -> None:
    asked = event.interaction
    if asked.command_type is hikari.CommandType.MESSAGE:
        (target,) = asked.resolved.messages.values()
        text = f"files {len(target.attachments)}"
        await asked.create_initial_response(
            hikari.ResponseType.MESSAGE_CREATE, text, flags=hikari.MessageFlag.EPHEMERAL
        )
        return
    await asked.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    given = {option.name: option.value for option in asked.options}
    image = asked.resolved.attachments[given["image"]].filename if "image" in given else "nothing"
    who = asked.resolved.users[given["who"]].username if "who" in given else "nobody"
    row = bot.rest.build_message_action_row().add_interactive_button(hikari.ButtonStyle.PRIMARY, "again", label="Again")
    text = f"made {given['prompt']} from {image} for {who}"
    await asked.edit_initial_response(text, attachment=hikari.Bytes(PIXEL, "a.png"), component=row)
    await asked.execute("only you", flags=hikari.MessageFlag.EPHEMERAL)


@bot.listen(hikari.ComponentInteractionCreateEvent)
async def press(event: hikari.ComponentInteractionCreateEvent) -> None:
    row = bot.rest.build_modal_action_row().add_text_input("text", "Text")
    await event.interaction.create_modal_response("Form", "form", component=row)


@bot.listen(hikari.ModalInteractionCreateEvent)
async def submit(event: hikari.ModalInteractionCreateEvent) -> None:
    text = event.interaction.components[0][0].value
    await event.interaction.create_initial_response(
        hikari.ResponseType.MESSAGE_CREATE, f"form {text}", flags=hikari.MessageFlag.EPHEMERAL
    )


bot.run(check_for_updates=False)
