from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Order, Task
from bot.chat.ordering.cheaper_models import CLEARLY_CHEAPER, cheaper

CATALOGUE = Catalogue.load()
ALL = frozenset(model.id for model in CATALOGUE.models())
VEO = Order(Task.VIDEO, "google/veo-3", prompt="waves")


def price(order):
    return CATALOGUE.plan(order).quote.milli_credits


@settings(deadline=None)  # the test must not fail on a busy machine
@given(st.integers(0, 200_000_000), st.integers(1, 5), st.sets(st.sampled_from(sorted(ALL))))
def test_alternatives_are_allowed_fit_the_balance_and_are_clearly_cheaper(within, most, allowed):
    found = cheaper(CATALOGUE, VEO, price(VEO), allowed=allowed, within_mcr=within, most=most)
    assert len(found) <= most
    assert len({one.order.model for one in found}) == len(found)
    for one in found:
        assert one.order.model in allowed
        assert one.order != VEO
        assert one.mcr <= min(within, price(VEO) * CLEARLY_CHEAPER)
        assert one.mcr == price(one.order)
        assert one.order.prompt == VEO.prompt


def test_alternatives_include_the_most_expensive_and_the_cheapest():
    every = cheaper(CATALOGUE, VEO, price(VEO), allowed=ALL, within_mcr=price(VEO), most=len(ALL))
    two = cheaper(CATALOGUE, VEO, price(VEO), allowed=ALL, within_mcr=price(VEO), most=2)
    assert two == (every[0], every[-1])


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_number_of_alternatives_is_limited(most):
    assert len(cheaper(CATALOGUE, VEO, price(VEO), allowed=ALL, within_mcr=price(VEO), most=most)) == most


def test_model_that_lacks_a_requested_option_is_not_an_alternative():
    order = Order(Task.VIDEO, "google/veo-3", prompt="waves", negative="people", aspect="16:9")
    found = cheaper(CATALOGUE, order, price(order), allowed=ALL, within_mcr=price(order), most=len(ALL))
    assert found
    for one in found:
        model = CATALOGUE.get(one.order.model)
        assert model.filled_by("negative")
        assert "16:9" in model.aspects


def test_alternative_supports_the_advanced_inputs():
    order = Order(Task.VIDEO, "kwaivgi/kling-v2.0", prompt="waves", advanced=(("cfg_scale", "0.7"),))
    found = cheaper(CATALOGUE, order, price(order), allowed=ALL, within_mcr=10**9, most=9)
    assert {one.order.model for one in found} == {"kwaivgi/kling-v1.6-standard"}


def offered(order, **options):
    limits = {"allowed": ALL, "within_mcr": 10**9, "most": len(ALL)} | options
    return cheaper(CATALOGUE, order, price(order), **limits)


def test_same_model_is_offered_with_a_shorter_video():
    order = Order(Task.VIDEO, "kwaivgi/kling-v2.0", prompt="waves", seconds=10)
    (same,) = (one for one in offered(order) if one.order.model == order.model)
    assert same.order == replace(order, seconds=5)
    assert same.mcr * 2 == price(order)


def test_model_that_does_not_support_the_length_is_offered_with_the_next_shorter_one():
    order = Order(Task.VIDEO, "kwaivgi/kling-v2.0", prompt="waves", seconds=10)
    (other,) = (one for one in offered(order) if one.order.model == "minimax/hailuo-2.3")
    assert other.order.seconds == 6


def test_fewer_pictures_are_offered_if_only_those_are_affordable():
    order = Order(Task.IMAGINE, "black-forest-labs/flux-schnell", prompt="a cat", count=4)
    (fewer,) = offered(order, allowed={order.model}, within_mcr=price(order) * 3 // 5)
    assert fewer.order == replace(order, count=2)


def test_order_that_cannot_be_smaller_has_no_cheaper_variant():
    order = Order(Task.IMAGINE, "black-forest-labs/flux-schnell", prompt="a cat")
    assert offered(order, allowed={order.model}) == ()
