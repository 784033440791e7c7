"""Tests of drawn media: reproducible by seed, controlled by the prompt, legible and playable."""

import io
import json
import random
import subprocess
import sys
import wave
from xml.etree import ElementTree as ET

import av
import pytest
from PIL import Image, ImageChops, ImageFont, ImageStat
from PIL.GifImagePlugin import GifImageFile

from sandbox.provider import make_schemas
from sandbox.provider.drawing import edits, music, sketching, svg_writer, videos
from sandbox.provider.drawing.caption import Lettering, legible, wrap
from sandbox.provider.drawing.encoding import encode, grow
from sandbox.provider.drawing.moods import LANDS, LIGHTS, SUBJECTS
from sandbox.provider.drawing.painter import paint
from sandbox.provider.drawing.scenes import compose
from sandbox.provider.drawing.shapes import Scene
from sandbox.provider.drawing.subjects import Stage, draw_subject
from sandbox.provider.model_schemas import Models
from sandbox.provider.output_sizes import picture_size, video_size
from tests.pixels import brightest, colour_count, pixel
from tests.sandbox.provider.conftest import photo, picture

MODELS = {model.id: model for model in Models.load().all}


def small(prompt, seed=1, t=0.0):
    return paint(compose(prompt, seed, 1.5, t), (150, 100), fine=False)


def brightness(image):
    return sum(ImageStat.Stat(image).mean) / 3


def test_picture_depends_only_on_prompt_and_seed():
    assert small("a lake").tobytes() == small("a lake").tobytes()
    assert small("a lake").tobytes() != small("a lake", seed=2).tobytes()
    assert small("a lake").tobytes() != small("a lane").tobytes()


def test_sketch_depends_on_prompt_and_seed_and_has_fewer_colours():
    canvas = sketching.canvas((300, 200))
    first, again, other, another = (
        videos.still(prompt, seed, canvas, sketched=True)
        for prompt, seed in (("a lake", 1), ("a lake", 1), ("a lake", 2), ("a lane", 1))
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() not in {other.tobytes(), another.tobytes()}
    assert colour_count(first) * 4 < colour_count(videos.still("a lake", 1, (300, 200)))


def test_canvas_of_a_sketch_is_small_and_never_empty():
    assert [sketching.canvas(size) for size in ((1024, 768), (15, 3))] == [(128, 96), (1, 1)]
    sketch = sketching.enlarged(sketching.reduced(Image.new("RGB", (90, 61), (9, 9, 9))), (90, 61))
    assert (sketch.size, sketch.getpixel((89, 60))) == ((90, 61), (9, 9, 9))


def test_sketched_video_has_the_same_length_and_moves():
    size = (640, 384)
    canvas = sketching.canvas(size)
    moving = videos.MovingScene("a boat in the rain", 1, canvas, Lettering(canvas, "", ""), sketched=True)
    data = videos.mp4(moving, size, 3.0, fps=videos.SKETCHED_FPS)
    with av.open(io.BytesIO(data), "r") as container:
        assert container.duration == 3_000_000
        frames = [frame.to_image() for frame in container.decode(video=0)]
    assert frames[0].size == size
    assert frames[0].tobytes() != frames[-1].tobytes()


def test_scene_changes_over_time():
    assert small("a boat in the rain").tobytes() != small("a boat in the rain", t=1.0).tobytes()


def test_night_is_darker_than_day_and_fog_is_greyer_than_neon():
    assert brightness(small("sea at night")) + 40 < brightness(small("sunny sea"))
    grey, neon = (ImageStat.Stat(small(text).convert("HSV")).mean[1] for text in ("sea in fog", "neon sea"))
    assert grey + 60 < neon


@pytest.mark.parametrize("light", ["day", "night"])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_is_visible_in_every_light(subject, light):
    stage = Stage(1.5, 0.65, LIGHTS[light], is_foggy=False, t=0.5)
    sky = ((0.0, stage.light.top), (1.0, stage.light.horizon))
    shapes = tuple(draw_subject(subject, random.Random(1), stage, 0.75))
    empty, drawn = (paint(Scene(1.5, sky, each), (150, 100), fine=False) for each in ((), shapes))
    changed = ImageChops.difference(empty, drawn).convert("L").point([0] * 12 + [255] * 244)
    assert changed.histogram()[255] > 60


@pytest.mark.parametrize("land", LANDS)
def test_every_landscape_can_be_painted(land):
    drawn = small(LANDS[land][0])
    assert colour_count(drawn) > 50


def test_chinese_words_change_the_picture():
    assert brightness(small("夜晚的海")) + 30 < brightness(small("sunny sea"))


def test_caption_and_label_are_written_on_the_picture():
    plain = Image.new("RGB", (400, 300), (90, 120, 150))
    written = Lettering(plain.size, "a lighthouse in fog", "model · seed 1").write(plain)
    foot, head = written.crop((0, 230, 400, 300)), written.crop((200, 0, 400, 30))
    assert brightest(foot) > 220
    assert brightest(head) > 180


def test_long_caption_is_cut_after_two_lines():
    font = ImageFont.load_default(16)
    lines = wrap("a very long prompt " * 30, font, 300)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(font.getlength(line) <= 300 for line in lines)


def test_word_wider_than_the_picture_is_cut():
    [line] = wrap("x" * 500, ImageFont.load_default(16), 200)
    assert line.endswith("…")


def test_characters_missing_from_the_fonts_are_omitted():
    text, font = legible("café \U00012000 \U0001f34a", 12)
    assert text == "café"
    assert font.getlength(text) > 0


@pytest.mark.parametrize("media", ["image/png", "image/jpeg", "image/webp"])
def test_padded_picture_still_decodes(media):
    data = photo(media=media)
    grown = grow(data, media, 300_000)
    assert len(grown) >= 300_000
    assert picture(grown).convert("RGB").tobytes() == picture(data).convert("RGB").tobytes()
    assert grow(data, media, 10) == data


def test_padded_audio_and_svg_still_decode():
    with wave.open(io.BytesIO(grow(music.wav([music.Note(0, 1, 220, 1)]), "audio/wav", 400_001))) as sound:
        assert sound.getnframes() == int(music.RATE * music.SECONDS)
    svg = svg_writer.svg_of_scene(compose("x", 1, 1), (64, 64), "<x>")
    title = ET.fromstring(grow(svg, "image/svg+xml", 100_000)).find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "<x>"


def test_video_has_the_requested_size_length_and_sound():
    data = videos.mp4(lambda _: Image.new("RGB", (320, 180)), (320, 180), 3.0, with_sound=True)
    with av.open(io.BytesIO(data), "r") as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height, video.codec_context.name) == (320, 180, "h264")
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(3, abs=0.1)
        assert sound.codec_context.name == "aac"
        assert next(container.decode(video=0)).format.name == "yuv420p"


def test_gif_is_animated_and_loops():
    frames = [Image.new("RGB", (40, 30), (index, 0, 0)) for index in range(200)]
    made = Image.open(io.BytesIO(videos.gif(lambda t: frames[int(t * 50)], (80, 60), 2.0, 10)))
    assert isinstance(made, GifImageFile)
    assert (made.size, made.n_frames, made.info["loop"]) == ((80, 60), 20, 0)


def test_music_has_sound_and_a_spectrogram():
    notes = music.tune("lofi piano", 3)
    assert notes == music.tune("lofi piano", 3) != music.tune("lofi piano", 4)
    samples = music.wav(notes)[44:]
    assert max(samples) > 200
    assert brightest(music.spectrogram(notes)) > 150


def test_joined_pictures_contain_both_inputs():
    one, other = Image.new("RGB", (60, 60), (200, 0, 0)), Image.new("RGB", (60, 60), (0, 0, 200))
    made = edits.join([one, other], (200, 100))
    assert (made.getpixel((5, 50)), made.getpixel((195, 50))) == ((200, 0, 0), (0, 0, 200))


def test_erased_object_is_painted_over():
    made = edits.remove(picture(photo()).convert("RGBA"))
    red, _, blue = pixel(made, (150, 140))
    assert blue > red - 60
    assert made.getpixel((5, 5)) == (40, 90, 190)


@pytest.mark.parametrize(
    ("how", "size"),
    [("Make square", (90, 90)), ("Zoom out 1.5x", (135, 90)), ("Left outpaint", (135, 60)), ("Top outpaint", (90, 90))],
)
def test_outpaint_adds_space_on_the_requested_sides(how, size):
    canvas, mask = edits.extend(Image.new("RGB", (90, 60), (9, 9, 9)), how)
    assert (canvas.size, mask.size) == (size, size)
    assert mask.histogram()[0] == 90 * 60


@pytest.mark.parametrize(
    ("model", "given", "sent", "size"),
    [
        ("black-forest-labs/flux-schnell", {}, None, (1024, 1024)),
        ("black-forest-labs/flux-schnell", {"aspect_ratio": "16:9"}, None, (1360, 768)),
        ("black-forest-labs/flux-schnell", {"megapixels": "0.25"}, None, (512, 512)),
        ("black-forest-labs/flux-1.1-pro", {"aspect_ratio": "custom", "width": 640, "height": 320}, None, (640, 320)),
        ("black-forest-labs/flux-kontext-pro", {}, (300, 600), (720, 1456)),
        ("black-forest-labs/flux-dev", {}, (200, 100), (1456, 720)),
        ("recraft-ai/recraft-v3", {"size": "1365x1024"}, None, (1365, 1024)),
        ("recraft-ai/recraft-v3", {"size": "1365x1024", "aspect_ratio": "1:1"}, None, (1024, 1024)),
        ("ideogram-ai/ideogram-v2-turbo", {"resolution": "512x1536"}, None, (512, 1536)),
        ("google/imagen-4", {"image_size": "2K"}, None, (2048, 2048)),
        ("stability-ai/sdxl", {"width": 768, "height": 512}, None, (768, 512)),
    ],
)
def test_picture_has_the_requested_size(model, given, sent, size):
    assert picture_size(MODELS[model], given, sent) == size


@pytest.mark.parametrize(
    ("model", "given", "sent", "size"),
    [
        ("google/veo-3", {}, None, (1280, 720)),
        ("google/veo-3", {"aspect_ratio": "9:16"}, None, (720, 1280)),
        ("kwaivgi/kling-v2.0", {"aspect_ratio": "9:16"}, (400, 400), (720, 720)),
        ("wavespeedai/wan-2.1-t2v-480p", {}, None, (848, 480)),
        ("minimax/hailuo-02", {"resolution": "512p"}, None, (912, 512)),
        ("prunaai/vace-14b", {"size": "480*832"}, None, (480, 832)),
        ("lucataco/animate-diff", {}, None, (512, 512)),
    ],
)
def test_video_has_the_requested_or_input_aspect(model, given, sent, size):
    assert video_size(MODELS[model], given, sent) == size


def test_lower_quality_makes_a_smaller_file():
    noisy = Image.effect_noise((200, 200), 60)
    assert len(encode(noisy, "image/webp", quality=10)) < len(encode(noisy, "image/webp", quality=90))


def test_schemas_contain_only_what_the_provider_needs():
    row = dict.fromkeys(make_schemas.KEPT) | {"id": "a/b", "safety": {}, "note": "version " + "ab" * 32}
    row |= {"inputs": {"p": {"type": "string", "required": True, "description": "words"}}}
    row["output"] = {"shape": "string", "media": "image/png", "note": "words"}
    made = make_schemas.schema(row)
    assert made["inputs"] == {"p": {"type": "string", "required": True}}
    assert made["output"] == {"shape": "string", "media": "image/png"}
    assert (made["call_by"], made["version"]) == ("version", "ab" * 32)
    assert "safety" not in made
    json.dumps(made)


def test_schema_script_prints_its_usage():
    command = [sys.executable, "-m", "sandbox.provider.make_schemas"]
    ran = subprocess.run(command, capture_output=True, check=False)
    assert (ran.returncode, b"usage:" in ran.stderr) == (2, True)
