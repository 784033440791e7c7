"""Tests that a remembered price is that of exactly the same order."""

import itertools
from dataclasses import replace

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.chat.results.follow_up_prices import FollowUpPrices
from bot.errors import Refused

CATALOGUE = Catalogue.load()
EVERY = frozenset(model.id for model in CATALOGUE.models())
SIZES = (0, 1, 900_000, 5 << 20, 11 << 20, 60 << 20, 600 << 20)
SIDES = ((None, None), (64, 64), (1_024, 1_024), (1_920, 1_080), (5_000, 5_000), (9_000, 200))


def files(role, media, ending):
    for number, (size, (width, height), length_ms) in enumerate(
        itertools.product(SIZES, SIDES, (None, 5_041, 70_000) if role is FileRole.VIDEO else (None,))
    ):
        name, artefact = f"easel-{number}.{ending}", f"job{number}/1"
        yield InputFile("image", role, name, "", size, media, width, height, length_ms, artefact)


def orders():
    for role, media, ending in (
        (FileRole.IMAGE, "image/webp", "webp"),
        (FileRole.FIRST_FRAME, "image/png", "png"),
        (FileRole.VIDEO, "video/mp4", "mp4"),
    ):
        for file in files(role, media, ending):
            for task in {FileRole.FIRST_FRAME: [Task.VIDEO], FileRole.VIDEO: [Task.LIPSYNC]}.get(
                role, [Task.EDIT, Task.UPSCALE, Task.REMOVEBG]
            ):
                words = f"words {file.name}"
                yield Order(task, "", prompt=words if task in {Task.EDIT, Task.VIDEO} else None, files=(file,))
                yield Order(task, "", text=words, files=(file,))
                yield Order(task, "", prompt=" ", files=(file,))


def quote(make):
    try:
        return make().quote
    except Refused:
        return None


@pytest.mark.parametrize("allowed", [EVERY, frozenset(sorted(EVERY)[::3]), frozenset()])
def test_price_of_the_chosen_model_is_that_of_the_order(allowed):
    prices = FollowUpPrices(CATALOGUE)

    def chosen(order):
        return replace(order, model=CATALOGUE.default(order.task, order, allowed=allowed).id)

    found = [(prices.of_usual(one, allowed), quote(lambda one=one: CATALOGUE.plan(chosen(one)))) for one in orders()]
    assert [one for one, _ in found] == [other for _, other in found]
    assert any(other is not None for _, other in found) == bool(allowed)


@pytest.mark.parametrize("model", CATALOGUE.for_task(Task.IMAGINE), ids=lambda model: model.id)
def test_price_of_a_repetition_is_that_of_the_order(model):
    prices = FollowUpPrices(CATALOGUE)
    for seed, seeds, count in ((None, None, 1), (7, None, 1), (None, (7, None), 2)):
        order = Order(Task.IMAGINE, model.id, prompt="a lighthouse", seed=seed, seeds=seeds, count=count)
        assert prices.of(order) == quote(lambda order=order: CATALOGUE.plan(order))


def test_price_is_remembered_for_other_words_seeds_and_files():
    prices = FollowUpPrices(CATALOGUE)
    one = Order(Task.IMAGINE, "black-forest-labs/flux-schnell", prompt="a lighthouse", seed=5)
    assert prices.of(one) == prices.of(replace(one, prompt="a ship", seed=6))
    picture = InputFile("image", FileRole.IMAGE, "easel-A-1.webp", "", 81_234, "image/webp", 1_024, 1_024, None, "A/1")
    other = replace(picture, name="easel-B-2.webp", size=99_999, artefact="B/2")
    for file in (picture, other):
        prices.of_usual(Order(Task.UPSCALE, "", files=(file,)), EVERY)
    assert prices._of_order.cache_info().hits == prices._of_choice.cache_info().hits == 1
