"""Makes a few seconds of music as WAV, and its spectrogram."""

import io
import math
import random
import wave
from array import array
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

RATE = 22_050
SECONDS = 5.12
"""The length of a clip (one spectrogram of the real model)."""
SCALES = ((0, 3, 5, 7, 10), (0, 2, 4, 7, 9), (0, 2, 3, 7, 8))
HARMONICS = ((1, 0.6), (2, 0.25), (3, 0.12))


@dataclass(frozen=True, slots=True)
class Note:
    """One note: its start and length in seconds, its pitch in Hz, and its volume."""

    start: float
    length: float
    pitch: float
    loudness: float


def tune(prompt: str, seed: int) -> list[Note]:
    """Compose a melody over a bass line, the same for the same prompt and seed."""
    rng = random.Random(f"{prompt}|{seed}")
    root, scale, beat = 110 * 2 ** (rng.randrange(12) / 12), rng.choice(SCALES), rng.choice((0.16, 0.2132, 0.32))
    steps = int(SECONDS / beat)
    degrees = [rng.randrange(len(scale) * 2) for _ in range(8)]
    notes: list[Note] = []
    for step in range(steps):
        octave, degree = divmod(degrees[step % 8], len(scale))
        if rng.random() < 0.8:  # noqa: PLR2004 - otherwise a rest
            pitch = root * 2 ** (octave + 1 + scale[degree] / 12)
            notes.append(Note(step * beat, beat * rng.choice((1, 1.5, 2)), pitch, rng.uniform(0.35, 0.6)))
        if step % 4 == 0:
            notes.append(Note(step * beat, beat * 3.5, root / 2 * 2 ** (scale[(step // 8) % 3] / 12), 0.7))
    return notes


def wav(notes: list[Note]) -> bytes:
    """Render the notes as a 16-bit mono WAV file."""
    mixed = array("d", bytes(8 * int(RATE * SECONDS)))
    for note in notes:
        _play(note, mixed)
    loudest = max(1e-9, *map(abs, mixed))
    samples = array("h", (int(28_000 * value / loudest) for value in mixed))
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return made.getvalue()


def _play(note: Note, mixed: "array[float]") -> None:
    first, count = int(note.start * RATE), int(note.length * RATE)
    turn = math.tau * note.pitch / RATE
    for index in range(min(count, len(mixed) - first)):
        loud = note.loudness * min(1.0, index / 220) * math.exp(-3.5 * index / count)
        at = turn * index
        mixed[first + index] += loud * (0.6 * math.sin(at) + 0.25 * math.sin(2 * at) + 0.12 * math.sin(3 * at))


def spectrogram(notes: list[Note], side: int = 512) -> Image.Image:
    """Draw the notes as a spectrogram: time to the right, pitch upwards."""
    made = Image.new("L", (side, side), 6)
    pen = ImageDraw.Draw(made)
    for note in notes:
        for harmonic, strength in HARMONICS:
            height = math.log2(max(1.0, note.pitch * harmonic / 40)) / 7
            y = side * (1 - height)
            left, right = note.start / SECONDS * side, (note.start + note.length) / SECONDS * side
            pen.rectangle((left, y - 2, right, y + 2), fill=round(255 * min(1.0, note.loudness * strength * 2.2)))
    return made.filter(ImageFilter.GaussianBlur(1.4))
