"""Tests that input files are fetched and decoded, and that the results are made from them."""

import base64
import io

import av
import pytest
from PIL import Image

from sandbox.provider.drawing.videos import mp4
from tests.pixels import pixel
from tests.sandbox.provider.conftest import mask, photo, picture

REMOVE = "/v1/models/recraft-ai/recraft-remove-background/predictions"
UPSCALE = "/v1/models/recraft-ai/recraft-crisp-upscale/predictions"
LIPSYNC = "/v1/models/kwaivgi/kling-lip-sync/predictions"
KLING = "/v1/models/kwaivgi/kling-v2.5-turbo-pro/predictions"
FILL = "/v1/models/black-forest-labs/flux-fill-pro/predictions"
IDEOGRAM = "/v1/models/ideogram-ai/ideogram-v2-turbo/predictions"
REMOVE_BG = "95fcc2a26d3899cd6c2691c900465aaeff466285a65c14638cc5f36f34befaf1"


async def file_of(provider, given, **more):
    made = await provider.made(given, **more)
    assert made["status"] == "succeeded", made["error"]
    output = made["output"]
    return (await provider.file(output if isinstance(output, str) else output[0]))[1]


@pytest.mark.parametrize("as_data", [True, False])
async def test_cut_out_keeps_only_the_foreground(provider, files, as_data):
    link = "data:image/png;base64," + base64.b64encode(photo()).decode() if as_data else files("photo.png")
    cut = picture(await file_of(provider, {"image": link}, path="/v1/predictions", version=REMOVE_BG))
    assert (cut.mode, cut.size, cut.format) == ("RGBA", (300, 280), None)
    assert pixel(cut, (5, 5))[3] == 0
    assert cut.getpixel((150, 140)) == (220, 40, 40, 255)
    share = sum(cut.getchannel("A").histogram()[128:]) / (300 * 280)
    assert 0.09 < share < 0.17


async def test_cut_out_of_a_uniform_picture_has_foreground_and_background(provider, files):
    files.served["plain.png"] = _plain()
    cut = picture(await file_of(provider, {"image": files("plain.png")}, path=REMOVE))
    low, high = cut.getchannel("A").getextrema()
    assert (low, high) == (0, 255)


def _plain():
    made = io.BytesIO()
    Image.new("RGB", (300, 300), (90, 90, 90)).save(made, "PNG")
    return made.getvalue()


async def test_upscale_returns_the_same_picture_at_twice_the_size(provider, files):
    bigger = picture(await file_of(provider, {"image": files("photo.png")}, path=UPSCALE))
    assert bigger.size == (600, 560)
    red, green, blue = pixel(bigger.convert("RGB"), (300, 280))
    assert (red > 180, max(green, blue) < 80) == (True, True)


async def test_video_starts_with_the_input_picture(fine_provider, files):
    given = {"prompt": "it moves", "start_image": files("photo.png")}
    with av.open(io.BytesIO(await file_of(fine_provider, given, path=KLING)), "r") as video:
        frames = list(video.decode(video=0))
    first = frames[0].to_image()
    assert first.width / first.height == pytest.approx(300 / 280, abs=0.03)
    red, green, blue = first.getpixel((first.width // 2, first.height // 2))
    assert (red > 170, max(green, blue) < 90) == (True, True)
    assert len(frames) == 50


@pytest.mark.parametrize(("path", "kept"), [(FILL, "right"), (IDEOGRAM, "left")])
async def test_only_the_masked_area_is_repainted(provider, files, path, kept):
    given = {"prompt": "fog", "image": files("photo.png"), "mask": files("mask.png"), "seed": 5}
    new = picture(await file_of(provider, given, path=path)).convert("RGB")
    left, right = pixel(new, (10, 140)), pixel(new, (290, 140))
    near = {"left": left, "right": right}
    assert all(abs(a - b) < 30 for a, b in zip(near.pop(kept), (40, 90, 190), strict=True))
    assert any(abs(a - b) > 30 for a, b in zip(near.popitem()[1], (40, 90, 190), strict=True))


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (641, 479), (1024, 77)])
@pytest.mark.parametrize("mask_size", [(300, 280), (77, 1024)])
async def test_masks_and_pictures_of_any_shape_are_repainted(provider, files, size, mask_size):
    files.served |= {"photo.png": photo(size), "mask.png": mask(mask_size)}
    given = {"image": files("photo.png"), "mask": files("mask.png"), "prompt": "x"}
    data = await file_of(provider, given, path=FILL)
    assert picture(data).size == size


async def test_outpaint_adds_space_around_the_picture(provider, files):
    given = {"prompt": "fog", "image": files("photo.png"), "outpaint": "Zoom out 2x"}
    assert picture(await file_of(provider, given, path=FILL)).size == (600, 560)


async def test_vectorized_picture_has_the_inputs_size_and_colours(provider, files):
    path = "/v1/models/recraft-ai/recraft-vectorize/predictions"
    svg = (await file_of(provider, {"image": files("photo.png")}, path=path)).decode()
    assert 'width="300" height="280"' in svg
    assert svg.count("<rect") > 100


async def test_lip_sync_has_the_length_and_price_of_the_input_video(provider, files):
    made = await provider.made({"video_url": files("clip.mp4"), "text": "hello"}, path=LIPSYNC)
    assert made["status"] == "succeeded", made["error"]
    [row] = await provider.control("predictions")
    assert row["cost_usd"] == "0.028"


async def failed(provider, given, path):
    made = await provider.made(given, path=path)
    assert made["status"] == "failed"
    return made["error"]


async def test_deleted_input_link_fails_the_run(provider, files):
    error = await failed(provider, {"image": files("gone.png")}, REMOVE)
    assert "input.image: 404 Not Found (E9243)" in error


async def test_unreachable_input_link_fails_the_run(provider, unused_tcp_port):
    error = await failed(provider, {"image": f"http://127.0.0.1:{unused_tcp_port}/a.png"}, REMOVE)
    assert "does not load" in error


@pytest.mark.parametrize("name", ["page.html", "clip.mp4", "half.png"])
async def test_input_that_is_not_a_picture_fails_the_run(provider, files, name):
    files.served["half.png"] = photo()[:400]
    assert "cannot identify image" in await failed(provider, {"image": files(name)}, REMOVE)


async def test_data_url_that_is_not_a_picture_fails_the_run(provider):
    link = "data:image/png;base64," + base64.b64encode(b"not a picture").decode()
    assert "cannot identify image" in await failed(provider, {"image": link}, UPSCALE)


async def test_recraft_tools_require_sides_of_at_least_256_px(provider, files):
    files.served["small.png"] = photo((200, 300))
    assert "sides must be between 256 and 4096" in await failed(provider, {"image": files("small.png")}, REMOVE)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"video_url": "photo.png", "text": "x"}, "sides|seconds|not a video"),
        ({"video_url": "page.html", "text": "x"}, "not a video"),
        ({"video_url": "clip.mp4", "audio_file": "page.html"}, "not audio"),
        ({"video_url": "short.mp4", "text": "x"}, "2 to 10 seconds"),
    ],
)
async def test_lip_sync_requires_a_valid_video_and_valid_audio(provider, files, given, words):
    files.served["short.mp4"] = mp4(lambda _: Image.new("RGB", (720, 720)), (720, 720), 1.0)
    links = {name: files(value) if "." in value else value for name, value in given.items()}
    error = await failed(provider, links, LIPSYNC)
    assert any(word in error for word in words.split("|"))


async def test_lip_sync_rejects_a_small_video(provider, files):
    files.served["small.mp4"] = mp4(lambda _: Image.new("RGB", (480, 480)), (480, 480), 2.0)
    error = await failed(provider, {"video_url": files("small.mp4"), "text": "x"}, LIPSYNC)
    assert "between 720 and 1920 px, got 480x480" in error
