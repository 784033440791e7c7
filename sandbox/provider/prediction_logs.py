"""Writes the log text of a prediction: seeds, progress bars and phases, model by model as the real ones print them.

The lines are those of recorded answers. A model without a recording prints what its company's other models print; if
none of them is known either, it prints no progress at all, so that nothing here depends on a line that may not exist.
"""

from collections.abc import Mapping

from sandbox.provider.model_schemas import Model
from sandbox.provider.prediction import Prediction, Status, step_count

LABELLED = {"lucataco/animate-diff": "DDIM Sampler", "riffusion/riffusion": None}
TWO_PASSES = ("stability-ai/sdxl",)
"""Models whose bar starts again at 0 % for a refiner."""
WITH_BARS = frozenset(
    {
        "black-forest-labs/flux-schnell",
        "black-forest-labs/flux-dev",
        "black-forest-labs/flux-fill-dev",
        "stability-ai/stable-diffusion",
        "stability-ai/sdxl",
        "stability-ai/stable-diffusion-inpainting",
        "stability-ai/stable-diffusion-img2img",
        "lucataco/flux-schnell-lora",
        "lucataco/flux-dev-lora",
        "lucataco/animate-diff",
        "andreasjansson/stable-diffusion-animation",
        "riffusion/riffusion",
    }
)
"""Models that print step bars. Other models with a number of steps among their inputs print none."""

Lines = tuple[tuple[float, str], ...]
"""The lines of a log, each with the fraction of the run, from 0 to 1, after which it is printed."""

PRO: Lines = (
    (0.0, "Running prediction..."),
    (0.0, "Using seed: {seed}"),
    (0.02, "Generating image..."),
    (0.96, "Generated image in {took:.1f}sec"),
    (1.0, "Downloaded image in 0.41sec"),
)
KONTEXT: Lines = (
    (0.0, "Using seed: {seed}"),
    (0.02, "Generating..."),
    (0.95, "Generated image in {took:.1f}sec"),
    (0.95, "Downloading 1289861 bytes"),
    (1.0, "Downloaded 1.23MB in 0.14sec"),
)
IMAGEN: Lines = ((0.0, "No sid"), (0.0, "Generating image..."), (1.0, "Generated image in {took:.2f} seconds"))
VEO: Lines = (
    (0.0, "Using seed: {seed}"),
    (0.0, "Starting video generation..."),
    (0.3, "Still generating..."),
    (0.55, "Still generating..."),
    (0.8, "Still generating..."),
    (0.97, "Generated video in {took:.2f} seconds"),
    (0.97, "Downloading video..."),
    (1.0, "Downloaded video in 0.12 seconds"),
)
MINIMAX: Lines = (
    (0.0, "Moderating content..."),
    (0.02, "Moderation complete in 0.85sec"),
    (0.02, "Initializing video generation with prompt: {prompt}"),
    (0.05, "Generating video..."),
    (0.3, "Still generating..."),
    (0.55, "Still generating..."),
    (0.8, "Still generating..."),
    (0.95, "Generated video in {took:.1f}sec"),
    (0.95, "Retrieving video..."),
    (0.97, "Downloading 1176164 bytes"),
    (1.0, "Downloaded 1.12MB in 2.43sec"),
)
KLING: Lines = (
    (0.0, "Moderating content..."),
    (0.02, "Moderation complete in 0.27sec"),
    (0.02, "Running prediction..."),
    (0.05, "Generating video..."),
    (0.95, "Generated video in {took:.1f}sec"),
    (0.95, "Downloading 8922171 bytes"),
    (1.0, "Downloaded 8.51MB in 16.69sec"),
)
FAMILIES: Mapping[str, Lines] = {
    "black-forest-labs/flux-pro": PRO,
    "black-forest-labs/flux-1.1-pro": PRO,
    "black-forest-labs/flux-fill-pro": PRO,
    "black-forest-labs/flux-kontext-dev": (
        (0.0, "Starting generate image"),
        (0.0, "Using seed: {seed}"),
        (1.0, "generate image took {took:.2f} seconds"),
    ),
    "black-forest-labs/flux-kontext": KONTEXT,
    "flux-kontext-apps/": KONTEXT,
    "google/imagen": IMAGEN,
    "google/veo": VEO,
    "minimax/": MINIMAX,
    "kwaivgi/": KLING,
}
"""The lines of models, by the beginning of their names; the first entry that matches counts."""

EIGHTHS = " ▏▎▍▌▋▊▉"
WIDTH = 10


def logs(prediction: Prediction, now: float) -> str:
    """Return the whole log so far."""
    if prediction.started is None or prediction.is_removed(now):
        return ""
    model = prediction.model
    done = prediction.progress(now)
    elapsed = (prediction.completed or now) - prediction.started
    lines = _family_lines(prediction, done, elapsed)
    if lines is None:
        lines = [f"Using seed: {prediction.seed}"] if has_seed(model) else ["Running prediction..."]
    steps, _ = step_count(model, prediction.input)
    if steps and model.id in WITH_BARS:
        lines += _bars(model, steps, done, elapsed)
    if prediction.status is Status.SUCCEEDED:
        lines += _closing(prediction)
    if prediction.error is not None:
        lines.append(prediction.error)
    return "\n".join(lines) + "\n"


def _family_lines(prediction: Prediction, done: float, elapsed: float) -> list[str] | None:
    """Return the lines printed so far by a model of a known family; None for other models."""
    found = next((lines for name, lines in FAMILIES.items() if prediction.model.id.startswith(name)), None)
    if found is None:
        return None
    facts = {"seed": prediction.seed, "took": elapsed, "prompt": prediction.input.get("prompt", "")}
    return [text.format(**facts) for part, text in found if part <= done]


def has_seed(model: Model) -> bool:
    """Return whether the model uses a seed and logs it."""
    return model.roles["seed"] is not None


def _bars(model: Model, steps: int, done: float, elapsed: float) -> list[str]:
    label = LABELLED.get(model.id)
    passes = 2 if model.id in TWO_PASSES else 1
    lines: list[str] = []
    for index in range(passes):
        part = min(1.0, max(0.0, done * passes - index))
        if part > 0 or index == 0:
            lines += [bar(step, steps, elapsed, label) for step in _shown(steps, part)]
    return [*lines, lines[-1]] if done >= 1 else lines


def _shown(steps: int, part: float) -> list[int]:
    reached = int(steps * part)
    every = max(1, steps // 12)
    return [*range(0, reached, every), reached]


def bar(step: int, steps: int, elapsed: float, label: str | None) -> str:
    """Format one line as tqdm does, e.g. ` 75%|███████▌  | 3/4 [00:00<00:00, 15.38it/s]`."""
    part = step / steps
    full, eighths = divmod(int(part * WIDTH * 8), 8)
    drawn = "█" * full + (EIGHTHS[eighths] if eighths else "")
    rate = step / elapsed if elapsed > 0 and step else 0.0
    left = (steps - step) / rate if rate else None
    speed = "?it/s" if left is None else f"{rate:.2f}it/s" if rate >= 1 else f"{1 / rate:.2f}s/it"
    clock = f"{_clock(elapsed if step else 0)}<{'?' if left is None else _clock(left)}"
    text = f"{part:4.0%}|{drawn:<{WIDTH}}| {step}/{steps} [{clock}, {speed}]"
    return f"{label}: {text.strip()}" if label else text


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d}"


def _closing(prediction: Prediction) -> list[str]:
    if prediction.model.roles["count"] and "disable_safety_checker" in prediction.model.inputs:
        return [f"Total safe images: {prediction.made} out of {prediction.model.count(prediction.input)}"]
    return []
