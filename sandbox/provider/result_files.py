"""Defines the output files of a successful run; each is drawn when it is first requested."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from PIL import Image, ImageOps

from sandbox.provider.drawing import edits, music, plain, sketching, svg_writer, videos
from sandbox.provider.drawing.caption import Lettering
from sandbox.provider.drawing.encoding import encode, grow
from sandbox.provider.drawing.scenes import compose
from sandbox.provider.input_files import InputFile, probe_video
from sandbox.provider.model_schemas import EXTENSIONS, Model
from sandbox.provider.output_files import Piece
from sandbox.provider.output_sizes import Size, picture_size, video_size
from sandbox.provider.prediction_logs import has_seed
from sandbox.provider.prompt_words import ControlWords, remove_words

NOISE_BYTES = 20_000
PAGE = b"<!doctype html><title>Just a moment...</title><p>Checking your browser before you go on."
FRAMES_A_SECOND = 16
"""The frame rate of wan and vace: 81 frames last about 5 seconds."""


class Detail(Enum):
    """How much is drawn in an output file."""

    FULL = auto()
    SKETCH = auto()
    """Drawn on a small canvas, which is much faster."""
    PLAIN = auto()
    """A single colour or tone: nothing is drawn."""


@dataclass(frozen=True, slots=True)
class OutputRequest:
    """The model and input of a successful run, from which its output files are made."""

    model: Model
    input: Mapping[str, object]
    seed: int
    count: int
    words: ControlWords
    files: tuple[InputFile, ...]
    detail: Detail = Detail.FULL

    @property
    def sketched(self) -> bool:
        """Whether its files are drawn on a small canvas."""
        return self.detail is Detail.SKETCH

    @property
    def plain(self) -> bool:
        """Whether nothing is drawn."""
        return self.detail is Detail.PLAIN

    @property
    def prompt(self) -> str:
        """Return the prompt without the words that control the sandbox."""
        return remove_words(str(self.model.value(self.input, "prompt") or ""))

    @property
    def label(self) -> str:
        """Return the small label on a picture."""
        return f"{self.model.id} · seed {self.seed}" if has_seed(self.model) else self.model.id

    def canvas(self, size: Size) -> Size:
        """Return the size of the canvas for a picture of this size."""
        return sketching.canvas(size) if self.sketched else size

    def input_files(self, *fields: str) -> list[InputFile]:
        """Return the input files of these fields."""
        return [file for field in fields for file in self.files if file.field == field]

    @property
    def pictures(self) -> list[InputFile]:
        """Return the input pictures."""
        return self.input_files(*(name for name in self.model.image_fields))


@dataclass(frozen=True, slots=True)
class Outputs:
    """The output files of a run, and the length of its video in seconds, if there is one."""

    pieces: tuple[Piece, ...]
    seconds: float | None = None


def make_outputs(request: OutputRequest) -> Outputs:
    """Define the output files of a run; they are not drawn yet."""
    media = request.model.media(request.input)
    if request.model.output.keys:
        return Outputs(tuple(_with_prompt_words(request, piece) for piece in _music(request)))
    seconds = _seconds(request) if media.startswith(("video/", "image/gif")) else None
    pieces: list[Piece] = []
    for index in range(request.count):
        if seconds is not None:
            draw = partial(_video, request, media, seconds)
        else:
            draw = (
                partial(_plain_picture, request, media) if request.plain else partial(_picture, request, media, index)
            )
        pieces.append(_with_prompt_words(request, Piece(_name(request.model, media, index), media, draw)))
    return Outputs(tuple(pieces), seconds)


def _name(model: Model, media: str, index: int) -> str:
    stem = f"out-{index}" if model.output.shape == "list" else "output"
    return f"{stem}.{EXTENSIONS[media]}"


def _with_prompt_words(request: OutputRequest, piece: Piece) -> Piece:
    """Apply the control words of the prompt to an output file."""
    if "broken" in request.words:
        return Piece(piece.name, piece.media, partial(os.urandom, NOISE_BYTES))
    if "html" in request.words:
        return Piece(piece.name, "text/html", lambda: PAGE)
    least = request.words.padded_to
    return Piece(piece.name, piece.media, partial(_padded, piece, least)) if least else piece


def _padded(piece: Piece, least: int) -> bytes:
    return grow(piece.draw(), piece.media, least)


def _music(request: OutputRequest) -> list[Piece]:
    notes = music.tune(request.prompt, request.seed)
    draws: Mapping[str, Callable[[], bytes]] = {
        "audio": lambda: music.wav(notes),
        "spectrogram": lambda: encode(music.spectrogram(notes), "image/jpeg"),
    }
    keys = request.model.output.keys
    return [
        Piece(f"{key}.{EXTENSIONS[media]}", media, partial(plain.tone, media) if request.plain else draws[key])
        for key, media in keys.items()
    ]


def _seconds(request: OutputRequest) -> float:
    if request.model.roles["video"] == "video_url":
        videos = request.input_files("video_url")
        return round(probe_video(videos[0])[0], 3) if videos else 5.0
    frames, rate = request.input.get("frame_num", 81), request.input.get("gif_frames_per_second", 20)
    if "frame_num" in request.model.inputs and isinstance(frames, int):
        return max(1, frames) / FRAMES_A_SECOND
    if "gif_frames_per_second" in request.model.inputs and isinstance(rate, int):
        return max(0.5, 50 / rate)
    return request.model.seconds(request.input) or 2.0


def _video(request: OutputRequest, media: str, seconds: float) -> bytes:
    sent = _first_frame(request)
    size = video_size(request.model, request.input, sent.size if sent else None)
    has_sound = (
        bool(request.input.get("generate_audio", "generate_audio" in request.model.inputs))
        or request.model.roles["audio"] is not None
    )
    if request.plain:
        return plain.video(size, seconds, media, with_sound=has_sound)
    canvas = request.canvas(size)
    if sent is not None:
        draw = videos.moving_picture(sent, canvas, seconds)
    else:
        lettering = _lettering(request, canvas)
        draw = videos.MovingScene(request.prompt, request.seed, canvas, lettering, sketched=request.sketched)
        ending = request.input.get("prompt_end")
        if isinstance(ending, str):
            after = videos.MovingScene(remove_words(ending), request.seed, canvas, lettering, sketched=request.sketched)
            draw = videos.morph(draw, after, seconds)
    if media == "image/gif":
        rate = request.input.get("gif_frames_per_second", 20)
        return videos.gif(draw, size, seconds, min(10, rate if isinstance(rate, int) else 10))
    fps = videos.SKETCHED_FPS if request.sketched else videos.FPS
    return videos.mp4(draw, size, seconds, with_sound=has_sound, fps=fps)


def _first_frame(request: OutputRequest) -> Image.Image | None:
    pictures = [file for file in request.pictures if file.field not in ("subject_reference", "reference_images")]
    if pictures:
        return pictures[0].picture()
    sent = request.input_files("video_url", "src_video")
    return videos.first_frame(sent[0].data) if sent else None


def _stamp(request: OutputRequest, picture: Image.Image) -> Image.Image:
    return picture if request.sketched else _lettering(request, picture.size).write(picture)


def _lettering(request: OutputRequest, size: Size) -> Lettering:
    """Return the text on an output; letters of a legible size would cover the canvas of a sketch."""
    return Lettering(size, "", "") if request.sketched else Lettering(size, request.prompt, request.label)


def _picture(request: OutputRequest, media: str, index: int) -> bytes:
    if media == "image/svg+xml":
        return _vector(request)
    picture = _edit_inputs(request, index) if request.pictures else _new_picture(request, index)
    quality = request.input.get("output_quality", 85)
    return encode(picture, media, quality=quality if isinstance(quality, int) else 85, fast=request.sketched)


def _plain_picture(request: OutputRequest, media: str) -> bytes:
    sent = request.pictures[0].picture().size if request.pictures else None
    size = picture_size(request.model, request.input, None) if sent is None else _edited_size(request, sent)
    if media == "image/svg+xml":
        return plain.vector(size)
    cut_out = "removebg" in request.model.tasks or request.input.get("background") == "transparent"
    return plain.picture(size, media, transparent=cut_out)


def _vector(request: OutputRequest) -> bytes:
    if request.pictures:
        return svg_writer.vectorize(request.pictures[0].picture())
    size = picture_size(request.model, request.input, None)
    return svg_writer.svg_of_scene(compose(request.prompt, request.seed, size[0] / size[1]), size, request.prompt)


def _new_picture(request: OutputRequest, index: int) -> Image.Image:
    size = picture_size(request.model, request.input, None)
    picture = _stamp(request, _still(request, index, request.canvas(size)))
    if request.input.get("background") == "transparent":
        picture = edits.cut_out(picture)
    return _at_size(picture, size)


def _at_size(drawn: Image.Image, size: Size) -> Image.Image:
    return drawn if drawn.size == size else sketching.enlarged(drawn, size)


def _still(request: OutputRequest, index: int, size: Size) -> Image.Image:
    return videos.still(request.prompt, request.seed + index, size, sketched=request.sketched)


def _edit_inputs(request: OutputRequest, index: int) -> Image.Image:
    """Make a picture from the input pictures."""
    pictures = [file.picture() for file in request.pictures]
    size = _edited_size(request, pictures[0].size)
    if request.sketched:
        pictures = [sketching.reduced(each) for each in pictures]
    return _at_size(_edit(request, pictures, index, request.canvas(size)), size)


def _edited_size(request: OutputRequest, sent: Size) -> Size:
    """Return the size of the picture that is made from a picture of this size."""
    if "upscale" in request.model.tasks:
        return edits.enlarged_size(sent)
    outpaint = _outpaint(request)
    if outpaint is not None:
        return edits.extended_size(sent, outpaint)[0]
    keeps_size = "removebg" in request.model.tasks or "objects_to_remove" in request.model.inputs
    if keeps_size or request.input_files("mask"):
        return sent
    return picture_size(request.model, request.input, sent)


def _outpaint(request: OutputRequest) -> str | None:
    how = str(request.input.get("outpaint", "None"))
    return None if how == "None" else how


def _edit(request: OutputRequest, pictures: list[Image.Image], index: int, size: Size) -> Image.Image:
    first, tasks = pictures[0], request.model.tasks
    if "removebg" in tasks:
        return edits.cut_out(first)
    if "upscale" in tasks:
        return edits.enlarge(first, with_detail="creative" in request.model.id)
    if "objects_to_remove" in request.model.inputs:
        return edits.remove(first)
    scene = _still(request, index, size)
    return _stamp(request, _repainted(request, pictures, scene, size))


def _repainted(request: OutputRequest, pictures: list[Image.Image], scene: Image.Image, size: Size) -> Image.Image:
    outpaint, masks = _outpaint(request), request.input_files("mask")
    if outpaint is not None:
        canvas, mask = edits.extend(pictures[0], outpaint)
        return edits.repaint(canvas, mask, scene)
    if masks:
        return edits.repaint(pictures[0], _white_is_repainted(request, masks[0].picture()), scene)
    if len(pictures) > 1:
        return edits.restyle(edits.join(pictures, size), scene, 0.2)
    strength = request.input.get("prompt_strength", 0.35)
    base = videos.cover(pictures[0].convert("RGB"), size)
    return edits.restyle(base, scene, float(strength) if isinstance(strength, int | float) else 0.35)


def _white_is_repainted(request: OutputRequest, mask: Image.Image) -> Image.Image:
    """Invert a mask if the model repaints its black areas."""
    grey = mask.convert("L")
    return ImageOps.invert(grey) if request.model.id.startswith("ideogram-ai/") else grey
