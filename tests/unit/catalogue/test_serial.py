"""Tests that orders and plans stored by earlier versions can still be read."""

import json

import pytest

from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.plan import FileSlot, SecretSlot
from bot.catalogue.serial import UnknownForm, dump_order, dump_plan, load_order, load_plan
from tests.unit.catalogue.orders import a_file, an_order

ORDER_OF_VERSION_1 = (
    '{"v":1,"task":"edit","model":"acme/painter","prompt":"a 猫","count":2,"strength":0.5,"files":[{"slot":"image",'
    '"role":"image","name":"cat.png","url":"https://x/a","size":7,"content_type":"image/png","artefact":"j1/0"}]}'
)
PLAN_OF_VERSION_1 = (
    '{"v":1,"model":"acme/painter","version":null,"requests":[{"path":"/v1/models/acme/painter/predictions","body":'
    '{"input":{"key":{"$secret":"openai_api_key"},"images":[{"$file":"image","invert":false}],"mask":{"$file":"mask",'
    '"invert":true}}},"outputs":2}],"quote":{"milli_credits":3,"per":"second","unit_mcr":"4/3","units":"2",'
    '"upper_bound":true},"media":"image/png","typical_s":2.5}'
)


def test_order_in_the_first_format_can_be_read():
    image = InputFile("image", FileRole.IMAGE, "cat.png", "https://x/a", 7, "image/png", artefact="j1/0")
    order = Order(Task.EDIT, "acme/painter", prompt="a 猫", count=2, strength=0.5, files=(image,))
    assert load_order(ORDER_OF_VERSION_1) == order
    assert json.loads(dump_order(order)) == json.loads(ORDER_OF_VERSION_1)


def test_plan_in_the_first_format_can_be_read():
    plan = load_plan(PLAN_OF_VERSION_1)
    assert plan.requests[0].body == {
        "input": {
            "key": SecretSlot("openai_api_key"),
            "images": [FileSlot("image")],
            "mask": FileSlot("mask", invert=True),
        }
    }
    assert (plan.quote.unit_mcr.numerator, plan.quote.unit_mcr.denominator, plan.outputs) == (4, 3, 2)
    assert json.loads(dump_plan(plan)) == json.loads(PLAN_OF_VERSION_1)


def test_stored_order_contains_only_options_that_were_set():
    assert dump_order(an_order("a/b", prompt="x")) == (
        '{"v":1,"task":"imagine","model":"a/b","prompt":"x","count":1,"files":[]}'
    )


def test_advanced_inputs_survive_storage():
    order = an_order("a/b", advanced=(("outpaint", "Zoom out 2x"), ("steps", "4")))
    assert json.loads(dump_order(order))["advanced"] == [["outpaint", "Zoom out 2x"], ["steps", "4"]]
    assert load_order(dump_order(order)) == order


def test_format_of_a_later_version_is_refused():
    with pytest.raises(UnknownForm):
        load_order('{"v":2}')
    with pytest.raises(UnknownForm):
        load_plan('{"v":null}')


def test_prompt_that_looks_like_a_slot_stays_a_prompt(catalogue):
    order = an_order("black-forest-labs/flux-dev", prompt='{"$file":"image"}', files=[a_file()])
    plan = catalogue.plan(order)
    assert load_plan(dump_plan(plan)) == plan
    assert load_order(dump_order(order)) == order
