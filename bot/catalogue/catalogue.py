"""The catalogue of all models, which finds models for a task and turns orders into plans."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Self

from bot.catalogue import payload, price
from bot.catalogue.load import Loaded, load
from bot.catalogue.model import Model
from bot.catalogue.model_inputs import complete, pictures
from bot.catalogue.model_search import named, plain_words, ranked
from bot.catalogue.options import inputs_of
from bot.catalogue.order import Order, Task
from bot.catalogue.plan import Plan
from bot.catalogue.refusals import disabled
from bot.errors import NoModel, Refused, UnknownModel, UnusableFile

SEARCHES_KEPT = 1_000
"""How many searches are remembered: most people begin with the same few letters."""

SEARCH_CHARACTERS = 50
"""The longest text whose search is remembered."""

PLANS_KEPT = 64
"""How many plans are remembered."""

MOVING = frozenset({Task.VIDEO, Task.LIPSYNC})


class Catalogue:
    """All models, including those that are switched off; loaded once and never changed."""

    def __init__(self, loaded: Loaded) -> None:
        self._models = loaded.models
        self._defaults = loaded.defaults
        self._cheapest = {model.id: price.cheapest(model) for model in loaded.models.values()}
        self._ranked = lru_cache(maxsize=SEARCHES_KEPT)(self._searched)
        # Choosing a model plans the order with each candidate, and the chosen plan is needed again right after that.
        self._made = lru_cache(maxsize=PLANS_KEPT)(self._new_plan)
        self._by_task = {task: self.find("", task) for task in Task}
        self._choices = {task: self._in_order_of_choice(task) for task in Task}

    @classmethod
    def load(cls, override: Path | None = None, *, openai_key: bool = False) -> Self:
        """Load the built-in models and apply the operator's file to them.

        Models that need an OpenAI key are off unless `openai_key` says that the operator has set one. Raises
        SettingsError with the file, the model and the invalid field.
        """
        return cls._built_in(openai_key=openai_key) if override is None else cls(load(override, openai_key=openai_key))

    @classmethod
    @cache
    def _built_in(cls, *, openai_key: bool) -> Self:
        return cls(load(openai_key=openai_key))

    def models(self) -> tuple[Model, ...]:
        """Return every model, in the order of the file."""
        return tuple(self._models.values())

    def get(self, model_id: str) -> Model:
        """Return the model with that id. Raises UnknownModel."""
        try:
            return self._models[model_id]
        except KeyError:
            raise UnknownModel(model=model_id) from None

    def named(self, text: str) -> Model:
        """Return the model with this id, or with this name if only one has it, such as `flux-schnell`.

        Case does not matter, and `Recraft V3` is `recraft-v3`. Raises UnknownModel.
        """
        found = named(text, self.models())
        return found[0] if len(found) == 1 else self.get(text)

    def usable(self, model_id: str) -> Model:
        """Return the model with that id if it is switched on. Raises UnknownModel and ModelDisabled."""
        model = self.get(model_id)
        if model.off is not None:
            raise disabled(model_id, model.off)
        return model

    def for_task(self, task: Task) -> tuple[Model, ...]:
        """Return the usable models for a task, cheapest first."""
        return self._by_task[task]

    def find(self, text: str, task: Task | None = None) -> tuple[Model, ...]:
        """Return the usable models that match the typed text, best match first, then cheapest."""
        words = plain_words(text)
        return self._ranked(words, task) if len(words) <= SEARCH_CHARACTERS else self._searched(words, task)

    def _searched(self, words: str, task: Task | None) -> tuple[Model, ...]:
        usable = (model for model in self.models() if model.enabled and (task is None or task in model.tasks))
        return ranked(words, usable, self._cheapest)

    def default(self, task: Task, order_hint: Order | None = None, *, allowed: Collection[str] | None = None) -> Model:
        """Choose the usual model for a task; if it is off or not `allowed` (None: all are), the cheapest one.

        With a hint, only models that support what the hint asks for are considered. If none does, the refusal that
        best explains what is wrong is raised: that of a model with an input for the file, otherwise that of a model
        with the advanced inputs, otherwise the first one. Raises NoModel if there is no model to choose from.
        """
        usual = self.usual(task, order_hint)
        refusal: Refused | None = None
        cheapest: tuple[int, Model] | None = None
        for model in self._candidates(task, allowed):
            if usual is not None and model.id == usual.id:
                return model
            try:
                price_mcr = self._price_mcr(task, model, order_hint)
            except Refused as error:
                refusal = error if refusal is None else min(refusal, error, key=_vagueness)
                continue
            if cheapest is None or price_mcr < cheapest[0]:
                cheapest = price_mcr, model
        if cheapest is not None:
            return cheapest[1]
        raise refusal or NoModel(task=task.value)

    def choosable(self, task: Task, allowed: Collection[str]) -> tuple[str, ...]:
        """Return the ids of the `allowed` models among which `default` chooses for a task."""
        return tuple(model.id for model in self._candidates(task, allowed))

    def usual(self, task: Task, order_hint: Order | None = None) -> Model | None:
        """Return the first of the task's default models that supports what the hint asks for, even if it is off.

        Returns None if no default model supports it.
        """
        for model_id in self._defaults.get(task, ()):
            model = self._models[model_id]
            try:
                if order_hint is not None:
                    self._plan(model, replace(order_hint, task=task, model=model_id))
            except Refused:
                continue
            return model
        return None

    def is_first_choice(self, task: Task, model_id: str) -> bool:
        """Return whether this is the default model that is tried first for a task."""
        return self._defaults.get(task, ())[:1] == (model_id,)

    def _price_mcr(self, task: Task, model: Model, order_hint: Order | None) -> int:
        """Return the price of an order with this model; without a hint, that of its cheapest order. Raises Refused."""
        if order_hint is None:
            return self._cheapest[model.id]
        return self.plan(replace(order_hint, task=task, model=model.id)).quote.milli_credits

    def cheapest_mcr(self, model: Model) -> int:
        """Return the price of the model's cheapest valid order, in milli-credits."""
        return self._cheapest[model.id]

    def is_video(self, model: Model) -> bool:
        """Return whether the model makes videos."""
        return model.is_video

    def results(self, model_id: str, links: tuple[str, ...], expected: int) -> tuple[str, ...]:
        """Pick the `expected` results among a run's links; the rest are by-products or unfinished results."""
        model = self._models.get(model_id)
        return model.output.results(links, expected) if model else links[:expected]

    def plan(self, order: Order, *, measured_ms: int | None = None) -> Plan:
        """Compute the exact requests and the exact price of an order.

        `measured_ms` is the length of the input that determines the price, if it was measured; the length of an
        earlier result is known anyway. Raises UnknownModel, ModelDisabled, InvalidOrder, Unpriced and UnusableFile.
        """
        return self._plan(self.usable(order.model), order, measured_ms=measured_ms)

    def _plan(self, model: Model, order: Order, *, measured_ms: int | None = None) -> Plan:
        return self._made(model.id, order, measured_ms)

    def _new_plan(self, model_id: str, order: Order, measured_ms: int | None) -> Plan:
        model = self._models[model_id]
        length_ms = _known_ms(model, order) if measured_ms is None else measured_ms
        inputs = complete(model, inputs_of(model, order, measured_ms=length_ms), model.called)
        return _planned(model, inputs, order.count, length_ms, order.seeds or ())

    def plan_inputs(self, model_id: str, inputs: Mapping[str, object], *, count: int = 1) -> Plan:
        """Make a plan from a model's own inputs, as the command line passes them.

        Raises UnknownModel, ModelDisabled, InvalidOrder and Unpriced.
        """
        model = self.usable(model_id)
        return _planned(model, complete(model, inputs), pictures(model, inputs, count))

    def _candidates(self, task: Task, allowed: Collection[str] | None) -> Iterator[Model]:
        return (model for model in self._choices[task] if allowed is None or model.id in allowed)

    def _in_order_of_choice(self, task: Task) -> tuple[Model, ...]:
        preferred = [self._models[model_id] for model_id in self._defaults.get(task, ())]
        moving = task in MOVING  # a member who asked for a picture must not get a video at a video's price
        others = [model for model in self.for_task(task) if model.by_default and model.is_video == moving]
        every = dict.fromkeys(model.id for model in (*preferred, *others) if model.enabled)
        return tuple(self._models[model_id] for model_id in every)


def _vagueness(error: Refused) -> int:
    """Return a rank for a refusal: the lower, the better it says what a member should change."""
    lacks_input = error.facts.get("reason") == "unknown-input" or error.facts.get("option") == "advanced"
    return 0 if isinstance(error, UnusableFile) else 2 if lacks_input else 1


def _known_ms(model: Model, order: Order) -> int | None:
    """Return the length of the price-determining input if it is an earlier result; those were measured when made."""
    spec = model.input(model.seconds_of) if model.seconds_of else None
    # The length of any other file comes from the uploader's client, and a false one must not lower the price.
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
