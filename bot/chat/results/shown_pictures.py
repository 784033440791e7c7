"""Finds the pictures that a message shows, in the JSON that Discord sent.

A message shows pictures in more places than its attachments: in the embeds of other bots, in components (galleries,
thumbnails and files), and in messages that it forwards (resources/message, Message Snapshot; components/reference).
Discord leaves out the type of some attachments, and does not know the type of most pictures in embeds.
"""

import mimetypes
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from bot.catalogue.file_rules import UNKNOWN
from bot.catalogue.order import UNKNOWN_SIZE, FileRole, InputFile
from bot.chat.discord.sent_data import Fields, fields, items, number, text

SLOT = "image"
MOST_PICTURES = 10
DEPTH = 5
"""How deep components may be nested; Discord allows three levels."""

OF_DISCORD = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""The hosts of files that were uploaded to Discord."""


def pictures_in(message: Fields) -> tuple[InputFile, ...]:
    """Return the pictures that a message shows, each once, from top to bottom."""
    found: dict[str, InputFile] = {}
    for picture in _shown(message):
        found.setdefault(picture.url.partition("?")[0], picture)
    return tuple(found.values())[:MOST_PICTURES]


def is_picture(media: str | None) -> bool:
    """Return whether this is a picture that models can read; vector graphics are not."""
    return media is not None and media.startswith("image/") and not media.startswith("image/svg")


def _shown(message: Fields) -> Iterator[InputFile]:
    for attachment in items(message.get("attachments")):
        yield from _file(fields(attachment), text(fields(attachment).get("filename")))
    yield from _in_components(message.get("components"), DEPTH)
    for embed in items(message.get("embeds")):
        for part in ("image", "thumbnail"):
            yield from _picture(fields(fields(embed).get(part)))
    for snapshot in items(message.get("message_snapshots")):
        forwarded = fields(fields(snapshot).get("message"))
        yield from _shown({key: value for key, value in forwarded.items() if key != "message_snapshots"})


def _in_components(components: object, depth: int) -> Iterator[InputFile]:
    """Yield the pictures of components and of the components inside them."""
    for component in map(fields, items(components) if depth else ()):
        yield from _picture(fields(component.get("media")))
        uploaded = fields(component.get("file"))
        yield from _file({**component, **uploaded}, text(component.get("name")) or _name(text(uploaded.get("url"))))
        inner = [*items(component.get("items")), component.get("accessory"), *items(component.get("components"))]
        yield from _in_components(inner, depth - 1)


def _file(sent: Fields, name: str) -> Iterator[InputFile]:
    """Yield an uploaded file if it is a picture, judging by its declared type, its name or its dimensions."""
    media = _media(sent, name)
    has_sides = bool(number(sent.get("width")) and number(sent.get("height")))
    unknown = media is None and has_sides and not sent.get("duration_secs")
    if is_picture(media) or unknown:
        yield from _input(sent, name, media)


def _picture(sent: Fields) -> Iterator[InputFile]:
    """Yield the picture of an embed or a gallery item, unless it is a video."""
    name = _name(_address(sent))
    media = _media(sent, name)
    if media is None or is_picture(media):
        yield from _input(sent, name, media)


def _input(sent: Fields, name: str, media: str | None) -> Iterator[InputFile]:
    url, size = _address(sent), number(sent.get("size"))
    if url:
        yield InputFile(
            slot=SLOT,
            role=FileRole.IMAGE,
            name=name or "picture",
            url=url,
            size=UNKNOWN_SIZE if size is None else size,
            content_type=media,
            width=number(sent.get("width")),
            height=number(sent.get("height")),
        )


def _media(sent: Fields, name: str) -> str | None:
    declared = text(sent.get("content_type")).partition(";")[0].strip().lower()
    return declared if "/" in declared and declared != UNKNOWN else mimetypes.guess_type(name)[0]


def _address(sent: Fields) -> str:
    """Return where to download a file: from Discord, even if it is a copy of a file on another host."""
    url, copy = text(sent.get("url")), text(sent.get("proxy_url"))
    own = urlsplit(url).hostname in OF_DISCORD if _is_web(url) else False
    return next((one for one in (url if own else "", copy, url) if _is_web(one)), "")


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name
