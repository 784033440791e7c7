"""Define the output files of a successful run; each is drawn when it is first requested."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageOps

from sandbox.provider.drawing import edits, music, svg_writer, videos
from sandbox.provider.drawing.caption import Lettering
from sandbox.provider.drawing.encoding import encode, grow
from sandbox.provider.drawing.scenes import compose
from sandbox.provider.input_files import InputFile, probe_video
from sandbox.provider.model_schemas import EXTENSIONS, Model
from sandbox.provider.output_files import Piece
from sandbox.provider.output_sizes import Size, film_size, picture_size
from sandbox.provider.prediction_logs import has_seed
from sandbox.provider.prompt_words import Path, without

NOISE_BYTES = 20_000
PAGE = b"<!doctype html><title>Just a moment...</title><p>Checking your browser before you go on."
FRAMES_A_SECOND = 16
"""Of wan and vace: 81 frames are about 5 seconds."""


@dataclass(frozen=True, slots=True)
class Commission:
    """What to make, and from what."""

    model: Model
    given: Mapping[str, object]
    seed: int
    count: int
    path: Path
    files: tuple[InputFile, ...]

    @property
    def prompt(self) -> str:
        """The words to draw, without those that steer the sandbox."""
        return without(str(self.model.value(self.given, "prompt") or ""))

    @property
    def label(self) -> str:
        """The small print on a picture."""
        return f"{self.model.id} · seed {self.seed}" if has_seed(self.model) else self.model.id

    def sent(self, *fields: str) -> list[InputFile]:
        """List the files that came in these fields."""
        return [file for field in fields for file in self.files if file.field == field]

    @property
    def pictures(self) -> list[InputFile]:
        """The pictures that were sent in."""
        return self.sent(*(name for name in self.model.image_fields))


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a run, and how long the clip is, where there is one."""

    pieces: tuple[Piece, ...]
    seconds: float | None = None


def commission(order: Commission) -> Made:
    """Decide what is made; nothing is drawn yet."""
    media = order.model.media(order.given)
    if order.model.output.keys:
        return Made(tuple(_spoilt(order, piece) for piece in _music(order)))
    seconds = _seconds(order) if media.startswith(("video/", "image/gif")) else None
    pieces: list[Piece] = []
    for index in range(order.count):
        draw = partial(_film, order, media, seconds) if seconds is not None else partial(_picture, order, media, index)
        pieces.append(_spoilt(order, Piece(_name(order.model, media, index), media, draw)))
    return Made(tuple(pieces), seconds)


def _name(model: Model, media: str, index: int) -> str:
    stem = f"out-{index}" if model.output.shape == "list" else "output"
    return f"{stem}.{EXTENSIONS[media]}"


def _spoilt(order: Commission, piece: Piece) -> Piece:
    """Let the words of the prompt do to a file what they say."""
    if "broken" in order.path:
        return Piece(piece.name, piece.media, partial(os.urandom, NOISE_BYTES))
    if "html" in order.path:
        return Piece(piece.name, "text/html", lambda: PAGE)
    least = order.path.padded_to
    return Piece(piece.name, piece.media, partial(_grown, piece, least)) if least else piece


def _grown(piece: Piece, least: int) -> bytes:
    return grow(piece.draw(), piece.media, least)


def _music(order: Commission) -> list[Piece]:
    notes = music.tune(order.prompt, order.seed)
    draws: Mapping[str, Callable[[], bytes]] = {
        "audio": lambda: music.wav(notes),
        "spectrogram": lambda: encode(music.spectrogram(notes), "image/jpeg"),
    }
    keys = order.model.output.keys
    return [Piece(f"{key}.{EXTENSIONS[media]}", media, draws[key]) for key, media in keys.items()]


def _seconds(order: Commission) -> float:
    if order.model.roles["video"] == "video_url":
        videos = order.sent("video_url")
        return round(probe_video(videos[0])[0], 3) if videos else 5.0
    frames, rate = order.given.get("frame_num", 81), order.given.get("gif_frames_per_second", 20)
    if "frame_num" in order.model.inputs and isinstance(frames, int):
        return max(1, frames) / FRAMES_A_SECOND
    if "gif_frames_per_second" in order.model.inputs and isinstance(rate, int):
        return max(0.5, 50 / rate)
    return order.model.seconds(order.given) or 2.0


def _film(order: Commission, media: str, seconds: float) -> bytes:
    sent = _first_frame(order)
    size = film_size(order.model, order.given, sent.size if sent else None)
    if sent is not None:
        draw = videos.moving_picture(sent, size, seconds)
    else:
        lettering = Lettering(size, order.prompt, order.label)
        draw = videos.MovingScene(order.prompt, order.seed, size, lettering)
        ending = order.given.get("prompt_end")
        if isinstance(ending, str):
            after = videos.MovingScene(without(ending), order.seed, size, lettering)
            draw = videos.morph(draw, after, seconds)
    if media == "image/gif":
        rate = order.given.get("gif_frames_per_second", 20)
        return videos.gif(draw, seconds, min(10, rate if isinstance(rate, int) else 10))
    has_sound = bool(order.given.get("generate_audio", "generate_audio" in order.model.inputs))
    return videos.film(draw, size, seconds, with_sound=has_sound or order.model.roles["audio"] is not None)


def _first_frame(order: Commission) -> Image.Image | None:
    pictures = [file for file in order.pictures if file.field not in ("subject_reference", "reference_images")]
    if pictures:
        return pictures[0].picture()
    sent = order.sent("video_url", "src_video")
    return videos.first_frame(sent[0].data) if sent else None


def _stamp(order: Commission, picture: Image.Image) -> Image.Image:
    return Lettering(picture.size, order.prompt, order.label).write(picture)


def _picture(order: Commission, media: str, index: int) -> bytes:
    if media == "image/svg+xml":
        return _vector(order)
    picture = (
        _made_from(order, index) if order.pictures else _new(order, index, picture_size(order.model, order.given, None))
    )
    quality = order.given.get("output_quality", 85)
    return encode(picture, media, quality=quality if isinstance(quality, int) else 85)


def _vector(order: Commission) -> bytes:
    if order.pictures:
        return svg_writer.vectorize(order.pictures[0].picture())
    size = picture_size(order.model, order.given, None)
    return svg_writer.svg_of_scene(compose(order.prompt, order.seed, size[0] / size[1]), size, order.prompt)


def _new(order: Commission, index: int, size: Size) -> Image.Image:
    picture = _stamp(order, videos.still(order.prompt, order.seed + index, size))
    return edits.cut_out(picture) if order.given.get("background") == "transparent" else picture


def _made_from(order: Commission, index: int) -> Image.Image:
    """Make a picture from those that were sent in."""
    pictures = [file.picture() for file in order.pictures]
    first, tasks = pictures[0], order.model.tasks
    if "removebg" in tasks:
        return edits.cut_out(first)
    if "upscale" in tasks:
        return edits.enlarge(first, with_detail="creative" in order.model.id)
    if "objects_to_remove" in order.model.inputs:
        return edits.remove(first)
    size = picture_size(order.model, order.given, first.size)
    scene = videos.still(order.prompt, order.seed + index, size)
    return _stamp(order, _edited(order, pictures, scene, size))


def _edited(order: Commission, pictures: list[Image.Image], scene: Image.Image, size: Size) -> Image.Image:
    outpaint, masks = str(order.given.get("outpaint", "None")), order.sent("mask")
    if outpaint != "None":
        canvas, mask = edits.extend(pictures[0], outpaint)
        return edits.repaint(canvas, mask, scene)
    if masks:
        return edits.repaint(pictures[0], _white_is_new(order, masks[0].picture()), scene)
    if len(pictures) > 1:
        return edits.restyle(edits.join(pictures, size), scene, 0.2)
    strength = order.given.get("prompt_strength", 0.35)
    base = videos.cover(pictures[0].convert("RGB"), size)
    return edits.restyle(base, scene, float(strength) if isinstance(strength, int | float) else 0.35)


def _white_is_new(order: Commission, mask: Image.Image) -> Image.Image:
    """Turn a mask over where black is what the model repaints."""
    grey = mask.convert("L")
    return ImageOps.invert(grey) if order.model.id.startswith("ideogram-ai/") else grey
