"""Tests that a refusal without a chosen model lists only values that the usable models really support."""

from dataclasses import replace

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.catalogue.possible_values import LISTED, refused_option
from bot.chat.ordering.example_orders import examples
from bot.errors import Refused

CATALOGUE = Catalogue.load()
EVERY = tuple(model.id for model in CATALOGUE.models() if model.enabled)
IMPOSSIBLE = {
    "seconds": 59, "resolution": "9k", "aspect": "99:1", "style": "no-such", "format": "tiff", "voice": "no-such",
    "background": "no-such", "lora": "no-such",
}  # fmt: skip
TASKS = [task for task in Task if task is not Task.LIPSYNC]
KLING, VEO = "kwaivgi/kling-v1.6-standard", "google/veo-2"


def can_be_ordered(order, models) -> bool:
    for model in models:
        try:
            CATALOGUE.plan(replace(order, model=model))
        except Refused:
            continue
        return True
    return False


def example(task) -> Order:
    models = CATALOGUE.choosable(task, EVERY)
    return next(order for order in examples(Order(task, "")) if can_be_ordered(order, models))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("option", IMPOSSIBLE)
def test_every_listed_value_can_be_ordered_and_an_empty_list_means_that_none_can(task, option):
    order = replace(example(task), **{option: IMPOSSIBLE[option]})
    models = CATALOGUE.choosable(task, EVERY)
    refused = refused_option(CATALOGUE, order, models)
    if (task, option) == (Task.REMOVEBG, "background"):  # any colour
        assert refused is None
        return
    assert refused is not None
    assert (refused.facts["model"], refused.facts["option"]) == (f"/{task}", option)
    named = [value for value in str(refused.facts["takes"]).split(", ") if value]
    assert (refused.facts["reason"] == "takes-here") == bool(named)
    for value in named[:LISTED]:
        typed = int(value) if option == "seconds" else value.partition(" … ")[0]
        assert can_be_ordered(replace(order, **{option: typed}), models), value


def test_only_lengths_of_the_usable_models_are_listed():
    order = Order(Task.VIDEO, "", prompt="waves", seconds=7)
    refused = refused_option(CATALOGUE, order, (KLING,))
    assert refused is not None
    assert refused.facts["takes"] == "5, 10"


def test_refusal_of_an_option_lists_only_values_that_fit_the_other_options():
    order = Order(Task.VIDEO, "", prompt="waves", seconds=7, negative="people")  # veo-2 has no negative prompt
    refused = refused_option(CATALOGUE, order, (KLING, VEO))
    assert refused is not None
    assert (refused.facts["option"], refused.facts["takes"]) == ("seconds", "5, 10")


def test_order_with_two_impossible_options_has_no_single_cause():
    order = Order(Task.VIDEO, "", prompt="waves", seconds=59, aspect="99:1")
    assert refused_option(CATALOGUE, order, (KLING,)) is None
