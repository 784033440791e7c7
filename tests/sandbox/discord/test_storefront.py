"""Tests of purchases: what is sold, who owns it, which events the bot gets, and what it can do with them."""

import pytest

from tests.patience import PATIENCE_S
from tests.sandbox.discord.gateway_client import IDENTIFY_S
from tests.sandbox.discord.sandbox_client import Question

PACK = "Credit pack"


def path(sandbox, rest=""):
    return f"/applications/{sandbox.app}/entitlements{rest}"


async def bought(sandbox, user="mira", sku=PACK, **how):
    return (await sandbox.world("entitlement", user=user, sku=sku, **how))["entitlement"]


async def listed(sandbox, query=""):
    answer = await sandbox.call("GET", path(sandbox, query))
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.body]


async def refused(sandbox, **body):
    return (await sandbox.control("POST", "/world", body, status=400))["error"]


async def test_application_offers_a_consumable(sandbox):
    (pack,) = (await sandbox.call("GET", f"/applications/{sandbox.app}/skus")).body
    assert (pack["name"], pack["slug"], pack["type"], pack["flags"]) == (PACK, "credit-pack", 3, 4)
    assert (await sandbox.call("GET", "/applications/5/skus")).code == (403, 20012)


async def test_unknown_id_is_sold_as_a_consumable(sandbox):
    assert "there is no SKU" in await refused(sandbox, do="entitlement", user="mira", sku="Gold")
    one = await bought(sandbox, sku="1234567890123456789")
    assert (one["sku_id"], one["consumed"]) == ("1234567890123456789", False)
    assert (await sandbox.call("GET", f"/applications/{sandbox.app}/skus")).body[1]["id"] == one["sku_id"]


async def test_consumable_cannot_be_bought_again_before_it_is_consumed(sandbox):
    first = await bought(sandbox)
    assert (first["type"], first["consumed"], first["deleted"], first["starts_at"]) == (1, False, False, None)
    assert "has not consumed it" in await refused(sandbox, do="entitlement", user="mira", sku=PACK)
    assert await bought(sandbox, user="kai")
    assert (await sandbox.call("POST", path(sandbox, f"/{first['id']}/consume"))).status == 204
    assert (await sandbox.call("GET", path(sandbox, f"/{first['id']}"))).body == first | {"consumed": True}
    assert (await sandbox.call("POST", path(sandbox, f"/{first['id']}/consume"))).status == 400
    assert await bought(sandbox)


async def test_test_purchases_can_be_repeated(sandbox):
    assert (await bought(sandbox, test=True))["type"] == 4
    assert (await bought(sandbox, test=True))["type"] == 4


async def test_refund_deletes_the_entitlement(sandbox):
    one = await bought(sandbox)
    await sandbox.world("refund", entitlement=one["id"])
    assert await listed(sandbox) == []
    assert await listed(sandbox, "?exclude_deleted=false") == [one["id"]]
    assert (await sandbox.call("GET", path(sandbox, f"/{one['id']}"))).body["deleted"] is True
    assert (await sandbox.call("POST", path(sandbox, f"/{one['id']}/consume"))).code == (404, 10029)


async def test_entitlements_are_filtered(sandbox):
    await sandbox.world("create_sku", name="Gold", kind="subscription")
    await sandbox.world("create_sku", name="Club", kind="subscription", guilds=True)
    pack = await bought(sandbox)
    gold = await bought(sandbox, user="kai", sku="Gold")
    club = await bought(sandbox, user="ada", sku="Club")
    assert (club["guild_id"], club["type"]) == (sandbox.guild, 8)
    await sandbox.world("end_entitlement", entitlement=gold["id"])
    assert await listed(sandbox) == [pack["id"], gold["id"], club["id"]]
    assert await listed(sandbox, f"?user_id={sandbox.id('kai')}") == [gold["id"]]
    assert await listed(sandbox, f"?guild_id={sandbox.guild}") == [club["id"]]
    assert await listed(sandbox, f"?sku_ids={pack['sku_id']},{gold['sku_id']}") == [pack["id"], gold["id"]]
    assert await listed(sandbox, "?exclude_ended=true") == [pack["id"], club["id"]]


async def test_entitlements_come_in_pages(sandbox):
    ids = [(await bought(sandbox, test=True))["id"] for _ in range(5)]
    assert await listed(sandbox, "?limit=2") == ids[:2]
    assert await listed(sandbox, f"?limit=2&after={ids[1]}") == ids[2:4]
    assert await listed(sandbox, f"?limit=2&before={ids[4]}") == ids[2:4]
    for wrong in ("?limit=0", "?limit=101", "?after=x"):
        assert (await sandbox.call("GET", path(sandbox, wrong))).code == (400, 50035)


async def test_test_entitlements_are_only_for_subscriptions(sandbox):
    pack = (await sandbox.call("GET", f"/applications/{sandbox.app}/skus")).body[0]["id"]
    wanted = {"sku_id": pack, "owner_id": sandbox.id("mira"), "owner_type": 2}
    assert (await sandbox.call("POST", path(sandbox), wanted)).code == (400, 50035)
    assert (await sandbox.call("POST", path(sandbox), wanted | {"sku_id": "5"})).code == (404, 10027)
    assert (await sandbox.call("POST", path(sandbox), {"sku_id": pack})).code == (400, 50035)
    gold = (await sandbox.world("create_sku", name="Gold", kind="subscription"))["sku"]["id"]
    granted = await sandbox.call("POST", path(sandbox), wanted | {"sku_id": gold})
    assert (granted.status, granted.body["type"], granted.body["starts_at"]) == (200, 8, None)
    assert (await sandbox.call("DELETE", path(sandbox, f"/{granted.body['id']}"))).status == 204
    sold = await bought(sandbox)
    assert (await sandbox.call("DELETE", path(sandbox, f"/{sold['id']}"))).code == (404, 10029)


async def test_interaction_has_the_entitlements_of_its_member(sandbox, identified):
    mine = await bought(sandbox)
    await bought(sandbox, user="kai")
    await sandbox.asked()
    assert (await identified.until("INTERACTION_CREATE"))["d"]["entitlements"] == [mine]
    await sandbox.call("POST", path(sandbox, f"/{mine['id']}/consume"))
    await sandbox.asked()
    assert (await identified.until("INTERACTION_CREATE"))["d"]["entitlements"] == []


async def test_changes_are_sent_to_the_first_shard_regardless_of_intents(connect, sandbox, clock):
    first, second = await connect(), await connect()
    for number, client in enumerate((first, second)):
        await client.hear()
        clock.advance(IDENTIFY_S)
        await client.identify(sandbox.token, intents=0, shard=[number, 2])
    one = await bought(sandbox)
    await sandbox.call("POST", path(sandbox, f"/{one['id']}/consume"))
    await sandbox.world("refund", entitlement=one["id"])
    events = [await first.hear() for _ in range(3)]
    assert [each["t"] for each in events] == ["ENTITLEMENT_CREATE", "ENTITLEMENT_UPDATE", "ENTITLEMENT_DELETE"]
    assert events[0]["d"] == one
    assert events[2]["d"] == one | {"consumed": True, "deleted": True}
    await sandbox.world("send_event", name="END", data={"guild_id": str(1 << 22)})  # a guild of the second shard
    assert (await second.hear())["t"] == "END"


@pytest.mark.parametrize(("sku", "status"), [("own", 200), ("5", 400)])
async def test_premium_button_must_sell_a_sku_of_the_application(sandbox, sku, status):
    pack = (await sandbox.call("GET", f"/applications/{sandbox.app}/skus")).body[0]["id"]
    button = {"type": 2, "style": 6, "sku_id": pack if sku == "own" else sku}
    message = {"content": "x", "components": [{"type": 1, "components": [button]}]}
    answer = await sandbox.call("POST", f"/channels/{sandbox.channel()}/messages", message)
    assert answer.status == status
    question = Question(sandbox, (await sandbox.asked()).id)
    assert (await question.callback({"type": 4, "data": message})).status == status


async def test_unmodified_discord_py_sells_and_consumes(sandbox, start):
    bot = await start()
    created = bot.wait_for("entitlement_create", timeout=PATIENCE_S)
    one = await bought(sandbox)
    entitlement = await created
    assert (entitlement.id, entitlement.consumed) == (int(one["id"]), False)
    await entitlement.consume()
    (listed_one,) = [each async for each in bot.entitlements()]
    assert listed_one.consumed
    (pack,) = await bot.fetch_skus()
    assert pack.name == PACK
