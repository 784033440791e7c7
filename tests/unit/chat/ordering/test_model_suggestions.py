"""The lines of suggested models: what is remembered of them, and what makes another line."""

import dataclasses

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.ordering.model_suggestions import ModelSuggestions, without_wording
from bot.chat.texts.loader import Texts
from bot.jobs.durations import Range

CATALOGUE = Catalogue.load()
TEXTS = Texts.load()
ENGLISH, CHINESE = TEXTS.speech("en-US"), TEXTS.speech("zh-CN")
MODEL = CATALOGUE.get("black-forest-labs/flux-schnell")


class CountingCatalogue(Catalogue):
    """A catalogue that counts the plans that are made."""

    planned = 0

    def plan(self, order, *, measured_ms=None):
        self.planned += 1
        return super().plan(order, measured_ms=measured_ms)


@pytest.fixture
def counted():
    return CountingCatalogue.load()


def typed(prompt="a fox", **options):
    return without_wording(Order(Task.IMAGINE, "", prompt=prompt, **options))


def test_price_of_the_same_options_is_computed_once_for_all_who_type(counted):
    lines = ModelSuggestions(counted)
    first = {model.id: lines.line(model, typed(), None, ENGLISH) for model in CATALOGUE.for_task(Task.IMAGINE)}
    planned = counted.planned
    for prompt in ("an owl", "a tram in fog"):
        assert first == {
            model.id: lines.line(model, typed(prompt), None, ENGLISH) for model in CATALOGUE.for_task(Task.IMAGINE)
        }
    assert counted.planned == planned > 0


@pytest.mark.parametrize("task", Task)
def test_remembered_price_is_that_of_the_order_as_it_is_typed(task):
    """Whatever is in the prompt: the price that is shown is the one that the whole order has."""
    lines = ModelSuggestions(CATALOGUE)
    for model in CATALOGUE.for_task(task):
        order = Order(task, model.id, prompt="a fox in the snow")
        for wanted in (order, dataclasses.replace(order, count=2), dataclasses.replace(order, seconds=5)):
            assert lines.held_mcr(wanted) == lines._held_mcr(dataclasses.replace(wanted, model=""), model.id)


def test_other_options_make_another_price():
    lines = ModelSuggestions(CATALOGUE)
    one, three = (lines.line(MODEL, typed(count=count), None, ENGLISH) for count in (1, 3))
    assert "75" in one
    assert "225" in three


def test_other_time_and_other_language_make_another_line():
    lines = ModelSuggestions(CATALOGUE)
    made = [
        lines.line(MODEL, typed(), usual, say)
        for usual, say in (
            (None, ENGLISH),
            (Range(2, 3, 4), ENGLISH),
            (Range(8, 9, 12), ENGLISH),
            (Range(8, 9, 12), CHINESE),
        )
    ]
    assert len(set(made)) == len(made)
    assert "12 s" in made[2]


def test_line_without_an_order_has_the_price_of_the_cheapest_one():
    line = ModelSuggestions(CATALOGUE).line(MODEL, None, None, ENGLISH)
    assert line.startswith(MODEL.label)
    assert "from 75" in line
