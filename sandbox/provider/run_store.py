"""Keeps predictions on disk, so that they survive a restart of the sandbox: a small file for each, and its input files.

Output files are not stored. They are drawn again from the same request and seed, and served at the same path.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from sandbox.atomic_file import replace_file
from sandbox.provider.input_files import InputFile, Kind
from sandbox.provider.model_schemas import Models
from sandbox.provider.prediction import Prediction, Status, Webhook
from sandbox.provider.prompt_words import find_words

KEY, WEBHOOK_KEY = "key", "webhook-key"


@dataclass(slots=True)
class SavedPrediction:
    """The content of a prediction's file."""

    id: str
    number: int
    model: str
    version: str
    input: Mapping[str, JsonValue]
    seed: int
    created: float
    starts: float
    ends: float
    skew_s: float
    deadline: float | None
    webhook: Webhook | None
    status: Status
    started: float | None
    completed: float | None
    error: str | None
    paths: Mapping[str, str]
    expires: float | None
    made: int
    seconds: float | None


@dataclass(slots=True)
class SavedInputFile:
    """An input file of a prediction; the bytes are in a separate file."""

    field: str
    kind: Kind
    name: str


_PREDICTION = TypeAdapter(SavedPrediction)
_INPUT_FILES = TypeAdapter(list[SavedInputFile])
_SAME = tuple(name for name in SavedPrediction.__slots__ if name not in ("model", "input"))


class RunStore:
    """The predictions in a folder; without a folder, nothing is kept."""

    def __init__(self, folder: Path | None, models: Models) -> None:
        self._folder = folder
        self._models = models
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def key(self, new: str, name: str = KEY) -> str:
        """Return the key of an earlier process; if there is none, this new key, which is kept from now on."""
        if self._folder is None:
            return new
        path = self._folder / name
        if not path.exists():
            replace_file(path, new.encode())
        return path.read_text(encoding="ascii")

    def save(self, prediction: Prediction) -> None:
        """Save a prediction as it is now."""
        if self._folder is None:
            return
        same = {name: getattr(prediction, name) for name in _SAME}
        saved = SavedPrediction(model=prediction.model.id, input=_json(prediction.input), **same)
        replace_file(self._folder / f"{prediction.id}.json", _PREDICTION.dump_json(saved))

    def load(self) -> list[Prediction]:
        """Read all predictions, the oldest first. Those of models that no longer exist are left out."""
        if self._folder is None:
            return []
        saved = [_PREDICTION.validate_json(path.read_bytes()) for path in self._folder.glob("*.json")]
        return sorted(self._restored(saved), key=lambda prediction: prediction.number)

    def save_input_files(self, prediction: Prediction, files: tuple[InputFile, ...]) -> None:
        """Save the input files of a successful run, from which its outputs are drawn."""
        if self._folder is None or not files:
            return
        folder = self._folder / prediction.id
        folder.mkdir(exist_ok=True)
        rows = [SavedInputFile(file.field, file.kind, str(number)) for number, file in enumerate(files)]
        for row, file in zip(rows, files, strict=True):
            replace_file(folder / row.name, file.data)
        replace_file(folder / "files.json", _INPUT_FILES.dump_json(rows))

    def input_files(self, prediction: Prediction) -> tuple[InputFile, ...]:
        """Read the input files of a run."""
        folder = (self._folder or Path()) / prediction.id
        if not (folder / "files.json").exists():
            return ()
        rows = _INPUT_FILES.validate_json((folder / "files.json").read_bytes())
        return tuple(InputFile(row.field, row.kind, (folder / row.name).read_bytes()) for row in rows)

    def _restored(self, saved: list[SavedPrediction]) -> Iterator[Prediction]:
        for each in saved:
            model = self._models.named(each.model)
            if model is not None:
                same = {name: getattr(each, name) for name in _SAME}
                prediction = Prediction(model=model, input=each.input, words=find_words(dict(each.input)), **same)
                if prediction.status.is_terminal:
                    prediction.ended.set()
                yield prediction


def _json(run_input: Mapping[str, object]) -> Mapping[str, JsonValue]:
    return TypeAdapter(dict[str, JsonValue]).validate_python(run_input)
