"""Validates embeds. The limits are from Discord's documentation, "Embed Limits"; those of URLs are from its API."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

from sandbox.discord.rules.field_checks import REQUIRED, Body, Problem
from sandbox.discord.rules.uploads import embeddable

MOST_EMBEDS = 10
MOST_CHARACTERS = 6000
"""The maximum length of all titles, descriptions, field names and values, footers and authors of a message."""
MOST_FIELDS = 25
TITLE = 256
DESCRIPTION = 4096
FIELD_NAME = 256
FIELD_VALUE = 1024
FOOTER = 2048
AUTHOR = 256
URL = 2048
LARGEST_COLOUR = 0xFFFFFF

LINKS = ("http", "https")
MEDIA = ("http", "https", "attachment")
ATTACHMENT = "attachment://"

TOO_MUCH_TEXT = Problem("MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MOST_CHARACTERS}")
NO_SUCH_ATTACHMENT = Problem(
    "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", "The referenced attachment was not found in the message."
)
NOT_A_PICTURE = Problem("BASE_TYPE_CHOICES", "An embed shows jpg, jpeg, png, webp and gif only.")


def check_embeds(payload: Body, *, attached: Collection[str]) -> None:
    """Check a message's embeds; `attached` contains the names of its files after the change.

    This is stricter than Discord, which silently hides a file that is missing or not a picture.
    """
    embeds = list(payload.children("embeds", most=MOST_EMBEDS))
    for embed in embeds:
        _check_embed(embed, attached)
    if sum(characters(embed.data) for embed in embeds) > MOST_CHARACTERS:
        payload.add("embeds", TOO_MUCH_TEXT)


def characters(embed: Mapping[str, object]) -> int:
    """Count the characters of one embed towards the limit of 6,000."""
    texts = [embed.get("title"), embed.get("description"), _inside(embed, "footer", "text")]
    texts.append(_inside(embed, "author", "name"))
    fields = embed.get("fields")
    for field in cast("list[object]", fields) if isinstance(fields, list) else ():
        if isinstance(field, Mapping):
            named = cast("Mapping[str, object]", field)
            texts += [named.get("name"), named.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def check_media(body: Body, key: str, *, attached: Collection[str], picture: bool = True, most: int = URL) -> None:
    """Check a URL that may refer to a file of the same message."""
    url = body.url(key, most=most, schemes=MEDIA)
    if url is None or not url.startswith(ATTACHMENT):
        return
    name = url.removeprefix(ATTACHMENT)
    if name not in attached:
        body.add(key, NO_SUCH_ATTACHMENT)
    elif picture and not embeddable(name):
        body.add(key, NOT_A_PICTURE)


def _check_embed(embed: Body, attached: Collection[str]) -> None:
    embed.text("title", most=TITLE)
    embed.text("description", most=DESCRIPTION)
    embed.url("url", most=URL, schemes=LINKS)
    embed.integer("color", least=0, most=LARGEST_COLOUR)
    _check_timestamp(embed)
    for key in ("image", "thumbnail"):
        media = embed.child(key)
        if media is not None:
            _require(media, "url")
            check_media(media, "url", attached=attached)
    _check_footer(embed.child("footer"), attached)
    _check_author(embed.child("author"), attached)
    for field in embed.children("fields", most=MOST_FIELDS):
        field.text("name", most=FIELD_NAME, required=True)
        field.text("value", most=FIELD_VALUE, required=True)
        field.boolean("inline")
    if not _shows_anything(embed.data):
        embed.add("description", REQUIRED)


def _check_footer(footer: Body | None, attached: Collection[str]) -> None:
    if footer is not None:
        footer.text("text", most=FOOTER, required=True)
        check_media(footer, "icon_url", attached=attached)


def _check_author(author: Body | None, attached: Collection[str]) -> None:
    if author is not None:
        author.text("name", most=AUTHOR, required=True)
        author.url("url", most=URL, schemes=LINKS)
        check_media(author, "icon_url", attached=attached)


def _check_timestamp(embed: Body) -> None:
    value = embed.data.get("timestamp")
    if value is None:
        return
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        embed.add("timestamp", Problem("DATE_TIME_TYPE_PARSE", f"Could not parse {value}. Should be ISO8601."))


def _require(body: Body, key: str) -> None:
    if not body.has(key):
        body.add(key, REQUIRED)


def _shows_anything(embed: Mapping[str, object]) -> bool:
    return any(embed.get(key) for key in ("title", "description", "fields", "image", "thumbnail", "footer", "author"))


def _inside(embed: Mapping[str, object], key: str, inner: str) -> object:
    value = embed.get(key)
    return cast("Mapping[str, object]", value).get(inner) if isinstance(value, Mapping) else None
