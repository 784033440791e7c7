"""Property tests with generated orders for every model."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.payload import fill
from bot.catalogue.plan import FileSlot
from bot.catalogue.price import charge
from bot.catalogue.serial import dump_order, dump_plan, load_order, load_plan
from bot.errors import Refused
from tests.unit.catalogue.orders import legal_orders, links_for, wild_orders
from tests.unit.catalogue.schema_validator import validator

THOROUGH = settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.too_slow])
QUICK = settings(THOROUGH, max_examples=6)
SWITCHED_ON = """
[models."openai/gpt-image-1"]
enabled = true
"""


@pytest.fixture(scope="session")
def everything(tmp_path_factory):
    """Return a catalogue with all models switched on, including gpt-image-1."""
    path = tmp_path_factory.mktemp("catalogue") / "own.toml"
    path.write_text(SWITCHED_ON)
    return Catalogue.load(path, openai_key=True)


IDS = [model.id for model in Catalogue.load().models()]
every_model = pytest.mark.parametrize("model_id", IDS)


def sent(order, plan):
    secrets = {"openai_api_key": "sk-test"}
    return [fill(request.body, links_for(order), secrets) for request in plan.requests]


def assert_plan_is_right(order, plan, model, row):
    """Check that the bodies satisfy the schema and that price and number of results are right."""
    for body in sent(order, plan):
        validator(row).validate(body["input"])
        assert body.get("version") == model.version
    assert plan.outputs == order.count
    charges = [charge(plan, delivered=n) for n in range(plan.outputs + 1)]
    assert charges == sorted(set(charges))
    assert charges[0] == 0
    assert charges[-1] == plan.quote.milli_credits > 0


@every_model
@given(data=st.data())
@THOROUGH
def test_valid_order_makes_a_body_that_satisfies_the_schema(everything, schemas, model_id, data):
    model = everything.get(model_id)
    order = data.draw(legal_orders(model))
    assert_plan_is_right(order, everything.plan(order), model, schemas[model_id])


@every_model
@given(data=st.data())
@THOROUGH
def test_any_order_is_refused_or_gives_a_valid_body(everything, schemas, model_id, data):
    model = everything.get(model_id)
    order = data.draw(wild_orders(model))
    try:
        plan = everything.plan(order)
    except Refused:
        return
    assert_plan_is_right(order, plan, model, schemas[model_id])


@every_model
@given(data=st.data())
@QUICK
def test_set_options_are_never_dropped(everything, model_id, data):
    model = everything.get(model_id)
    order = data.draw(legal_orders(model) | wild_orders(model))
    try:
        plan = everything.plan(order)
    except Refused:
        return
    values = list(plan.requests[0].body["input"].values())
    given = (order.prompt, order.prompt_end, order.negative, order.what, order.text, order.seed, order.voice)
    dropped = [one for one in given if one is not None and str(one).strip() and one not in values]
    assert dropped == []
    assert {file.slot for file in order.files} == set(slots(values))


def slots(values):
    for value in values:
        if isinstance(value, FileSlot):
            yield value.slot
        elif isinstance(value, list):
            yield from slots(value)


@every_model
@given(data=st.data())
@QUICK
def test_planning_is_deterministic_and_orders_and_plans_survive_storage(everything, model_id, data):
    order = data.draw(legal_orders(everything.get(model_id)))
    plan = everything.plan(order)
    assert everything.plan(order) == plan
    assert load_order(dump_order(order)) == order
    assert load_plan(dump_plan(plan)) == plan
    assert dump_plan(load_plan(dump_plan(plan))) == dump_plan(plan)


@every_model
@given(data=st.data(), measured_ms=st.integers(0, 100_000))
@QUICK
def test_measured_length_never_raises_a_charge_above_its_quote(everything, model_id, data, measured_ms):
    plan = everything.plan(data.draw(legal_orders(everything.get(model_id))))
    for delivered in range(plan.outputs + 2):
        charged = charge(plan, delivered=delivered, measured_ms=measured_ms)
        assert charged <= plan.quote.milli_credits
        assert (charged == 0) == (delivered == 0)


@every_model
def test_valid_orders_never_cost_less_than_the_cheapest_price(everything, model_id):
    model = everything.get(model_id)

    @given(data=st.data())
    @QUICK
    def cheapest(data):
        plan = everything.plan(data.draw(legal_orders(model)))
        assert plan.quote.milli_credits >= everything.cheapest_mcr(model)

    cheapest()
