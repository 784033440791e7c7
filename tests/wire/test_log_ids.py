"""Tests that each log line contains the ids of its own interaction, guild and job, and no others."""

import asyncio
import json
import re

from bot.money import milli
from tests.present import present
from tests.wire.stage import is_over, text_of
from tests.wire.test_setup import new_server

LONG_ID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{23}\b")
SHORT_ID = re.compile(r"\b[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{2}\b")


IN_ALL_LAYERS = {
    "bot.jobs.engine.poll",
    "bot.jobs.engine.deliver",
    "bot.provider",
}
"""The loggers that write about these jobs."""


async def orders_with_faults(stage, guild, harbour):
    """Let two members of two servers order at the same time, with faults in every part; return their jobs."""
    home = str(stage.world.channel)
    await stage.provider_fault("GET", "*/predictions/*", times=2, status=502, body="<html>Bad Gateway</html>")
    await stage.fault("PATCH", "/api/v10/webhooks/*", times=2, status=503)
    orders = [("mira", home, "a lighthouse"), ("olga", harbour, "a boat"), ("mira", home, "a gull [fail]")]
    orders += [("olga", harbour, "a pier [broken]"), ("mira", home, "a rope [lost]"), ("olga", harbour, "a net [huge]")]
    answers = [stage.command(user, "imagine", channel=place, prompt=prompt) for user, place, prompt in orders]
    cards = [await stage.message_of(answer, is_over) for answer in await asyncio.gather(*answers)]
    found = [present(SHORT_ID.search(text_of(card))) for card in cards]
    places = [stage.world.guild if place == home else guild for _, place, _ in orders]
    return [await stage.app.jobs.find(place, one[0]) for place, one in zip(places, found, strict=True)]


async def test_lines_carry_the_ids_of_their_own_work(stage, logged):
    guild, harbour = await new_server(stage)
    olga, operator = await stage.app.client.fetch_user(stage.discord.world.guilds[guild].owner_id), stage.world.operator
    for write, key in ((stage.app.ledger.mint, "mint"), (stage.app.ledger.allot, "allot")):
        who = () if key == "mint" else (olga.id,)
        await write(guild, *who, milli(50_000), key=f"{key}:{guild}", actor=operator, reason="", at_ms=1)
    jobs = [one.job for one in await orders_with_faults(stage, guild, harbour)]
    await stage.command("olga", "balance", channel=harbour)
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]

    known = {job.id: job for job in jobs} | {job.short_id: job for job in jobs}
    guild_of = {str(one.id): str(one.guild_id) for one in stage.discord.world.interactions.values()}
    assert len({job.guild for job in jobs}) == 2

    for line in lines:
        said = json.dumps({name: value for name, value in line.items() if name not in ("job", "guild", "interaction")})
        named = {known[one].id for one in [*LONG_ID.findall(said), *SHORT_ID.findall(said)] if one in known}
        if "job" in line:
            job = known[line["job"]]
            assert (line["guild"], line["interaction"]) == (str(job.guild), str(job.order_key)), line
            assert named <= {job.id}, line
        else:
            assert named == set(), line
            if "interaction" in line:
                assert line["guild"] == guild_of[line["interaction"]], line

    with_job = {line["logger"] for line in lines if "job" in line}
    without = {line["logger"] for line in lines if not {"job", "interaction", "guild"} & line.keys()}
    assert with_job >= IN_ALL_LAYERS
    assert [name for name in without if name.startswith("bot.")] == []
