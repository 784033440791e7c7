"""Builds example orders for pricing: everything that a model needs but that does not affect the price is filled in."""

from dataclasses import replace

from bot.catalogue.order import FileRole, InputFile, Order, Task

WORDS = "a lighthouse in fog"
SMALL = 100_000
"""The size of placeholder files in bytes; no price depends on it."""

MEDIA = {FileRole.VIDEO: "video/mp4", FileRole.AUDIO: "audio/mpeg"}
"""The roles whose files are not pictures, with the media type of those files."""

PICTURE = "image/png"
ENDINGS = {PICTURE: "png", "video/mp4": "mp4", "audio/mpeg": "mp3"}


def examples(wanted: Order) -> tuple[Order, ...]:
    """Return alternative versions of an order, completed with the prompt and files that models for its task need.

    A file that the order already has is kept.
    """
    named, pictured = replace(wanted, prompt=WORDS), _with(wanted, stand_in("image", FileRole.IMAGE))
    match wanted.task:
        case Task.IMAGINE | Task.SVG | Task.MUSIC:
            return (named, _with(named, stand_in("reference", FileRole.REFERENCE)))
        case Task.VIDEO:
            frame, clip = stand_in("image", FileRole.FIRST_FRAME), stand_in("video", FileRole.VIDEO)
            return (named, _with(named, frame), _with(named, clip))
        case Task.EDIT:
            edited = replace(pictured, prompt=WORDS)
            return (edited, _with(edited, stand_in("image2", FileRole.IMAGE)))
        case Task.ERASE:
            masked = _with(pictured, stand_in("mask", FileRole.MASK))
            named = replace(pictured, prompt=WORDS)  # a picture that is extended needs no mask
            return (replace(pictured, what="the lamp"), replace(masked, prompt=WORDS), masked, named)
        case Task.LIPSYNC:
            return (_with(wanted, stand_in("video", FileRole.VIDEO), stand_in("audio", FileRole.AUDIO)),)
        case _:
            return (pictured,)


def stand_in(slot: str, role: FileRole) -> InputFile:
    """Return a placeholder file for a role that every model supports."""
    media = MEDIA.get(role, PICTURE)
    return InputFile(slot, role, f"{slot}.{ENDINGS[media]}", "https://example.invalid/", SMALL, media, 1_024, 1_024)


def _with(order: Order, *files: InputFile) -> Order:
    return replace(order, files=(*order.files, *(file for file in files if order.file(file.slot) is None)))
