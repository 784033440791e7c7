from dataclasses import replace

import pytest

from bot.catalogue.file_rules import check
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.errors import UnusableFile

LIP_SYNC = "kwaivgi/kling-lip-sync"
VOICE = InputFile("audio", FileRole.AUDIO, "voice.m4a", "https://cdn/a", 40_000, "audio/mp4", duration_ms=3_000)


def reason_against(file, spec):
    """Return the reason why an input refuses a file; None if it accepts it."""
    try:
        check(file, spec)
    except UnusableFile as error:
        return error.facts["reason"]
    return None


def audio(catalogue):
    return next(spec for spec in catalogue.get(LIP_SYNC).inputs if FileRole.AUDIO in spec.roles)


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("voice.m4a", "audio/mp4"),
        ("voice.aac", "audio/aac"),
        ("voice.m4a", "video/mp4"),
        ("voice.mp4", "video/mp4"),
        ("voice.webm", "video/webm"),
        ("recording", "audio/mpeg"),
        ("voice.aac", None),
        ("voice.mp3", "application/octet-stream"),
        ("voice.mpga", "audio/mpeg"),
        ("voice.mp4", "audio/mp4"),
    ],
)
def test_file_that_may_be_supported_audio_is_accepted_by_its_metadata(name, declared, catalogue):
    assert reason_against(replace(VOICE, name=name, content_type=declared), audio(catalogue)) is None


@pytest.mark.parametrize(
    ("name", "declared", "reason"),
    [
        ("cat.png", "image/png", "file-kind"),
        ("voice.flac", "audio/flac", "file-ending"),
        ("voice.exe", None, "file-kind"),
        ("voice.webm", "audio/webm", "file-ending"),
    ],
)
def test_file_that_cannot_be_supported_audio_is_refused_by_its_metadata(name, declared, reason, catalogue):
    assert reason_against(replace(VOICE, name=name, content_type=declared), audio(catalogue)) == reason


PHOTO = InputFile("image", FileRole.IMAGE, "cat.png", "https://cdn/i", 40_000, "image/png", 400, 300)
MASK = InputFile("mask", FileRole.MASK, "mask.png", "https://cdn/m", 4_000, "image/png", 400, 300)
FILL = Order(Task.ERASE, "black-forest-labs/flux-fill-dev", prompt="a door")


@pytest.mark.parametrize("sides", [(400, 300), (300, 400), (None, None)])
def test_mask_that_may_have_the_size_of_its_picture_is_accepted(sides, catalogue):
    order = replace(FILL, files=(PHOTO, replace(MASK, width=sides[0], height=sides[1])))
    (request,) = catalogue.plan(order).requests
    assert {"image", "mask"} <= set(request.body["input"])


def test_mask_of_another_size_is_refused(catalogue):
    with pytest.raises(UnusableFile, match="is 200x300 pixels, but the picture is 400x300"):
        catalogue.plan(replace(FILL, files=(PHOTO, replace(MASK, width=200))))
