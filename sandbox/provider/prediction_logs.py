"""Writes the log text of a prediction: seeds and progress bars as the real models print them."""

from sandbox.provider.model_schemas import Model
from sandbox.provider.prediction import Prediction, Status, step_count

LABELLED = {"lucataco/animate-diff": "DDIM Sampler", "riffusion/riffusion": None}
TWO_PASSES = ("stability-ai/sdxl",)
"""Models whose bar starts again at 0 % for a refiner."""
NO_BARS_STEPS = 30
EIGHTHS = " ▏▎▍▌▋▊▉"
WIDTH = 10


def logs(prediction: Prediction, now: float) -> str:
    """Return the whole log so far."""
    if prediction.started is None or prediction.is_removed(now):
        return ""
    model = prediction.model
    steps, _ = step_count(model, prediction.input)
    done = prediction.progress(now)
    lines = [f"Using seed: {prediction.seed}"] if has_seed(model) else ["Running prediction..."]
    if steps:
        elapsed = (prediction.completed or now) - prediction.started
        lines += _bars(model, steps, done, elapsed)
    if prediction.status is Status.SUCCEEDED:
        lines += _closing(prediction)
    if prediction.error is not None:
        lines.append(prediction.error)
    return "\n".join(lines) + "\n"


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
