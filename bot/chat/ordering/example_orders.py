"""Orders that stand for others: filled in with what a price does not hang on, as the models of a task need it."""

from dataclasses import replace

from bot.catalogue.order import InputFile, Order, Role, Task

WORDS = "a lighthouse in fog"
SMALL = 100_000
"""The size in bytes of the files that stand in for a member's, which change no price."""


MEDIA = {Role.VIDEO: "video/mp4", Role.AUDIO: "audio/mpeg"}
"""What the files of a role are; of all other roles they are pictures."""

PICTURE = "image/png"
ENDINGS = {PICTURE: "png", "video/mp4": "mp4", "audio/mpeg": "mp3"}


def examples(wanted: Order) -> tuple[Order, ...]:
    """Ways to fill in what a price does not hang on: words and files, as the different models of a task need them.

    A file that the order has stays in its slot.
    """
    named, pictured = replace(wanted, prompt=WORDS), _with(wanted, stand_in("image", Role.IMAGE))
    match wanted.task:
        case Task.IMAGINE | Task.SVG | Task.MUSIC:
            return (named, _with(named, stand_in("reference", Role.REFERENCE)))
        case Task.VIDEO:
            frame, clip = stand_in("image", Role.FIRST_FRAME), stand_in("video", Role.VIDEO)
            return (named, _with(named, frame), _with(named, clip))
        case Task.EDIT:
            edited = replace(pictured, prompt=WORDS)
            return (edited, _with(edited, stand_in("image2", Role.IMAGE)))
        case Task.ERASE:
            masked = _with(pictured, stand_in("mask", Role.MASK))
            named = replace(pictured, prompt=WORDS)  # a picture that is extended needs no mask
            return (replace(pictured, what="the lamp"), replace(masked, prompt=WORDS), masked, named)
        case Task.LIPSYNC:
            return (_with(wanted, stand_in("video", Role.VIDEO), stand_in("audio", Role.AUDIO)),)
        case _:
            return (pictured,)


def stand_in(slot: str, role: Role) -> InputFile:
    """A file for that role that every model takes."""
    media = MEDIA.get(role, PICTURE)
    return InputFile(slot, role, f"{slot}.{ENDINGS[media]}", "https://example.invalid/", SMALL, media, 1_024, 1_024)


def _with(order: Order, *files: InputFile) -> Order:
    return replace(order, files=(*order.files, *(file for file in files if order.file(file.slot) is None)))
