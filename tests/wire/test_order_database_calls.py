"""Tests of the database cost of an order before its card is sent, for which Discord allows 3 s in total."""

from tests.wire.database_calls import DatabaseCalls
from tests.wire.stage import is_over, is_ready

MODEL = "black-forest-labs/flux-schnell"


async def imagine(stage, **options):
    calls = DatabaseCalls(stage)
    answer = await stage.command("mira", "imagine", prompt="a lighthouse in fog", **options)
    assert answer.state == "acknowledged"
    assert await stage.is_public(answer)
    assert is_ready(await stage.message_of(answer, is_over))
    return calls


async def test_first_order_in_a_guild_stays_within_its_budget_of_database_calls(stage):
    """An order reads the guild's rules, words and places, the member's preferences and the threshold.

    Everything else is one transaction.
    """
    calls = await imagine(stage)
    assert 0 < len(calls.reads) <= 4
    assert len(calls.writes) == 1
    assert len(calls.statements) <= 36


async def test_later_order_stays_within_its_budget_of_database_calls(stage):
    """The guild's rules and the member's preferences are in memory, and the accounts exist.

    The usual time may be read again, which is one more statement, because a run has ended since.
    """
    await imagine(stage)
    calls = await imagine(stage)
    assert calls.reads == []
    assert len(calls.writes) == 1
    assert len(calls.statements) <= 16 + 1


async def test_order_that_names_its_model_is_planned_once(stage, monkeypatch):
    plan, planned = stage.app.catalogue.plan, []

    def count_plan(order, **more):
        planned.append(order)
        return plan(order, **more)

    monkeypatch.setattr(stage.app.catalogue, "plan", count_plan)
    answer = await stage.command("mira", "imagine", prompt="a lighthouse in fog", model=MODEL)
    assert answer.state == "acknowledged"
    assert [(order.task, order.model) for order in planned] == [("imagine", MODEL)]
