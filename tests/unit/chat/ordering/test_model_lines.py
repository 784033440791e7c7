"""Tests of the lines of suggested models: which of their prices are remembered, and what changes a line."""

import dataclasses

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.ordering.model_lines import ModelLines
from bot.chat.texts.texts import Texts
from bot.jobs.durations import Range

CATALOGUE = Catalogue.load()
TEXTS = Texts.load()
ENGLISH, CHINESE = TEXTS.speech("en-US"), TEXTS.speech("zh-CN")
MODEL = CATALOGUE.get("black-forest-labs/flux-schnell")


class CountingCatalogue(Catalogue):
    """A catalogue that counts the plans that it makes."""

    planned = 0

    def plan(self, order, *, measured_ms=None):
        self.planned += 1
        return super().plan(order, measured_ms=measured_ms)


@pytest.fixture
def counted():
    return CountingCatalogue.load()


def typed(prompt="a fox", **options):
    return Order(Task.IMAGINE, "", prompt=prompt, **options)


def line(lines, wanted=None, usual=None, say=ENGLISH):
    (found,) = lines.lines([MODEL], wanted, {MODEL.id: usual} if usual else {}, say)
    return found


def test_price_of_the_same_options_is_computed_once_for_all_members(counted):
    lines, models = ModelLines(counted), CATALOGUE.for_task(Task.IMAGINE)
    first = lines.lines(models, typed(), {}, ENGLISH)
    planned = counted.planned
    for prompt in ("an owl", "a tram in fog", "x" * 5_000):
        assert lines.lines(models, typed(prompt, negative=prompt), {}, ENGLISH)
        assert lines.lines(models, typed(prompt), {}, ENGLISH) == first
        lines.lines(models, typed(prompt, negative="blur"), {}, ENGLISH)
    assert planned > 0
    assert counted.planned <= 2 * planned + len(models)  # with and without a negative prompt


def test_text_that_is_not_a_choice_is_not_remembered(counted):
    lines = ModelLines(counted)
    for _ in range(2):
        planned = counted.planned
        line(lines, typed(style="x" * 1_000))
        assert counted.planned > planned
    assert lines._priced.cache_info().currsize == 0


@pytest.mark.parametrize("task", Task)
def test_remembered_price_is_that_of_the_order_as_it_is_typed(task):
    """Whatever the texts say, the shown price is that of the whole order."""
    lines = ModelLines(CATALOGUE)
    for model in CATALOGUE.for_task(task):
        order = Order(task, model.id, prompt="a fox in the snow")
        for wanted in (
            order,
            dataclasses.replace(order, count=2),
            dataclasses.replace(order, seconds=5),
            dataclasses.replace(order, prompt=None, what="the lamp"),
            dataclasses.replace(order, text="la la la", negative="blur"),
            dataclasses.replace(order, prompt=None),
        ):
            assert lines.held_mcr(wanted) == lines._held_mcr(wanted, model.id)


def test_other_options_lead_to_another_price():
    lines = ModelLines(CATALOGUE)
    assert "75" in line(lines, typed(count=1))
    assert "225" in line(lines, typed(count=3))


def test_another_time_or_language_leads_to_another_line():
    lines = ModelLines(CATALOGUE)
    made = [
        line(lines, typed(), usual, say)
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
    found = line(ModelLines(CATALOGUE))
    assert found.startswith(MODEL.label)
    assert "from 75" in found
