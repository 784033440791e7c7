"""Compares the answers of /why with the outcomes of real orders."""

from typing import Any

import pytest

from bot.catalogue.order import Order
from bot.chat.ordering.example_orders import examples
from bot.chat.replies.why import LineMark, Why
from bot.chat.texts.texts import Texts
from bot.errors import InsufficientCredit, MissingPermission, ModelDisabled, NotAllowed, Refused
from bot.funding.wallets import Wallets
from bot.money import milli
from bot.permissions import ATTACH_FILES
from bot.policy import approval_rule_rows
from bot.policy.policy_records import ApprovalRule, Circumstances, PolicyRequest, Requester
from bot.preferences.preferences import Preferences
from tests.unit.jobs.world import (
    ALL_PERMISSIONS,
    CATALOGUE,
    CHANNEL,
    GUILD,
    MEMBER,
    OTHER,
    SCHNELL,
    World,
    imagine,
    limited,
)

NOT_USED: Any = None
"""A stand-in for collaborators that `Why.lines` never calls."""

SAY = Texts.load().speech("en-US")
RICH, POOR = 7_001, 7_002
NO_RULES, ALLOWED, DENIED = 1_001, 1_002, 1_003
MODELS = CATALOGUE.models()
OFF, PLACE, DENIED_LINE, NOT_ALLOWED, CREDITS = 0, 3, 4, 5, 9
"""The lines of /why that fail."""


def line_of(error) -> int:
    """Return the line of /why that must fail if an order is refused with this error."""
    if isinstance(error, NotAllowed):
        return DENIED_LINE if error.facts["rule"] == "denied-by-guild" else NOT_ALLOWED
    return {ModelDisabled: OFF, MissingPermission: PLACE, InsufficientCredit: CREDITS}[type(error)]


@pytest.fixture
async def world(tmp_path):
    world = await World.open(tmp_path)
    yield world
    await world.close()


def why(world) -> Why:
    return Why(
        jobs=world.jobs,
        catalogue=CATALOGUE,
        policy=world.policy,
        models=NOT_USED,
        wallets=Wallets(world.database, world.guilds, world.clock),
        preferences=Preferences(world.database, world.clock),
        responder=NOT_USED,
        hidden=NOT_USED,
    )


async def lines(world, model, *, task=None, guild=GUILD, member=MEMBER, app_permissions=ALL_PERMISSIONS, own=True):
    task = task or CATALOGUE.get(model).tasks[0]
    here = Circumstances(channel=CHANNEL, app_permissions=app_permissions)
    asked = PolicyRequest(Requester(guild, member, here), model, task)
    return await why(world).lines(asked, SAY, own=own)


def first_no(shown) -> int | None:
    return next((number for number, line in enumerate(shown) if line.mark is LineMark.NO), None)


async def placed(world, model, task, **origin) -> int | None:
    """Place an order for this task; return the line that should fail, or None if the order is accepted."""
    for order in (*examples(Order(task, model)), *examples(Order(task, model, prompt_end="morning"))):
        try:
            await world.accept(order, world.origin(**origin))
        except (ModelDisabled, NotAllowed, MissingPermission, InsufficientCredit) as error:
            return line_of(error)
        except Refused:
            continue  # this model needs other files
        return None
    raise AssertionError(f"no example of {task} suits {model}")


async def make_rich(world, guild):
    await world.ledger.mint(guild, milli(10_000_000), key=f"m{guild}", actor=1, reason="", at_ms=1)
    await world.ledger.allot(guild, RICH, milli(10_000_000), key=f"a{guild}", actor=1, reason="", at_ms=1)


async def test_why_agrees_with_real_orders_for_every_model_and_guild_rule(world):
    for guild in (NO_RULES, ALLOWED, DENIED):
        await make_rich(world, guild)
    for model in MODELS:
        await world.policy.allow(ALLOWED, model.id, by=1)
        await world.policy.deny(DENIED, model.id, by=1)
    seen = set()
    for model in MODELS:
        for task in model.tasks:
            for guild in (NO_RULES, ALLOWED, DENIED):
                shown = first_no(await lines(world, model.id, task=task, guild=guild, member=RICH))
                assert shown == await placed(world, model.id, task, guild=guild, member=RICH), (model.id, task, guild)
                seen.add((guild, shown))
    assert {(NO_RULES, 5), (NO_RULES, None), (ALLOWED, None), (ALLOWED, 0), (DENIED, 4)} <= seen


async def test_why_agrees_with_real_orders_of_a_member_without_credits(world):
    for model in MODELS:
        await world.policy.allow(GUILD, model.id, by=1)
        shown = first_no(await lines(world, model.id, member=POOR))
        assert shown == await placed(world, model.id, model.tasks[0], member=POOR) == (OFF if model.off else CREDITS)


async def test_order_that_waits_for_a_moderator_does_not_start_right_away(world):
    await make_rich(world, GUILD)
    assert "right away" in str((await lines(world, SCHNELL, member=RICH))[-1])
    rule = ApprovalRule()
    await world.policy.change(GUILD, lambda: approval_rule_rows.add(GUILD, rule, actor=1, at_ms=1))
    shown = await lines(world, SCHNELL, member=RICH)
    assert [line.mark for line in shown[-4:]] == [LineMark.LATER, LineMark.YES, LineMark.YES, LineMark.LATER]
    assert "when it is approved" in str(shown[-1])


async def test_exact_price_is_enough_and_one_milli_credit_less_is_not(world):
    price = milli(75)
    await world.ledger.mint(GUILD, price, key="m", actor=1, reason="", at_ms=1)
    await world.ledger.allot(GUILD, POOR, price - 1, key="less", actor=1, reason="", at_ms=1)
    model = imagine().model
    assert first_no(await lines(world, model, member=POOR)) == CREDITS
    await world.ledger.allot(GUILD, POOR, 1, key="rest", actor=1, reason="", at_ms=1)
    assert first_no(await lines(world, model, member=POOR)) is None
    assert await placed(world, model, imagine().task, member=POOR) is None


async def test_missing_attach_files_permission_is_mentioned(world):
    model, lacking = imagine().model, ALL_PERMISSIONS & ~ATTACH_FILES & ~8
    shown = await lines(world, model, app_permissions=lacking)
    assert first_no(shown) == await placed(world, model, imagine().task, app_permissions=lacking) == PLACE
    assert "I can't post results in <#5005>: I don't have the Attach Files permission" in shown[PLACE].text


async def test_refused_model_shows_prices_and_who_can_allow_it(world):
    costly = "recraft-ai/recraft-creative-upscale"
    shown = (await lines(world, costly))[NOT_ALLOWED]
    assert shown.text == (
        "It is not allowed in this server: its cheapest order costs 7,500 credits, "
        "and models above 2,500 credits are off until a moderator allows them."
    )
    assert shown.advice == f"A moderator can allow it: `/easel-mod allow add model:{costly}`"


async def test_expensive_order_needs_confirmation_and_busy_member_waits(tmp_path):
    world = await World.open(tmp_path, limits=limited(running_per_member=1))
    await world.start()
    await world.running(await world.order())
    await Preferences(world.database, world.clock).set_for_guild(GUILD, by=1, confirm_above_mcr=milli(10))
    threshold, slots = (await lines(world, imagine().model))[-2:]
    assert (threshold.mark, slots.mark) == (LineMark.LATER, LineMark.LATER)
    assert threshold.text.endswith("more than 10 credits. You can change this limit with /prefs.")
    (others, _) = (await lines(world, imagine().model, own=False))[-2:]
    assert others.text.endswith("more than 10 credits. The member can change this limit with /prefs.")
    assert "1 of 1 jobs are already running" in slots.text
    assert (await lines(world, imagine().model, member=OTHER))[-1].mark is LineMark.YES
    await world.close()
