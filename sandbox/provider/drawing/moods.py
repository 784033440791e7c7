"""Chooses light, landscape and subject from the words of a prompt."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sandbox.provider.drawing.shapes import Colour


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of a time of day."""

    top: Colour
    middle: Colour
    horizon: Colour
    sun: Colour
    far: Colour
    near: Colour
    sun_height: float
    stars: bool = False


LIGHTS: Mapping[str, Light] = {
    "day": Light(
        (58, 124, 196), (126, 182, 226), (226, 236, 236), (255, 246, 214), (140, 172, 196), (38, 74, 78), 0.22
    ),
    "dawn": Light((74, 92, 156), (196, 140, 172), (255, 206, 164), (255, 232, 196), (150, 124, 160), (46, 44, 82), 0.5),
    "sunset": Light((52, 38, 98), (202, 88, 106), (255, 182, 94), (255, 224, 150), (148, 84, 120), (40, 24, 58), 0.52),
    "night": Light(
        (7, 11, 32), (18, 32, 72), (52, 84, 126), (236, 238, 220), (34, 54, 92), (7, 12, 28), 0.2, stars=True
    ),
    "fog": Light(
        (128, 146, 162), (172, 186, 196), (218, 224, 224), (250, 246, 228), (164, 178, 188), (46, 62, 76), 0.3
    ),
    "storm": Light((32, 40, 54), (66, 80, 98), (138, 150, 154), (214, 222, 220), (76, 90, 104), (20, 27, 36), 0.24),
    "space": Light(
        (5, 3, 18), (26, 12, 58), (86, 40, 108), (255, 224, 190), (62, 36, 92), (10, 6, 24), 0.3, stars=True
    ),
    "neon": Light(
        (16, 8, 46), (82, 20, 110), (232, 74, 142), (255, 196, 220), (74, 28, 110), (12, 8, 34), 0.4, stars=True
    ),
    "teal": Light((12, 70, 92), (52, 142, 148), (236, 226, 186), (255, 240, 200), (84, 140, 146), (12, 44, 58), 0.46),
}
LIGHT_WORDS: Mapping[str, tuple[str, ...]] = {
    "neon": ("neon", "cyberpunk", "synthwave", "vaporwave", "futuristic"),
    "night": ("night", "midnight", "moon", "stars", "starry", "dark", "moonlit", "夜", "月"),
    "sunset": ("sunset", "dusk", "evening", "golden", "autumn", "fire", "夕阳"),
    "dawn": ("dawn", "sunrise", "morning", "pastel", "pink", "spring"),
    "storm": ("storm", "rain", "rainy", "thunder", "gloomy", "雨"),
    "space": ("space", "galaxy", "nebula", "planet", "cosmic", "astronaut", "太空"),
    "fog": ("fog", "foggy", "mist", "misty", "haze", "雾"),
    "day": ("day", "sunny", "summer", "blue", "bright", "noon"),
    "teal": ("underwater", "lagoon", "tropical", "jungle"),
}
LANDS: Mapping[str, tuple[str, ...]] = {
    "sea": ("sea", "ocean", "lake", "water", "wave", "waves", "beach", "harbor", "harbour", "coast", "island", "海"),
    "city": ("city", "street", "skyline", "town", "tokyo", "york", "skyscraper", "downtown", "城市"),
    "forest": ("forest", "woods", "jungle", "trees", "pine", "tree", "森林"),
    "desert": ("desert", "dune", "dunes", "sand", "mars", "canyon"),
    "snow": ("snow", "winter", "ice", "glacier", "arctic", "snowy", "frozen", "雪"),
    "meadow": ("meadow", "field", "garden", "flowers", "hill", "hills", "farm", "village"),
    "mountain": ("mountain", "mountains", "alps", "peak", "cliff", "valley", "山"),
}
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "lighthouse": ("lighthouse", "beacon", "灯塔"),
    "boat": ("boat", "ship", "sail", "sailboat", "yacht", "船"),
    "castle": ("castle", "fortress", "palace", "tower", "temple"),
    "house": ("house", "cabin", "cottage", "hut", "home", "farm", "barn"),
    "cat": ("cat", "kitten", "kitty", "猫"),
    "dog": ("dog", "puppy", "wolf", "fox", "corgi", "狗"),
    "robot": ("robot", "android", "mech", "cyborg"),
    "rocket": ("rocket", "spaceship", "spacecraft"),
    "balloon": ("balloon", "balloons", "airship"),
    "person": ("person", "man", "woman", "girl", "boy", "knight", "wizard", "astronaut", "samurai", "portrait"),
    "birds": ("bird", "birds", "gull", "gulls", "crow", "eagle", "dragon"),
    "tree": ("oak", "willow", "blossom", "sakura", "bonsai"),
    "flower": ("flower", "flowers", "rose", "tulip", "sunflower", "lotus"),
}
BY_THE_SEA = ("lighthouse", "boat")


@dataclass(frozen=True, slots=True)
class Mood:
    """The light, landscape, subject and weather of a scene."""

    light: Light
    land: str
    subjects: tuple[str, ...]
    is_foggy: bool
    falling: str | None
    """Rain, snow or nothing."""


def read(prompt: str, rng: random.Random) -> Mood:
    """Read a prompt; choose at random what it does not mention."""
    text = prompt.lower()
    words = set(re.findall(r"[a-z]+", text))
    lights = _named(LIGHT_WORDS, words, text)
    lands = _named(LANDS, words, text)
    subjects = tuple(_named(SUBJECTS, words, text))
    foggy = "fog" in lights
    chosen = next((name for name in lights if name != "fog"), "fog" if foggy else None)
    light = LIGHTS[chosen or rng.choice(("day", "dawn", "sunset", "teal", "night"))]
    usual = "sea" if any(subject in BY_THE_SEA for subject in subjects) else rng.choice(("mountain", "sea", "meadow"))
    falling = (
        "snow" if words & {"snow", "snowy", "snowfall"} else "rain" if words & {"rain", "rainy", "storm"} else None
    )
    if foggy and chosen != "fog":
        light = replace(light, horizon=_pale(light.horizon))
    return Mood(light, lands[0] if lands else usual, subjects[:2], foggy, falling)


def _named(table: Mapping[str, tuple[str, ...]], words: set[str], text: str) -> list[str]:
    return [
        name for name, triggers in table.items() if any(w in words or (not w.isascii() and w in text) for w in triggers)
    ]


def _pale(colour: Colour) -> Colour:
    return (colour[0] + (235 - colour[0]) // 4, colour[1] + (238 - colour[1]) // 4, colour[2] + (240 - colour[2]) // 4)
