"""The same picture is recognised after a change of format or size, and different pictures are not."""

import io
import itertools

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from bot.media.decoding.looks import look, looks
from bot.media.look_comparison import MOST_DIFFERENT, any_same, distance
from sandbox.provider.drawing.painter import paint
from sandbox.provider.drawing.scenes import compose
from tests.present import present
from tests.unit.media.making import noise, save, sound, video

SIDE = 256
PROMPTS = ("a cat", "a lighthouse in fog", "a red fox", "city at night", "a boat on the sea", "a flower", "desert")


@pytest.fixture(scope="module")
def scenes():
    """Return pictures of several scenes, each with two seeds."""
    return [paint(compose(prompt, seed, 1.0), (SIDE, SIDE), fine=False) for prompt in PROMPTS for seed in (1, 2)]


def encoded(image, kind, **how):
    data = io.BytesIO()
    image.save(data, kind, **how)
    return Image.open(data).convert("RGB")


CHANGES = {
    "jpeg": lambda image: encoded(image, "JPEG", quality=20),
    "webp": lambda image: encoded(image, "WEBP", quality=40),
    "smaller": lambda image: image.resize((96, 96)),
    "larger": lambda image: image.resize((700, 700), Image.Resampling.NEAREST),
    "squeezed": lambda image: image.resize((300, 200)),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "grey": lambda image: image.convert("L").convert("RGB"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_changed_copy_of_a_picture_is_recognised(scenes, change):
    for scene in scenes:
        assert distance(present(look(scene)), present(look(change(scene)))) <= MOST_DIFFERENT


def test_different_pictures_are_not_mistaken_for_each_other(scenes):
    found = [present(look(scene)) for scene in scenes]
    assert min(distance(one, other) for one, other in itertools.combinations(found, 2)) > MOST_DIFFERENT


def test_mirrored_picture_counts_as_another_one(scenes):
    assert distance(present(look(scenes[0])), present(look(ImageOps.mirror(scenes[0])))) > MOST_DIFFERENT


@pytest.mark.parametrize("colour", ["white", "black", "#7f7f7f"])
def test_empty_picture_has_no_look_so_that_all_empty_pictures_are_not_banned_together(colour):
    assert look(Image.new("RGB", (SIDE, SIDE), colour)) is None


def test_transparent_parts_count_as_seen_not_as_stored(tmp_path):
    shown = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    ImageDraw.Draw(shown).ellipse((20, 60, 180, 240), fill="red")
    ImageDraw.Draw(shown).rectangle((190, 20, 240, 90), fill="yellow")
    hidden = Image.composite(shown, Image.new("RGBA", (SIDE, SIDE), (255, 255, 255, 0)), shown.getchannel("A"))
    paths = [save(one, tmp_path / f"{name}.png") for name, one in (("a", shown), ("b", hidden))]
    assert looks(paths[0], tmp_path / "t") == looks(paths[1], tmp_path / "t")


def test_frame_of_a_video_is_recognised_as_a_picture(tmp_path):
    clip = video(tmp_path / "a.mp4", seconds=1, size=(320, 180))
    found = looks(clip, tmp_path / "t")
    assert 1 < len(found) <= 5
    assert any_same(found[:1], found)
    assert not any_same(looks(save(noise((320, 180)), tmp_path / "b.png"), tmp_path / "t"), found)


def test_sound_and_black_video_have_no_looks(tmp_path):
    assert looks(sound(tmp_path / "a.mp3"), tmp_path / "t") == []
    assert looks(video(tmp_path / "b.mp4", seconds=0.5, dark=24), tmp_path / "t") == []


def test_drawing_is_described_as_it_is_seen(tmp_path):
    drawn = tmp_path / "a.svg"
    drawn.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><rect width="200" height="200" fill="white"/>'
        '<circle cx="70" cy="90" r="60"/><rect x="140" y="20" width="50" height="90" fill="#777"/></svg>'
    )
    assert len(looks(drawn, tmp_path / "t")) == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.svg"]
