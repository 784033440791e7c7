"""Composes a landscape from a prompt and a seed. The same seed gives the same scene; `t` (seconds) animates it."""

import math
import random
from itertools import pairwise

from sandbox.provider.drawing.moods import Light, Mood, read
from sandbox.provider.drawing.shapes import Colour, Oval, Point, Polygon, Scene, Shape, box, disc, mix
from sandbox.provider.drawing.subjects import Stage, draw_subject

WHITE = (255, 255, 255)
HORIZONS = {"sea": 0.62, "city": 0.72, "forest": 0.66, "desert": 0.64, "snow": 0.66, "meadow": 0.66, "mountain": 0.7}


def compose(prompt: str, seed: int, aspect: float, t: float = 0.0) -> Scene:
    """Compose the scene of a prompt at a given time."""
    rng = random.Random(f"{prompt}|{seed}")
    mood = read(prompt, rng)
    horizon = HORIZONS[mood.land] + rng.uniform(-0.03, 0.03)
    stage = Stage(aspect, horizon, mood.light, mood.is_foggy, t)
    sun = (aspect * rng.uniform(0.2, 0.8), mood.light.sun_height + rng.uniform(-0.05, 0.05))
    shapes = [
        *(_stars(rng, stage) if mood.light.stars else ()),
        *_sun(sun, mood.light),
        *_clouds(rng, stage),
        *_ridges(rng, stage, mood.land),
        *_land(rng, stage, mood.land, sun),
        *(_fog(rng, stage) if mood.is_foggy else ()),
    ]
    places = [rng.uniform(0.3, 0.42), rng.uniform(0.62, 0.74)] if len(mood.subjects) > 1 else [rng.uniform(0.36, 0.64)]
    for name, place in zip(mood.subjects, places, strict=False):
        shapes += draw_subject(name, rng, stage, place * aspect)
    shapes += _fog(rng, stage)[3:] if mood.is_foggy else ()
    shapes += [*_foreground(rng, stage, mood), *_falling(rng, stage, mood.falling)]
    return Scene(aspect, _sky(mood.light, horizon), tuple(shapes))


def _sky(light: Light, horizon: float) -> tuple[tuple[float, Colour], ...]:
    return ((0.0, light.top), (horizon * 0.55, light.middle), (horizon, light.horizon), (1.0, light.horizon))


def _stars(rng: random.Random, stage: Stage) -> list[Shape]:
    made: list[Shape] = []
    for _ in range(int(130 * stage.aspect)):
        place = (rng.uniform(0, stage.aspect), rng.uniform(0, stage.horizon) ** 1.4)
        twinkle = 0.55 + 0.45 * math.sin(stage.t * rng.uniform(1, 3) + rng.uniform(0, 6))
        made.append(disc(place, rng.uniform(0.0008, 0.0022), WHITE, twinkle * rng.uniform(0.4, 1)))
    return made


def _sun(place: Point, light: Light) -> list[Shape]:
    halo = mix(light.sun, light.horizon, 0.35)
    return [
        disc(place, 0.30, halo, 0.30, 0.13),
        disc(place, 0.13, halo, 0.45, 0.05),
        disc(place, 0.052, light.sun, 1.0, 0.004),
    ]


def _clouds(rng: random.Random, stage: Stage) -> list[Shape]:
    made: list[Shape] = []
    for _ in range(rng.randint(3, 5)):
        span = stage.aspect + 0.8
        x = (rng.uniform(0, span) + stage.t * rng.uniform(0.010, 0.022)) % span - 0.4
        y, size = rng.uniform(0.08, stage.horizon * 0.72), rng.uniform(0.10, 0.24)
        colour = mix(stage.light.horizon, WHITE, 0.25)
        for _ in range(5):
            centre = (x + rng.uniform(-1, 1) * size, y + rng.uniform(-0.12, 0.12) * size)
            radii = (size * rng.uniform(0.4, 0.9), size * rng.uniform(0.07, 0.16))
            made.append(Oval(centre, radii, colour, 0.26, 0.012))
    return made


def ridge(rng: random.Random, aspect: float, level: float, height: float, rough: float) -> list[Point]:
    """Draw the line of a ridge by midpoint displacement."""
    line = [rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5)]
    swing = 1.0
    while len(line) < 257:  # noqa: PLR2004 - eight halvings
        middles = [(a + b) / 2 + rng.uniform(-swing, swing) * 0.5 for a, b in pairwise(line)]
        line = [each for pair in zip(line, middles, strict=False) for each in pair] + [line[-1]]
        swing *= rough
    step = aspect / (len(line) - 1)
    return [(index * step, level - height * (0.5 + 0.5 * value)) for index, value in enumerate(line)]


def ground(line: list[Point], aspect: float, fill: Colour, alpha: float = 1.0) -> Polygon:
    """Fill everything below a line."""
    return Polygon((*line, (aspect, 1.02), (0.0, 1.02)), fill, alpha)


def _ridges(rng: random.Random, stage: Stage, land: str) -> list[Shape]:
    peaks = {"mountain": 0.36, "snow": 0.30, "desert": 0.10, "sea": 0.09, "city": 0.08}.get(land, 0.16)
    rough = 0.40 if land in ("desert", "meadow") else 0.54
    made: list[Shape] = []
    layers = 4 if land in ("mountain", "snow") else 2
    for index in range(layers):
        share = (index + 1) / (layers + 1)
        colour = mix(mix(stage.light.horizon, stage.light.far, 0.55 + 0.3 * share), stage.light.near, share * 0.45)
        if land == "snow":
            colour = mix(colour, WHITE, 0.45 - 0.2 * share)
        line = ridge(rng, stage.aspect, stage.horizon + 0.02, peaks * (1.15 - 0.6 * share), rough)
        made.append(ground(line, stage.aspect, colour))
        made.append(Oval((stage.aspect / 2, stage.horizon), (stage.aspect, 0.04), stage.light.horizon, 0.22, 0.03))
    return made


def _land(rng: random.Random, stage: Stage, land: str, sun: Point) -> list[Shape]:
    if land == "sea":
        return _sea(rng, stage, sun)
    if land == "city":
        return _city(rng, stage)
    if land == "forest":
        return _forest(rng, stage)
    tint = {"desert": (198, 142, 88), "snow": (226, 236, 246), "meadow": (92, 134, 74)}.get(land, stage.light.far)
    made: list[Shape] = []
    for index in range(3):
        share = index / 2
        level = stage.horizon + 0.05 + 0.13 * index
        colour = mix(mix(tint, stage.light.horizon, 0.40 - 0.3 * share), stage.light.near, 0.20 + 0.42 * share)
        made.append(ground(ridge(rng, stage.aspect, level, 0.07, 0.36), stage.aspect, colour))
    return made


def _sea(rng: random.Random, stage: Stage, sun: Point) -> list[Shape]:
    light, made = stage.light, list[Shape]()
    steps = 28
    for index in range(steps):
        top = stage.horizon + (1 - stage.horizon) * index / steps
        colour = mix(mix(light.horizon, light.middle, 0.55), light.near, 0.12 + 0.72 * index / steps)
        made.append(box(0, top, stage.aspect, 1.02, colour))
    for _ in range(170):
        depth = rng.random() ** 1.6
        y = stage.horizon + 0.006 + (0.98 - stage.horizon) * depth
        is_glitter = rng.random() < 0.5  # noqa: PLR2004 - half of them under the sun
        spread = 0.04 + 0.16 * depth
        x = sun[0] + rng.gauss(0, spread) if is_glitter else rng.uniform(0, stage.aspect)
        x += 0.012 * math.sin(stage.t * rng.uniform(0.8, 1.8) + rng.uniform(0, 6))
        colour = light.sun if is_glitter else light.horizon
        alpha = (0.50 if is_glitter else 0.20) * (0.7 + 0.3 * math.sin(stage.t * 2 + rng.uniform(0, 6)))
        made.append(Oval((x, y), (0.006 + 0.035 * depth, 0.0008 + 0.0022 * depth), colour, alpha))
    return made


def _city(rng: random.Random, stage: Stage) -> list[Shape]:
    made: list[Shape] = []
    for row in range(3):
        x = -0.05
        colour = mix(stage.light.far, stage.light.near, 0.25 + 0.36 * row)
        while x < stage.aspect:
            width = rng.uniform(0.04, 0.10)
            top = stage.horizon + 0.05 * row - rng.uniform(0.08, 0.40 - 0.08 * row)
            made.append(box(x, top, x + width, 1.02, colour))
            made += _windows(rng, stage, (x, top, x + width), row)
            x += width + rng.uniform(-0.01, 0.02)
    made.append(box(0, stage.horizon + 0.2, stage.aspect, 1.02, mix(stage.light.near, (0, 0, 0), 0.3)))
    return made


def _windows(rng: random.Random, stage: Stage, house: tuple[float, float, float], row: int) -> list[Shape]:
    left, top, right = house
    is_dark = sum(stage.light.top) < 330  # noqa: PLR2004 - the lights are on
    lit, made = (255, 214, 130), list[Shape]()
    y = top + 0.015
    while y < min(stage.horizon + 0.18, top + 0.42):
        x = left + 0.008
        while x < right - 0.010:
            if rng.random() < (0.42 if is_dark else 0.14):
                made.append(box(x, y, x + 0.006, y + 0.009, lit, rng.uniform(0.35, 0.95) * (0.6 + 0.2 * row)))
            x += 0.013
        y += 0.020
    return made


def _forest(rng: random.Random, stage: Stage) -> list[Shape]:
    made: list[Shape] = []
    for row in range(4):
        level = stage.horizon + 0.02 + 0.10 * row
        tint = mix((64, 110, 84), stage.light.far, 0.5)
        colour = mix(mix(stage.light.horizon, tint, 0.55 + 0.15 * row), stage.light.near, 0.12 + 0.26 * row)
        made.append(ground(ridge(rng, stage.aspect, level + 0.03, 0.03, 0.4), stage.aspect, colour))
        x = rng.uniform(-0.04, 0)
        while x < stage.aspect + 0.05:
            tall = rng.uniform(0.08, 0.15) * (0.8 + 0.42 * row)
            sway = 0.0025 * math.sin(stage.t * 1.3 + x * 7)
            made.append(pine((x, level + 0.02), tall, colour, sway))
            x += rng.uniform(0.022, 0.05) * (1 + 0.25 * row)
    return made


def pine(foot: Point, tall: float, colour: Colour, sway: float) -> Polygon:
    """Draw a pine as one outline with four tiers."""
    x, y = foot
    right: list[Point] = []
    for storey in range(4):
        up, wide = storey / 4, tall * (0.20 - 0.045 * storey)
        right += [(wide, up * 0.92 + 0.08), (wide * 0.45, up * 0.92 + 0.30)]
    outline = [(dx, up) for dx, up in right] + [(0.0, 1.08)] + [(-dx, up) for dx, up in reversed(right)]
    return Polygon(tuple((x + dx + sway * up * 3, y - up * tall) for dx, up in outline), colour)


def _fog(rng: random.Random, stage: Stage) -> list[Shape]:
    colour = mix(stage.light.horizon, (236, 240, 242), 0.45)
    if stage.light.stars:
        colour = mix(colour, stage.light.middle, 0.35)
    made: list[Shape] = []
    for index in range(6):
        drift = (rng.uniform(0, 1) + stage.t * rng.uniform(0.012, 0.03)) % 1
        x = (drift * 1.6 - 0.3) * stage.aspect
        y = stage.horizon - 0.10 + 0.055 * index
        made.append(Oval((x, y), (stage.aspect * rng.uniform(0.4, 0.7), rng.uniform(0.025, 0.06)), colour, 0.42, 0.035))
    return made


def _foreground(rng: random.Random, stage: Stage, mood: Mood) -> list[Shape]:
    near = mix(stage.light.near, (0, 0, 0), 0.25)
    if mood.land == "city":
        return []
    side = rng.choice((-1, 1))
    line = ridge(rng, stage.aspect, 1.02, 0.05, 0.5)
    sloped = [(x, y - max(0.0, side * (x / stage.aspect - 0.5)) ** 1.5 * 0.28) for x, y in line]
    return [ground(sloped, stage.aspect, near)]


def _falling(rng: random.Random, stage: Stage, kind: str | None) -> list[Shape]:
    if kind is None:
        return []
    made: list[Shape] = []
    for _ in range(int(150 * stage.aspect)):
        x, y, near = rng.uniform(0, stage.aspect), rng.random(), rng.uniform(0.4, 1)
        if kind == "snow":
            y = (y + stage.t * 0.09 * near) % 1
            x += 0.012 * math.sin(stage.t + rng.uniform(0, 6))
            made.append(disc((x, y), 0.0035 * near, WHITE, 0.85 * near))
        else:
            y = (y + stage.t * 0.9 * near) % 1
            made.append(Polygon(((x, y), (x + 0.0012, y), (x - 0.006, y + 0.035)), (210, 222, 232), 0.32 * near))
    return made
