"""Orders that stand for others: filled in with what a price does not hang on, as the models of a task need it."""

from dataclasses import replace

from bot.catalogue.order import InputFile, Order, Role, Task

WORDS = "a lighthouse in fog"
SMALL = 100_000
"""The size in bytes of the files that stand in for a member's, which change no price."""


def examples(wanted: Order) -> tuple[Order, ...]:
    """Ways to fill in what a price does not hang on: words and files, as the different models of a task need them."""
    picture = _file("image", Role.IMAGE, "image/png")
    named = replace(wanted, prompt=WORDS)
    match wanted.task:
        case Task.IMAGINE | Task.SVG | Task.MUSIC:
            return (named, replace(named, files=(_file("reference", Role.REFERENCE, "image/png"),)))
        case Task.VIDEO:
            frame = _file("image", Role.FIRST_FRAME, "image/png")
            clip = _file("source", Role.VIDEO, "video/mp4")
            return (named, *(replace(named, files=(file,)) for file in (frame, clip)))
        case Task.EDIT:
            second = _file("image2", Role.IMAGE, "image/png")
            return (replace(named, files=(picture,)), replace(named, files=(picture, second)))
        case Task.ERASE:
            masked = (picture, _file("mask", Role.MASK, "image/png"))
            erased = replace(wanted, what="the lamp", files=(picture,))
            return (erased, replace(named, files=masked), replace(wanted, files=masked))
        case Task.LIPSYNC:
            clip = _file("video", Role.VIDEO, "video/mp4")
            return (replace(wanted, files=(clip, _file("audio", Role.AUDIO, "audio/mpeg"))),)
        case _:
            return (replace(wanted, files=(picture,)),)


def _file(slot: str, role: Role, media: str) -> InputFile:
    ending = {"image/png": "png", "video/mp4": "mp4", "audio/mpeg": "mp3"}[media]
    return InputFile(slot, role, f"{slot}.{ending}", "https://example.invalid/", SMALL, media, 1_024, 1_024)
