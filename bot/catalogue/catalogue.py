"""The catalogue: every model there is, and what an order becomes on one of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from bot.catalogue import payload, price
from bot.catalogue.load import Loaded, load
from bot.catalogue.model import Model
from bot.catalogue.model_inputs import complete, pictures
from bot.catalogue.options import inputs_of
from bot.catalogue.order import Order, Task
from bot.catalogue.plan import Plan
from bot.catalogue.refusals import disabled
from bot.catalogue.search import ranked
from bot.errors import NoModel, Refused, UnknownModel, UnusableFile

MOVING = frozenset({Task.VIDEO, Task.LIPSYNC})


class Catalogue:
    """All models, those that are switched off included; read once, never changed."""

    def __init__(self, loaded: Loaded) -> None:
        self._models = loaded.models
        self._defaults = loaded.defaults
        self._cheapest = {model.id: price.cheapest(model) for model in loaded.models.values()}

    @classmethod
    def load(cls, override: Path | None = None, *, openai_key: bool = False) -> Self:
        """Read the models and the operator's file over them.

        `openai_key` says whether the operator has one: without it no model that needs it can be used. Raises
        SettingsError that names the file, the model and the field.
        """
        return cls(load(override, openai_key=openai_key))

    def models(self) -> tuple[Model, ...]:
        """Every model, in the order of the file."""
        return tuple(self._models.values())

    def get(self, model_id: str) -> Model:
        """The model of that id. Raises UnknownModel."""
        try:
            return self._models[model_id]
        except KeyError:
            raise UnknownModel(model=model_id) from None

    def usable(self, model_id: str) -> Model:
        """The model of that id, which the operator lets run. Raises UnknownModel and ModelDisabled."""
        model = self.get(model_id)
        if model.off is not None:
            raise disabled(model_id, model.off)
        return model

    def for_task(self, task: Task) -> tuple[Model, ...]:
        """The usable models for a task, the cheapest first."""
        return self.find("", task)

    def find(self, text: str, task: Task | None = None) -> tuple[Model, ...]:
        """The usable models that a person may mean by `text`, best match first, then the cheapest."""
        usable = (model for model in self.models() if model.enabled and (task is None or task in model.tasks))
        return ranked(text, usable, self._cheapest)

    def default(self, task: Task, order_hint: Order | None = None, *, allowed: Collection[str] | None = None) -> Model:
        """A sensible, cheap model for a task when nobody named one, among those `allowed` (None: all).

        With a hint, the first that can do what the hint asks. Raises what the first says when none can (a model that
        has a place for a file knows best what is wrong with it), NoModel when there is none to choose from.
        """
        told: Refused | None = None
        for model in self._candidates(task, allowed):
            try:
                if order_hint is not None:
                    self.plan(replace(order_hint, task=task, model=model.id))
            except Refused as error:
                if told is None or (isinstance(error, UnusableFile) and not isinstance(told, UnusableFile)):
                    told = error
            else:
                return model
        raise told or NoModel(task=task.value)

    def cheapest_mcr(self, model: Model) -> int:
        """What the model's cheapest legal order costs, in milli-credits."""
        return self._cheapest[model.id]

    def is_video(self, model: Model) -> bool:
        """Whether the model makes moving pictures."""
        return model.is_video

    def results(self, model_id: str, links: tuple[str, ...], expected: int) -> tuple[str, ...]:
        """Which of a run's links are results, `expected` of them: the rest is by-products or unfinished."""
        model = self._models.get(model_id)
        return model.output.results(links, expected) if model else links[:expected]

    def plan(self, order: Order, *, measured_ms: int | None = None) -> Plan:
        """The exact requests and the exact price of an order.

        `measured_ms` is the length of the input that the price hangs on, where it is known otherwise than by being
        that of an earlier result. Raises UnknownModel,
        ModelDisabled, InvalidOrder, Unpriced and UnusableFile.
        """
        model = self.usable(order.model)
        length_ms = _known_ms(model, order) if measured_ms is None else measured_ms
        inputs = complete(model, inputs_of(model, order, measured_ms=length_ms), model.called)
        return _planned(model, inputs, order.count, length_ms, order.seeds or ())

    def plan_inputs(self, model_id: str, inputs: Mapping[str, object], *, count: int = 1) -> Plan:
        """The same from a model's own inputs, as the command line gives them.

        Raises UnknownModel, ModelDisabled, InvalidOrder and Unpriced.
        """
        model = self.usable(model_id)
        return _planned(model, complete(model, inputs), pictures(model, inputs, count))

    def _candidates(self, task: Task, allowed: Collection[str] | None) -> tuple[Model, ...]:
        preferred = [self._models[model_id] for model_id in self._defaults.get(task, ())]
        moving = task in MOVING  # nobody who asked for a picture gets a video, and its price
        others = [model for model in self.for_task(task) if model.by_default and model.is_video == moving]
        every = dict.fromkeys(model.id for model in (*preferred, *others) if model.enabled)
        return tuple(self._models[model_id] for model_id in every if allowed is None or model_id in allowed)


def _known_ms(model: Model, order: Order) -> int | None:
    """The length of the file that the price hangs on, where that is a result: it was measured when it was made."""
    spec = model.input(model.seconds_of) if model.seconds_of else None
    results = [file for file in order.files if file.is_result and spec is not None and file.role in spec.roles]
    return results[0].duration_ms if results else None


def _planned(
    model: Model,
    inputs: Mapping[str, object],
    count: int,
    measured_ms: int | None = None,
    seeds: Sequence[int | None] = (),
) -> Plan:
    quote = price.quote(model, inputs, count, measured_ms)
    requests = payload.requests(model, inputs, count, seeds)
    return Plan(model.id, model.version, requests, quote, payload.media(model, inputs), model.typical_s)
