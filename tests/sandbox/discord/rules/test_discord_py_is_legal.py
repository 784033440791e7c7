"""Tests that the rules accept everything that discord.py sends for correct code."""

from collections.abc import Sequence

import discord
from discord import app_commands, ui
from discord.http import handle_message_parameters

from sandbox.discord.rules.commands import check_bulk
from sandbox.discord.rules.interaction_responses import (
    CallbackKind,
    InteractionContext,
    InteractionKind,
    check_callback,
)
from sandbox.discord.rules.message import Current, Route, check_create, check_edit
from sandbox.discord.rules.uploads import MIB, Upload
from tests.sandbox.discord.rules.request_bodies import Json, problems

LIMIT = 10 * MIB


def classic() -> ui.View:
    view = ui.View(timeout=None)
    view.add_item(ui.Button(label="Again", emoji="🔁", custom_id="j1:again:1"))
    view.add_item(ui.Button(label="Open", url="https://example.org/"))
    view.add_item(ui.Select(custom_id="j1:pick:1", options=[discord.SelectOption(label="One", value="1")], row=1))
    view.add_item(ui.UserSelect(custom_id="j1:who:1", row=2))
    return view


def layout(files: list[discord.File]) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=0x57B894)
    box.add_item(ui.TextDisplay("### A lighthouse"))
    box.add_item(ui.MediaGallery(*(discord.MediaGalleryItem(file) for file in files)))
    box.add_item(ui.Separator())
    box.add_item(ui.Section("0.5 credits", accessory=ui.Button(label="More", custom_id="j1:more:1")))
    view.add_item(box)
    view.add_item(ui.ActionRow(ui.Button(label="Again", custom_id="j1:again:1")))
    return view


def pictures() -> list[discord.File]:
    return [discord.File(__file__, filename=f"{n}.png", description="A lighthouse") for n in range(4)]


def test_classic_message_of_discord_py_is_accepted() -> None:
    embed = discord.Embed(title="A lighthouse", colour=0x57B894, timestamp=discord.utils.utcnow())
    embed.set_image(url="attachment://0.png").set_footer(text="0.5 credits").add_field(name="Seed", value="42")
    with handle_message_parameters(
        content="<@1>",
        embed=embed,
        files=pictures(),
        view=classic(),
        nonce="job-1",
        allowed_mentions=discord.AllowedMentions(users=True),
    ) as parameters:
        assert created_with(payload_of(parameters), uploads(4)) == []


def test_v2_message_of_discord_py_is_accepted() -> None:
    files = pictures()
    with handle_message_parameters(files=files, view=layout(files)) as parameters:
        assert created_with(payload_of(parameters), uploads(4)) == []


def test_edit_from_classic_to_v2_is_accepted() -> None:
    files = pictures()
    before = Current("thinking", embeds=1, attachments={9: "old.png"})
    with handle_message_parameters(content=None, embeds=[], attachments=files, view=layout(files)) as parameters:
        assert edited_with(payload_of(parameters), before, uploads(4)) == []


def test_edit_of_a_v2_message_is_accepted() -> None:
    before = Current(components=3, flags=1 << 15)
    with handle_message_parameters(view=text_only()) as parameters:
        assert edited_with(payload_of(parameters), before) == []


def test_modal_of_discord_py_is_accepted() -> None:
    class Refine(ui.Modal, title="Refine"):
        hint = ui.TextDisplay("Say what to change.")
        what = ui.Label(text="What", component=ui.TextInput(style=discord.TextStyle.long, max_length=500))
        shape = ui.Label(text="Shape", component=ui.Select(options=[discord.SelectOption(label="Square")]))
        file = ui.Label(text="Mask", component=ui.FileUpload(required=False, max_values=1, min_values=0))

    data = Refine().to_dict()
    context = InteractionContext(InteractionKind.COMPONENT, source=Current("x"))
    assert check_callback({"type": 9, "data": data}, (), context, upload_limit=LIMIT) is CallbackKind.MODAL


class Admin(app_commands.Group):
    credits_ = app_commands.Group(name="credits", description="Credits")

    @credits_.command(name="grant", description="Give credits")
    async def grant(self, interaction: discord.Interaction, member: discord.Member, amount: int) -> None:
        """Do nothing; never called."""


@app_commands.command(description="Make a picture")
@app_commands.choices(shape=[app_commands.Choice(name="Square", value="1:1")])
@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
async def imagine(
    interaction: discord.Interaction,
    prompt: app_commands.Range[str, 1, 2000],
    shape: str | None,
    count: app_commands.Range[int, 1, 4] = 1,
    image: discord.Attachment | None = None,
) -> None:
    """Do nothing; never called."""


@app_commands.context_menu(name="Upscale this")
async def upscale(interaction: discord.Interaction, message: discord.Message) -> None:
    """Do nothing; never called."""


async def test_commands_of_discord_py_are_accepted() -> None:
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    bodies = [one.to_dict(tree) for one in (imagine, upscale, Admin(name="easel-admin", description="Rules"))]
    assert problems(lambda: check_bulk(bodies, guild=False)) == []


def text_only() -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay("done"))
    return view


def payload_of(parameters: object) -> Json:
    """Return the JSON part, whether it is sent alone or with files."""
    whole = parameters.payload  # pyright: ignore[reportAttributeAccessIssue]
    if whole is not None:
        return whole
    multipart = parameters.multipart  # pyright: ignore[reportAttributeAccessIssue]
    return discord.utils._from_json(multipart[0]["value"])


def created_with(payload: Json, files: Sequence[Upload]) -> list[tuple[str, str]]:
    """Return the problems of a new message."""
    return problems(lambda: check_create(payload, files, upload_limit=LIMIT, route=Route.INTERACTION))


def edited_with(payload: Json, before: Current, files: Sequence[Upload] = ()) -> list[tuple[str, str]]:
    """Return the problems of an edit."""
    return problems(lambda: check_edit(payload, before, files, upload_limit=LIMIT))


def uploads(count: int) -> list[Upload]:
    return [Upload(n, f"{n}.png", 1_000) for n in range(count)]
