"""Benchmark of autocomplete: suggests models with prices as a member types, compared to a bot with 25 fixed values."""

import itertools

from bench.result import Result
from bench.scale import Scale
from bench.scene import Scene

TYPED = ("", "f", "fl", "flu", "flux", "i", "im", "ima", "se", "pro")
PROMPTS = tuple(
    f"{subject} in fog" for subject in ("a lighthouse", "a fox", "an owl", "a harbour", "a tram", "a heron")
)
COMMANDS: tuple[tuple[str, dict[str, object]], ...] = (("imagine", {}), ("imagine", {"count": 3}), ("video", {}))
PER_SECOND = 200
"""How many keystrokes are measured for each second of the scale."""

WARM = 30
"""The number of keystrokes before the measured ones."""


async def measured(bot: Scene, plain: Scene, scale: Scale) -> list[Result]:
    await _keystrokes(bot, plain, WARM)
    rounds = [await _keystrokes(bot, plain, round(scale.seconds * PER_SECOND)) for _ in range(scale.repeats)]
    note = "models with their prices, as a member types, compared to a bot that suggests a fixed list of 25"
    return [
        Result.of(f"autocomplete_p{share}", _at(rounds, share), unit="ms", better="lower", note=f"p{share}: {note}")
        for share in (50, 99)
    ]


async def _keystrokes(bot: Scene, plain: Scene, count: int) -> list[tuple[float, float]]:
    """Return the milliseconds that Easel and the baseline took to answer this many keystrokes, sent alternately."""
    orders = itertools.cycle(itertools.product(PROMPTS, COMMANDS, TYPED))
    took: list[tuple[float, float]] = []
    for prompt, (command, options), typed in itertools.islice(orders, count):
        given = {"prompt": prompt, "model": typed, **options}
        took.append((
            await bot.ask("autocomplete", command, options=given, focused="model"),
            await plain.ask("autocomplete", "pick", options={"which": typed}, focused="which"),
        ))  # fmt: skip
    return took


def _at(rounds: list[list[tuple[float, float]]], share: int) -> list[tuple[float, float]]:
    """Return this percentile of the response times of Easel and of the baseline in each round."""
    pairs: list[tuple[float, float]] = []
    for took in rounds:
        ours, theirs = (sorted(column) for column in zip(*took, strict=True))
        place = min(len(took) * share // 100, len(took) - 1)
        pairs.append((ours[place], theirs[place]))
    return pairs
