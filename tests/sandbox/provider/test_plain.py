"""Tests that a provider that draws nothing returns the same kinds of files as one that draws."""

import io
import wave

import av
import pytest
from PIL import Image

from sandbox.provider.server import Detail
from tests.sandbox.provider.conftest import running
from tests.sandbox.provider.test_all_models import FIRST_OF_ITS_KIND, MODELS, links, valid_input

ALL_KINDS = sorted(set(FIRST_OF_ITS_KIND.values()))


def facts(data, content_type):
    """Return the properties of a file that a client can measure: its type, size and length."""
    if content_type == "image/svg+xml":
        return content_type
    if content_type == "audio/wav":
        with wave.open(io.BytesIO(data)) as sound:
            return content_type, sound.getnframes(), sound.getframerate()
    if content_type == "video/mp4":
        with av.open(io.BytesIO(data), "r") as container:
            video = container.streams.video[0]
            seconds = round((container.duration or 0) / av.time_base)
            return content_type, video.width, video.height, seconds, bool(container.streams.audio)
    with Image.open(io.BytesIO(data)) as opened:
        return content_type, opened.size, opened.mode == "RGBA"


async def made(provider, model, given):
    path = "/v1/predictions" if model.call_by == "version" else f"/v1/models/{model.id}/predictions"
    more = {"version": model.version} if model.call_by == "version" else {}
    run = await provider.made(given, path=path, **more)
    return [(await provider.file(link))[1:] for link in links(run["output"])]


@pytest.mark.parametrize("model_id", ALL_KINDS)
async def test_plain_files_have_the_type_size_and_length_of_drawn_ones(model_id, files):
    model = MODELS[model_id]
    given = {name: value for name, value in valid_input(model, files).items() if value is not None}
    async with running() as drawing, running(detail=Detail.PLAIN) as plain:
        drawn = [facts(*file) for file in await made(drawing, model, given)]
        assert [facts(*file) for file in await made(plain, model, given)] == drawn


async def test_plain_file_is_made_once_for_all_runs_of_a_size():
    async with running(detail=Detail.PLAIN) as provider:
        model = MODELS["black-forest-labs/flux-schnell"]
        ((one, _),) = await made(provider, model, {"prompt": "a lighthouse", "seed": 1})
        ((other, _),) = await made(provider, model, {"prompt": "a harbour", "seed": 2})
        assert one == other


async def test_words_in_a_prompt_also_spoil_plain_files():
    async with running(detail=Detail.PLAIN) as provider:
        ((page, _),) = await made(provider, MODELS["black-forest-labs/flux-schnell"], {"prompt": "fog [html]"})
        assert page.startswith(b"<!doctype html>")
