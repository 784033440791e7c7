"""The conversation of tests/foreign, with disnake."""

import base64
import io
import os

import disnake
from disnake.ext import commands
from disnake.http import Route

Route.BASE = os.environ["SANDBOX_URL"] + "/api/v10"
bot = commands.InteractionBot(intents=disnake.Intents(guilds=True))
PIXEL = base64.b64decode(os.environ["PIXEL"])


class Form(disnake.ui.Modal):
    def __init__(self) -> None:
        super().__init__(
            title="Form", custom_id="form", components=[disnake.ui.TextInput(label="Text", custom_id="text")]
        )


@bot.slash_command(description="Make a picture")
async def picture(
    asked: disnake.ApplicationCommandInteraction,
    prompt: str,
    image: disnake.Attachment = None,
    who: disnake.User = None,
) -> None:
    await asked.response.defer()
    row = disnake.ui.ActionRow(disnake.ui.Button(label="Again", custom_id="again", style=disnake.ButtonStyle.primary))
    source, person = image.filename if image else "nothing", who.name if who else "nobody"
    file = disnake.File(io.BytesIO(PIXEL), "a.png")
    await asked.edit_original_response(f"made {prompt} from {source} for {person}", file=file, components=row)
    await asked.followup.send("only you", ephemeral=True)


@picture.autocomplete("prompt")
async def suggest(_: disnake.ApplicationCommandInteraction, typed: str) -> dict[str, str]:
    return {f"{typed}!": typed}


@bot.message_command(name="Look")
async def look(asked: disnake.MessageCommandInteraction) -> None:
    await asked.response.send_message(f"files {len(asked.target.attachments)}", ephemeral=True)


@bot.listen("on_button_click")
async def press(asked: disnake.MessageInteraction) -> None:
    await asked.response.send_modal(Form())


@bot.listen("on_modal_submit")
async def submit(asked: disnake.ModalInteraction) -> None:
    await asked.response.send_message(f"form {asked.text_values['text']}", ephemeral=True)


@bot.listen("on_ready")
async def ready() -> None:
    print("ready", flush=True)


bot.run(os.environ["TOKEN"])
