"""Draws the subjects of a landscape, such as a lighthouse or a cat. Sizes are fractions of the picture's height."""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.provider.drawing.moods import Light
from sandbox.provider.drawing.shapes import Colour, Oval, Point, Polygon, Shape, box, disc, mix

GLOW: Colour = (255, 226, 150)


@dataclass(frozen=True, slots=True)
class Stage:
    """The surroundings of a subject: light, horizon, aspect and time."""

    aspect: float
    horizon: float
    light: Light
    is_foggy: bool
    t: float

    @property
    def is_dark(self) -> bool:
        """Return whether lamps are on."""
        return sum(self.light.top) < 330 or self.is_foggy  # noqa: PLR2004 - of 765


def draw_subject(name: str, rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    """Draw one subject at x."""
    return SUBJECTS[name](rng, stage, x)


def _dark(stage: Stage, share: float = 0.2) -> Colour:
    return mix(stage.light.near, (0, 0, 0), share)


def _outline(points: list[Point], at: Point, size: float, fill: Colour, flip: int = 1) -> Polygon:
    """Place an outline drawn in a unit square, with its feet at (0, 0) and y upwards."""
    return Polygon(tuple((at[0] + flip * x * size, at[1] - y * size) for x, y in points), fill)


def _lighthouse(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    foot, top = stage.horizon + 0.13, stage.horizon - 0.30
    rock = _dark(stage)
    made = _beams(stage, (x, top))
    made.append(Polygon(_rock(rng, (x, foot), 0.24), rock))
    white, red = mix((240, 236, 226), stage.light.horizon, 0.18), mix((196, 56, 52), stage.light.near, 0.15)
    for index in range(6):
        low, high = index / 6, (index + 1) / 6
        made.append(_storey(x, foot - 0.02, top, (low, high), red if index % 2 else white))
    made.append(_shade(x, foot - 0.02, top))
    made.append(box(x - 0.034, top - 0.004, x + 0.034, top + 0.008, rock))
    made.append(box(x - 0.019, top - 0.038, x + 0.019, top - 0.004, GLOW))
    made.append(Polygon(((x - 0.026, top - 0.038), (x, top - 0.072), (x + 0.026, top - 0.038)), red))
    made += [disc((x, top - 0.02), 0.10, GLOW, 0.35, 0.04), disc((x, top - 0.02), 0.03, (255, 250, 226), 0.9, 0.008)]
    return made


def _storey(x: float, foot: float, top: float, part: tuple[float, float], fill: Colour) -> Polygon:
    corners: list[Point] = []
    for share, side in ((part[0], -1), (part[0], 1), (part[1], 1), (part[1], -1)):
        corners.append((x + side * (0.048 - 0.022 * share), foot + (top - foot) * share))
    return Polygon(tuple(corners), fill)


def _shade(x: float, foot: float, top: float) -> Polygon:
    return Polygon(((x + 0.012, foot), (x + 0.048, foot), (x + 0.026, top), (x + 0.008, top)), (10, 16, 34), 0.28)


def _rock(rng: random.Random, foot: Point, wide: float) -> tuple[Point, ...]:
    x, y = foot
    crest = [
        (x + wide * (i / 10 - 0.5) * 2, y - 0.05 * math.sin(math.pi * i / 10) * rng.uniform(0.7, 1.3))
        for i in range(11)
    ]
    return (*crest, (x + wide * 1.25, y + 0.06), (x - wide * 1.25, y + 0.06))


def _beams(stage: Stage, lamp: Point) -> list[Shape]:
    if not stage.is_dark and sum(stage.light.top) > 420:  # noqa: PLR2004 - full daylight
        return []
    made: list[Shape] = []
    swing = 0.30 * math.sin(stage.t * 0.7)
    for side in (-1, 1):
        angle = side * (0.10 + swing * 0.5)
        reach = 1.3
        far = (lamp[0] + side * reach, lamp[1] - 0.02 - angle * side * 0.8)
        for spread, alpha in ((0.20, 0.16), (0.10, 0.20)):
            points = ((lamp[0], lamp[1] - 0.02), (far[0], far[1] - spread), (far[0], far[1] + spread))
            made.append(Polygon(points, GLOW, alpha, 0.012))
    return made


def _boat(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    y = stage.horizon + 0.10 + 0.005 * math.sin(stage.t * 1.4)
    tilt, size = 0.02 * math.sin(stage.t * 1.1), rng.uniform(0.20, 0.26)
    sail = mix((246, 240, 228), stage.light.sun, 0.3)
    hull = [(-0.42, 0.16), (0.46, 0.18), (0.30, 0.0), (-0.30, 0.0)]
    main, jib = [(0.0, 0.24), (0.02 + tilt, 1.1), (0.36, 0.27)], [(-0.04, 0.24), (0.0 + tilt, 0.98), (-0.34, 0.26)]
    shadow = Oval((x, y + 0.012), (size * 0.5, 0.008), _dark(stage), 0.45, 0.004)
    return [
        shadow,
        _outline(main, (x, y), size, sail),
        _outline(jib, (x, y), size, mix(sail, stage.light.far, 0.25)),
        _outline([(-0.012, 0.15), (0.012, 0.15), (0.012, 1.12), (-0.012, 1.12)], (x, y), size, _dark(stage)),
        _outline(hull, (x, y), size, mix((150, 60, 48), stage.light.near, 0.45)),
    ]


def _castle(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    y, stone = stage.horizon + 0.12, mix(stage.light.near, stage.light.far, 0.22)
    made: list[Shape] = [Polygon(_rock(rng, (x, y), 0.30), _dark(stage))]
    for dx, wide, tall in ((-0.16, 0.045, 0.26), (-0.07, 0.06, 0.33), (0.04, 0.05, 0.44), (0.14, 0.045, 0.24)):
        made.append(box(x + dx - wide / 2, y - tall, x + dx + wide / 2, y, stone))
        roof = ((x + dx - wide * 0.72, y - tall), (x + dx, y - tall - 0.11), (x + dx + wide * 0.72, y - tall))
        made.append(Polygon(roof, mix((96, 48, 72), stage.light.near, 0.4)))
        made += [
            box(x + dx - 0.006, y - tall + d, x + dx + 0.006, y - tall + d + 0.022, GLOW, 0.9) for d in (0.04, 0.12)
        ]
    made.append(box(x - 0.19, y - 0.13, x + 0.17, y + 0.01, mix(stone, (0, 0, 0), 0.15)))
    return made


def _house(_: random.Random, stage: Stage, x: float) -> list[Shape]:
    y, wall = stage.horizon + 0.15, mix((150, 96, 66), stage.light.near, 0.4)
    roof = Polygon(((x - 0.15, y - 0.12), (x, y - 0.25), (x + 0.15, y - 0.12)), _dark(stage, 0.1))
    windows = [box(x + dx, y - 0.09, x + dx + 0.04, y - 0.04, GLOW, 0.95) for dx in (-0.09, 0.05)]
    smoke = [
        disc(
            (x + 0.09 + 0.02 * math.sin(stage.t + i), y - 0.28 - 0.04 * i),
            0.016 + 0.008 * i,
            (226, 228, 232),
            0.3,
            0.012,
        )
        for i in range(5)
    ]
    chimney = box(x + 0.075, y - 0.26, x + 0.105, y - 0.16, wall)
    glow = disc((x - 0.02, y - 0.06), 0.16, GLOW, 0.22 if stage.is_dark else 0.0, 0.06)
    return [*smoke, chimney, box(x - 0.12, y - 0.13, x + 0.12, y, wall), roof, *windows, glow]


CAT = [
    (-0.26, 0.0),
    (-0.30, 0.26),
    (-0.22, 0.5),
    (-0.12, 0.62),
    (-0.17, 0.74),
    (-0.17, 0.98),
    (-0.06, 0.88),
    (0.07, 0.88),
]
CAT += [(0.18, 0.98), (0.18, 0.72), (0.13, 0.62), (0.20, 0.44), (0.24, 0.2), (0.26, 0.0)]
DOG = [
    (-0.5, 0.0),
    (-0.5, 0.3),
    (-0.56, 0.5),
    (-0.72, 0.62),
    (-0.54, 0.6),
    (-0.42, 0.56),
    (0.2, 0.58),
    (0.26, 0.72),
    (0.24, 0.92),
]
DOG += [
    (0.34, 0.82),
    (0.44, 0.94),
    (0.48, 0.78),
    (0.68, 0.68),
    (0.66, 0.6),
    (0.46, 0.56),
    (0.40, 0.4),
    (0.40, 0.0),
    (0.30, 0.0),
]
DOG += [(0.28, 0.26), (-0.30, 0.26), (-0.38, 0.2), (-0.38, 0.0)]
PERSON = [
    (-0.14, 0.0),
    (-0.10, 0.44),
    (-0.17, 0.5),
    (-0.15, 0.78),
    (-0.05, 0.82),
    (0.05, 0.82),
    (0.15, 0.78),
    (0.17, 0.5),
]
PERSON += [(0.10, 0.44), (0.14, 0.0), (0.05, 0.0), (0.0, 0.36), (-0.05, 0.0)]


def _cat(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    y, size, fur = 0.93, 0.40, _dark(stage, 0.45)
    eye, blink = mix((150, 214, 96), stage.light.sun, 0.25), 1.0 if math.sin(stage.t * 0.9) < 0.96 else 0.1  # noqa: PLR2004
    sway = 0.05 * math.sin(stage.t * 1.6)
    tail = [
        (0.2, 0.0),
        (0.5, 0.06),
        (0.62 + sway, 0.3),
        (0.56 + sway, 0.5),
        (0.52 + sway, 0.3),
        (0.42, 0.14),
        (0.2, 0.14),
    ]
    head = Oval((x, y - 0.74 * size), (0.19 * size, 0.155 * size), fur)
    eyes = [Oval((x + dx * size, y - 0.76 * size), (0.034 * size, 0.026 * size * blink), eye) for dx in (-0.07, 0.08)]
    pupils = [
        Oval((x + dx * size, y - 0.76 * size), (0.009 * size, 0.024 * size * blink), (8, 8, 12)) for dx in (-0.07, 0.08)
    ]
    rim = _outline(CAT, (x - rng.choice((-1, 1)) * 0.004, y - 0.004), size, mix(fur, stage.light.sun, 0.35))
    return [rim, _outline(tail, (x, y), size, fur), _outline(CAT, (x, y), size, fur), head, *eyes, *pupils]


def _dog(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    y, size, flip = 0.92, 0.34, rng.choice((-1, 1))
    fur = mix((150, 92, 52), stage.light.near, 0.55)
    eye = disc((x + flip * 0.47 * size, y - 0.72 * size), 0.016 * size, (250, 240, 220))
    rim = _outline(DOG, (x, y - 0.005), size, mix(fur, stage.light.sun, 0.4), flip)
    return [rim, _outline(DOG, (x, y), size, fur, flip), eye]


def _person(_: random.Random, stage: Stage, x: float) -> list[Shape]:
    y, size, dark = 0.94, 0.44, _dark(stage, 0.35)
    rim = mix(dark, stage.light.sun, 0.45)
    head = (x, y - 0.90 * size)
    coat = mix((120, 50, 60), dark, 0.55)
    return [
        _outline(PERSON, (x + 0.004, y - 0.004), size, rim),
        disc((head[0] + 0.004, head[1] - 0.004), 0.082 * size, rim),
        _outline(PERSON, (x, y), size, coat),
        disc(head, 0.08 * size, dark),
    ]


def _robot(_: random.Random, stage: Stage, x: float) -> list[Shape]:
    y, metal = 0.93 + 0.004 * math.sin(stage.t * 2), mix((150, 164, 178), stage.light.near, 0.3)
    dark, lamp = mix(metal, (0, 0, 0), 0.4), (110, 236, 226)
    made: list[Shape] = [box(x - 0.06, y - 0.12, x - 0.025, y, dark), box(x + 0.025, y - 0.12, x + 0.06, y, dark)]
    made += [box(x - 0.135, y - 0.27, x - 0.10, y - 0.13, dark), box(x + 0.10, y - 0.27, x + 0.135, y - 0.13, dark)]
    made += [box(x - 0.095, y - 0.29, x + 0.095, y - 0.11, metal), box(x - 0.07, y - 0.43, x + 0.07, y - 0.31, metal)]
    made += [disc((x + dx, y - 0.375), 0.018, lamp) for dx in (-0.032, 0.032)]
    made += [disc((x + dx, y - 0.375), 0.04, lamp, 0.3, 0.015) for dx in (-0.032, 0.032)]
    made += [box(x - 0.003, y - 0.48, x + 0.003, y - 0.43, dark), disc((x, y - 0.485), 0.011, (240, 90, 80))]
    made.append(box(x - 0.05, y - 0.25, x + 0.05, y - 0.19, dark))
    made += [
        disc((x - 0.03 + 0.03 * i, y - 0.22), 0.008, lamp, 0.5 + 0.5 * math.sin(stage.t * 3 + i)) for i in range(3)
    ]
    return made


def _rocket(_: random.Random, stage: Stage, x: float) -> list[Shape]:
    y, body, red = stage.horizon - 0.08 - 0.02 * stage.t, (232, 234, 238), (204, 64, 58)
    flame = 0.12 + 0.02 * math.sin(stage.t * 19)
    made: list[Shape] = [disc((x, y + 0.12), 0.14, GLOW, 0.4, 0.05)]
    made.append(Polygon(((x - 0.03, y), (x + 0.03, y), (x, y + flame)), (255, 170, 70), 0.95, 0.004))
    made += [Polygon(((x + s * 0.04, y - 0.09), (x + s * 0.09, y + 0.02), (x + s * 0.035, y)), red) for s in (-1, 1)]
    nose = (
        (x - 0.045, y),
        (x - 0.048, y - 0.16),
        (x - 0.03, y - 0.25),
        (x, y - 0.31),
        (x + 0.03, y - 0.25),
        (x + 0.048, y - 0.16),
    )
    made.append(Polygon((*nose, (x + 0.045, y)), body))
    made += [
        Polygon(((x - 0.03, y - 0.25), (x, y - 0.31), (x + 0.03, y - 0.25)), red),
        disc((x, y - 0.17), 0.02, (70, 130, 180)),
    ]
    return made


def _balloon(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    y = stage.horizon - 0.26 + 0.012 * math.sin(stage.t * 0.8)
    made: list[Shape] = []
    colours: tuple[Colour, ...] = ((222, 82, 70), (244, 190, 88), (238, 238, 228), (74, 132, 160))
    first = rng.randrange(4)
    for index, wide in enumerate((0.13, 0.095, 0.055, 0.018)):
        made.append(Oval((x, y), (wide, 0.155), mix(colours[(first + index) % 4], stage.light.near, 0.12)))
    basket = [(-0.3, 0.0), (0.3, 0.0), (0.36, 0.5), (-0.36, 0.5)]
    made += [
        Polygon(
            ((x - 0.05, y + 0.14), (x + 0.05, y + 0.14), (x + 0.018, y + 0.20), (x - 0.018, y + 0.20)),
            _dark(stage),
            0.5,
        )
    ]
    return [*made, _outline(basket, (x, y + 0.235), 0.06, (96, 66, 44))]


def _birds(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    made: list[Shape] = []
    for _ in range(9):
        at = (x + rng.uniform(-0.4, 0.4) + stage.t * 0.03, stage.horizon * rng.uniform(0.25, 0.75))
        size, flap = rng.uniform(0.02, 0.05), 0.35 + 0.3 * math.sin(stage.t * 7 + rng.uniform(0, 6))
        wings = [
            (-1, flap),
            (-0.45, flap * 0.9),
            (0, 0),
            (0.45, flap * 0.9),
            (1, flap),
            (0.45, flap * 0.55),
            (0, -0.22),
            (-0.45, flap * 0.55),
        ]
        made.append(_outline(wings, at, size, _dark(stage)))
    return made


def _tree(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    y, bark = 0.92, _dark(stage, 0.3)
    crown = mix((226, 150, 176) if rng.random() < 0.5 else (94, 140, 82), stage.light.near, 0.25)  # noqa: PLR2004
    trunk = [(-0.05, 0.0), (-0.02, 0.45), (0.02, 0.45), (0.06, 0.0)]
    made: list[Shape] = [_outline(trunk, (x, y), 0.5, bark)]
    for _ in range(46):
        place = (x + rng.gauss(0, 0.10), y - 0.33 + rng.gauss(0, 0.055) + 0.003 * math.sin(stage.t + rng.uniform(0, 6)))
        made.append(disc(place, rng.uniform(0.025, 0.055), mix(crown, stage.light.sun, rng.uniform(0, 0.35)), 0.85))
    return made


def _flower(rng: random.Random, stage: Stage, x: float) -> list[Shape]:
    made: list[Shape] = []
    petals: tuple[Colour, ...] = ((232, 92, 112), (244, 190, 92), (214, 132, 206), (240, 236, 226))
    for index in range(7):
        at, tall = x + (index - 3) * 0.085 + rng.uniform(-0.02, 0.02), rng.uniform(0.16, 0.30)
        head = (at + 0.01 * math.sin(stage.t * 1.2 + index), 0.98 - tall)
        made.append(
            Polygon(
                ((at - 0.003, 1.0), (at + 0.003, 1.0), (head[0] + 0.002, head[1]), (head[0] - 0.002, head[1])),
                (58, 102, 62),
            )
        )
        colour, size = rng.choice(petals), rng.uniform(0.020, 0.034)
        for turn in range(8):
            angle = math.tau * turn / 8
            made.append(disc((head[0] + math.cos(angle) * size, head[1] + math.sin(angle) * size), size * 0.62, colour))
        made.append(disc(head, size * 0.6, (240, 206, 96)))
    return made


SUBJECTS: Mapping[str, Callable[[random.Random, Stage, float], list[Shape]]] = {
    "lighthouse": _lighthouse,
    "boat": _boat,
    "castle": _castle,
    "house": _house,
    "cat": _cat,
    "dog": _dog,
    "robot": _robot,
    "rocket": _rocket,
    "balloon": _balloon,
    "person": _person,
    "birds": _birds,
    "tree": _tree,
    "flower": _flower,
}
