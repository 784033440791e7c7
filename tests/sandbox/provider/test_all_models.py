"""Tests that each model accepts a valid input on its route and returns files that can be decoded."""

import io
import wave
from xml.etree import ElementTree as ET

import av
import pytest
from PIL import Image

from sandbox.provider.model_schemas import Models
from sandbox.provider.server import Detail
from tests.sandbox.provider.conftest import running

MODELS = {model.id: model for model in Models.load().all}
SMALL = {"width": 256, "height": 256, "megapixels": "0.25", "duration": None, "num_animation_frames": 4}
EXTRA = {
    "kwaivgi/kling-lip-sync": {"video_url": "clip.mp4", "text": "hello"},
    "kwaivgi/kling-v1.6-pro": {"start_image": "photo.png"},
    "cjwbw/rembg": {"image": "photo.png"},
    "google/veo-2": {"prompt": "waves"},
    "lucataco/animate-diff": {"prompt": "a cat"},
    "openai/gpt-image-1": {"openai_api_key": "sk-test"},
    "prunaai/vace-14b": {"frame_num": 17, "size": "832*480"},
    "andreasjansson/stable-diffusion-animation": {
        "prompt_start": "sea",
        "prompt_end": "forest",
        "width": 128,
        "height": 128,
    },
}
STRINGS = {"mask": "mask.png"}


def valid_input(model, host):
    given = dict(EXTRA.get(model.id, {}))
    for name, field in model.inputs.items():
        if field.required and name not in given:
            given[name] = STRINGS.get(name, "photo.png") if field.is_link else "a lighthouse in fog"
        elif name in SMALL and (not field.enum or SMALL[name] in field.enum):
            given.setdefault(name, SMALL[name])
    shortest = model.roles["duration"]
    if shortest:
        given[shortest] = min(model.inputs[shortest].enum)
    return {name: host(value) if str(value) in host.served else value for name, value in given.items()}


def kind(model):
    """Return the properties that decide how a model's files are drawn."""
    return model.media({}), model.tasks, bool(model.image_fields)


FIRST_OF_ITS_KIND = {kind(model): model.id for model in reversed(MODELS.values())}


def links(output):
    return [output] if isinstance(output, str) else list(output.values() if isinstance(output, dict) else output)


def decode(data, content_type):
    if content_type == "image/svg+xml":
        assert ET.fromstring(data).tag.endswith("svg")
    elif content_type == "audio/wav":
        with wave.open(io.BytesIO(data)) as sound:
            assert sound.getnframes() / sound.getframerate() > 4
    elif content_type == "video/mp4":
        with av.open(io.BytesIO(data), "r") as container:
            assert container.streams.video[0].codec_context.name == "h264"
            assert next(container.decode(video=0)).width >= 256
    else:
        with Image.open(io.BytesIO(data)) as opened:
            assert opened.format is not None
            assert content_type == Image.MIME[opened.format]
            assert opened.width >= 64


def test_thirteen_models_are_called_by_version():
    assert sum(model.call_by == "version" for model in MODELS.values()) == 13


@pytest.mark.parametrize("model_id", MODELS)
async def test_model_output_matches_its_schema(model_id, files):
    model = MODELS[model_id]
    async with running(detail=Detail.FULL if FIRST_OF_ITS_KIND[kind(model)] == model_id else Detail.SKETCH) as provider:
        given = {name: value for name, value in valid_input(model, files).items() if value is not None}
        if model.call_by == "version":
            made = await provider.made(given, path="/v1/predictions", version=model.version)
        else:
            made = await provider.made(given, path=f"/v1/models/{model_id}/predictions")
        assert made["status"] == "succeeded", made["error"]
        assert isinstance(made["output"], {"string": str, "list": list, "object": dict}[model.output.shape])
        types = []
        for link in links(made["output"]):
            status, data, content_type = await provider.file(link)
            assert status == 200
            assert len(data) < 3_000_000
            decode(data, content_type)
            types.append(content_type)
        assert types[0] == model.media(given)
