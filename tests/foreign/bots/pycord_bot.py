"""The conversation of tests/foreign, with py-cord."""

import base64
import io
import os

import discord
from discord.http import Route

Route.API_BASE_URL = os.environ["SANDBOX_URL"] + "/api/v{API_VERSION}"
bot = discord.Bot(intents=discord.Intents(guilds=True))
PIXEL = base64.b64decode(os.environ["PIXEL"])


async def suggest(context: discord.AutocompleteContext) -> list[discord.OptionChoice]:
    return [discord.OptionChoice(f"{context.value}!", context.value)]


class Form(discord.ui.Modal):
    def __init__(self) -> None:
        super().__init__(discord.ui.InputText(label="Text", custom_id="text"), title="Form", custom_id="form")

    async def callback(self, asked: discord.Interaction) -> None:
        await asked.response.send_message(f"form {self.children[0].value}", ephemeral=True)


class Again(discord.ui.View):
    @discord.ui.button(label="Again", custom_id="again", style=discord.ButtonStyle.primary)
    async def press(self, _: discord.ui.Button, asked: discord.Interaction) -> None:
        await asked.response.send_modal(Form())


@bot.slash_command(description="Make a picture")
@discord.option("prompt", str, autocomplete=suggest)
@discord.option("image", discord.Attachment, required=False)
@discord.option("who", discord.User, required=False)
async def picture(
    context: discord.ApplicationContext,
    prompt: str,
    image: discord.Attachment | None = None,
    who: discord.User | None = None,
) -> None:
    await context.defer()
    source, person = image.filename if image else "nothing", who.name if who else "nobody"
    file = discord.File(io.BytesIO(PIXEL), "a.png")
    await context.edit(content=f"made {prompt} from {source} for {person}", file=file, view=Again())
    await context.send_followup("only you", ephemeral=True)


@bot.message_command(name="Look")
async def look(context: discord.ApplicationContext, message: discord.Message) -> None:
    await context.respond(f"files {len(message.attachments)}", ephemeral=True)


@bot.event
async def on_connect() -> None:
    await bot.sync_commands()
    print("ready", flush=True)


bot.run(os.environ["TOKEN"])
