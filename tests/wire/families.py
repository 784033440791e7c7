"""One order for each model as a member would type it, and the request that the provider must receive.

These rows were written by hand from the provider's documentation of each model, not from our catalogue.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

from tests.unit.media.making import sound, video

FILE = "<file>"
"""The placeholder for the link to a file."""

PROMPT = "a small red boat"
SIDE = 320


@dataclass(frozen=True)
class Row:
    """An order, the input that the provider must receive, and the charge in credits (list price times 25,000)."""

    model: str
    command: str
    options: Mapping[str, object]
    sends: Mapping[str, object]
    credits: float
    media: str
    files: Mapping[str, str] = field(default_factory=dict)
    named: bool = True
    """Whether the command names the model; otherwise Easel must choose it."""

    @property
    def typed_options(self) -> Mapping[str, object]:
        """Return the options that the member types."""
        return {**self.options, **({"model": self.model} if self.named else {})}

    @property
    def typed(self) -> str:
        """Return the command line as a member types it."""
        sent = [f"{name}:{value}" for name, value in {**self.typed_options, **self.files}.items()]
        return " ".join([f"/{self.command}", *sent])


def imagine_row(model, price, media="image/webp", sends=None, *, files=None, named=True, **options):
    sent = {"prompt": PROMPT, **(sends or {})}
    return Row(model, "imagine", {"prompt": PROMPT, **options}, sent, price, media, files or {}, named)


def video_row(model, price, sends=None, *, files=None, named=True, prompt="prompt", media="video/mp4", **options):
    sent = {prompt: PROMPT, **(sends or {})}
    return Row(model, "video", {"prompt": PROMPT, **options}, sent, price, media, files or {}, named)


PHOTO, OTHER, HOLE, MASK, FACE, VOICE = "boat.png", "hat.png", "hole.png", "mask.png", "face.mp4", "voice.mp3"
ONE = {"num_outputs": 1}
CARTOON = {"instruction": "as a cartoon"}
POSTER = "digital_illustration/80s"
LORA = "alvdansen/frosting_lane_flux"

PICTURES = (
    imagine_row("black-forest-labs/flux-schnell", 150, sends={"num_outputs": 2}, named=False, count=2),
    imagine_row(
        "black-forest-labs/flux-dev", 625, sends={"image": FILE, "prompt_strength": 0.5, **ONE},
        files={"reference": PHOTO}, named=False, strength=0.5,
    ),
    imagine_row("black-forest-labs/flux-pro", 1_375, sends={"aspect_ratio": "16:9"}, aspect="16:9"),
    imagine_row("black-forest-labs/flux-1.1-pro", 1_000, sends={"image_prompt": FILE}, files={"reference": PHOTO}),
    imagine_row("black-forest-labs/flux-1.1-pro-ultra", 1_500, "image/jpeg", {"seed": 7}, seed=7),
    imagine_row(
        "stability-ai/stable-diffusion", 85, "image/png",
        {"height": 512, "width": 768, "negative_prompt": "people", **ONE}, aspect="3:2", negative="people",
    ),
    imagine_row(
        "stability-ai/sdxl", 157.5, "image/png", {"negative_prompt": "rain", **ONE}, named=False, negative="rain",
    ),
    imagine_row(
        "stability-ai/stable-diffusion-img2img", 232.5, "image/png", {"image": FILE, **ONE}, files={"reference": PHOTO},
    ),
    imagine_row("lucataco/flux-schnell-lora", 150, sends={"hf_lora": LORA, **ONE}, named=False, lora="frosting"),
    imagine_row("lucataco/flux-dev-lora", 950, sends=ONE),
    imagine_row("recraft-ai/recraft-v3", 1_000, sends={"style": "realistic_image/hdr"}, style="realistic_image/hdr"),
    imagine_row("recraft-ai/recraft-20b", 550, sends={"style": POSTER}, named=False, style=POSTER),
    imagine_row("google/imagen-4", 1_000, "image/png", {"output_format": "png"}, format="png"),
    imagine_row("google/imagen-4-ultra", 1_500, "image/jpeg", {"aspect_ratio": "9:16"}, aspect="9:16"),
    imagine_row("google/imagen-4-fast", 500, "image/jpeg"),
    imagine_row("openai/gpt-image-1", 25, sends={"openai_api_key": "sk-of-the-operator", "number_of_images": 1}),
)  # fmt: skip
TOOLS = (
    Row(
        "black-forest-labs/flux-kontext-dev", "edit", CARTOON, {"prompt": "as a cartoon", "input_image": FILE},
        625, "image/webp", {"image": PHOTO}, named=False,
    ),
    Row(
        "black-forest-labs/flux-kontext-pro", "edit", CARTOON, {"prompt": "as a cartoon", "input_image": FILE},
        1_000, "image/png", {"image": PHOTO},
    ),
    Row(
        "black-forest-labs/flux-kontext-max", "edit", {**CARTOON, "aspect": "16:9"},
        {"prompt": "as a cartoon", "input_image": FILE, "aspect_ratio": "16:9"}, 2_000, "image/png", {"image": PHOTO},
    ),
    Row(
        "flux-kontext-apps/multi-image-kontext-pro", "edit", {"instruction": "put the hat on"},
        {"prompt": "put the hat on", "input_image_1": FILE, "input_image_2": FILE},
        1_000, "image/png", {"image": PHOTO, "image2": OTHER}, named=False,
    ),
    Row(
        "flux-kontext-apps/multi-image-kontext-max", "edit", {"instruction": "put the hat on", "seed": 3},
        {"prompt": "put the hat on", "input_image_1": FILE, "input_image_2": FILE, "seed": 3},
        2_000, "image/png", {"image": PHOTO, "image2": OTHER},
    ),
    Row(
        "black-forest-labs/flux-fill-pro", "edit", {"instruction": "a window"},
        {"prompt": "a window", "image": FILE, "mask": FILE}, 1_250, "image/jpeg", {"image": PHOTO, "mask": MASK},
    ),
    Row(
        "black-forest-labs/flux-fill-dev", "erase", {"fill": "a door"},
        {"prompt": "a door", "image": FILE, "mask": FILE, **ONE}, 1_000, "image/webp", {"image": HOLE}, named=False,
    ),
    Row(
        "stability-ai/stable-diffusion-inpainting", "erase", {"fill": "grass"},
        {"prompt": "grass", "image": FILE, "mask": FILE, **ONE}, 52.5, "image/png", {"image": PHOTO, "mask": MASK},
    ),
    Row(
        "ideogram-ai/ideogram-v2-turbo", "erase", {"fill": "a sign"}, {"prompt": "a sign", "image": FILE, "mask": FILE},
        1_250, "image/png", {"image": PHOTO, "mask": MASK},
    ),
    Row(
        "sujaykhandekar/object-removal", "erase", {"what": "boat"}, {"image_path": FILE, "objects_to_remove": "boat"},
        242.5, "image/png", {"image": PHOTO},
    ),
    Row("lucataco/remove-bg", "removebg", {}, {"image": FILE}, 13.75, "image/png", {"image": PHOTO}, named=False),
    Row("cjwbw/rembg", "removebg", {}, {"image": FILE}, 122.5, "image/png", {"image": PHOTO}),
    Row("recraft-ai/recraft-remove-background", "removebg", {}, {"image": FILE}, 250, "image/png", {"image": PHOTO}),
    Row(
        "recraft-ai/recraft-crisp-upscale", "upscale", {}, {"image": FILE},
        150, "image/webp", {"image": PHOTO}, named=False,
    ),
    Row(
        "recraft-ai/recraft-creative-upscale", "upscale", {"mode": "creative"}, {"image": FILE},
        7_500, "image/webp", {"image": PHOTO}, named=False,
    ),
    Row(
        "recraft-ai/recraft-vectorize", "vectorize", {}, {"image": FILE},
        250, "image/svg+xml", {"image": PHOTO}, named=False,
    ),
    Row(
        "recraft-ai/recraft-20b-svg", "svg", {"prompt": PROMPT, "aspect": "16:9"},
        {"prompt": PROMPT, "aspect_ratio": "16:9"}, 1_100, "image/svg+xml", named=False,
    ),
    Row(
        "recraft-ai/recraft-v3-svg", "svg", {"prompt": PROMPT, "style": "linocut"},
        {"prompt": PROMPT, "style": "linocut"}, 2_000, "image/svg+xml",
    ),
    Row(
        "riffusion/riffusion", "music", {"prompt": "slow jazz", "prompt2": "techno"},
        {"prompt_a": "slow jazz", "prompt_b": "techno"}, 850, "audio/wav", named=False,
    ),
)  # fmt: skip
VIDEOS = (
    video_row("kwaivgi/kling-v1.6-standard", 6_250, {"aspect_ratio": "1:1", "duration": 5}, named=False, aspect="1:1"),
    video_row(
        "kwaivgi/kling-v1.6-pro", 11_875, {"start_image": FILE, "reference_images": [FILE, FILE], "duration": 5},
        files={"image": PHOTO, "reference": OTHER, "reference2": PHOTO},
    ),
    video_row("kwaivgi/kling-v2.0", 35_000, {"negative_prompt": "rain", "duration": 5}, negative="rain"),
    video_row(
        "kwaivgi/kling-v2.5-turbo-pro", 8_750, {"start_image": FILE, "end_image": FILE, "duration": 5},
        files={"image": PHOTO, "last_frame": OTHER}, seconds=5,
    ),
    video_row("minimax/video-01", 12_500, {"subject_reference": FILE}, files={"reference": PHOTO}),
    video_row("minimax/video-01-live", 12_500, {"first_frame_image": FILE}, files={"image": PHOTO}),
    video_row(
        "minimax/hailuo-2.3", 7_000, {"first_frame_image": FILE, "duration": 6, "resolution": "768p"},
        files={"image": PHOTO},
    ),
    video_row(
        "minimax/hailuo-02", 6_750,
        {"first_frame_image": FILE, "last_frame_image": FILE, "duration": 6, "resolution": "768p"},
        files={"image": PHOTO, "last_frame": OTHER}, resolution="768p",
    ),
    video_row("google/veo-2", 62_500, {"duration": 5}, seconds=5),
    video_row(
        "google/veo-3", 75_000, {"duration": 4, "resolution": "720p", "generate_audio": True},
        seconds=4, resolution="720p",
    ),
    video_row("wavespeedai/wan-2.1-t2v-480p", 8_750, {"aspect_ratio": "9:16"}, aspect="9:16"),
    video_row("wavespeedai/wan-2.1-t2v-720p", 30_000, {"seed": 11}, seed=11),
    video_row("wavespeedai/wan-2.1-i2v-480p", 11_250, {"image": FILE}, files={"image": PHOTO}),
    video_row("wavespeedai/wan-2.1-i2v-720p", 31_250, {"image": FILE}, files={"image": PHOTO}, seconds=5),
    video_row(
        "prunaai/vace-14b", 15_000,
        {"src_video": FILE, "src_mask": FILE, "src_ref_images": [FILE], "size": "832*480"},
        files={"video": FACE, "mask": MASK, "reference": OTHER}, named=False,
    ),
    video_row("lucataco/animate-diff", 2_300, {"n_prompt": "rain", "seed": 5}, negative="rain", seed=5),
    video_row(
        "andreasjansson/stable-diffusion-animation", 3_250, {"prompt_end": "a green island"}, prompt="prompt_start",
        media="image/gif", named=False, prompt_end="a green island",
    ),
    Row(
        "kwaivgi/kling-lip-sync", "lipsync", {"text": "Ahoy!", "voice": "en_uk_boy1"},
        {"video_url": FILE, "text": "Ahoy!", "voice_id": "en_uk_boy1"}, 875, "video/mp4", {"video": FACE}, named=False,
    ),
)  # fmt: skip
ROWS: tuple[Row, ...] = (*PICTURES, *TOOLS, *VIDEOS)

FACE_S = 2.5

CATALOGUE = f"""
[models."openai/gpt-image-1"]
enabled = true

[models."lucataco/flux-schnell-lora".loras]
frosting = "{LORA}"
"""


def draw_files(folder: Path) -> Mapping[str, bytes]:
    """Create the files that members attach, by name."""
    photo = Image.new("RGB", (SIDE, SIDE), "steelblue")
    ImageDraw.Draw(photo).polygon([(80, 200), (240, 200), (200, 240), (120, 240)], fill="firebrick")
    hole = photo.convert("RGBA")
    hole.paste((0, 0, 0, 0), (0, 0, SIDE // 2, SIDE))
    mask = Image.new("L", (SIDE, SIDE), 0)
    mask.paste(255, (0, 0, SIDE // 2, SIDE))
    pictures = {PHOTO: photo, OTHER: photo.rotate(90), HOLE: hole, MASK: mask}
    face = video(folder / FACE, seconds=FACE_S, size=(720, 720), dark=1_000)
    return {
        **{name: _png(picture) for name, picture in pictures.items()},
        FACE: face.read_bytes(),
        VOICE: sound(folder / VOICE).read_bytes(),
    }


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
