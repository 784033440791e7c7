"""Tests of commands that Discord rejects over HTTP, and of uses that a member's client does not offer."""

import pytest

from tests.sandbox.discord.rest.rest_client import Caller, Json, where


def command(name: str = "imagine", **more: object) -> Json:
    return {"name": name, "description": "Make a picture", **more}


def option(name: str = "prompt", kind: int = 3, **more: object) -> Json:
    return {"type": kind, "name": name, "description": "What", **more}


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        (command("Imagine"), "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
        (command("has space"), "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
        (command(description=""), "0.description", "BASE_TYPE_REQUIRED"),
        (command(description="x" * 101), "0.description", "BASE_TYPE_BAD_LENGTH"),
        (command(options=[option(str(n)) for n in range(26)]), "0.options", "BASE_TYPE_MAX_LENGTH"),
        (
            command(options=[option("a"), option("b", required=True)]),
            "0.options.1",
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (
            command(options=[option(choices=[{"name": "a", "value": "a"}], autocomplete=True)]),
            "0.options.0.autocomplete",
            "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES",
        ),
        (
            command(name_localizations={"xx": "bild"}),
            "0.name_localizations.xx",
            "BASE_TYPE_CHOICES",
        ),
        (command(contexts=[0]), "0.contexts", "APPLICATION_COMMAND_GUILD_ONLY_FIELD"),
    ],
)
async def test_invalid_command_is_not_registered(bot: Caller, body: Json, path: str, code: str) -> None:
    answer = await bot.register(body)
    assert answer.refusal == (400, 50035)
    assert where(answer.errors) == [(path, code)]


async def test_rejected_command_list_changes_nothing(bot: Caller) -> None:
    await bot.register(command())
    await bot.register(command("good"), command("BAD"))
    listed = await bot.api("GET", f"/applications/{bot.application}/guilds/{bot.guild}/commands")
    assert [one["name"] for one in listed.body] == ["imagine"]


async def test_command_names_are_unique(bot: Caller) -> None:
    answer = await bot.register(command(), command(), guild=False)
    assert where(answer.errors) == [("1", "APPLICATION_COMMANDS_DUPLICATE_NAME")]


async def test_each_command_type_has_a_maximum(bot: Caller) -> None:
    menus = [{"type": 3, "name": f"Menu {n}"} for n in range(16)]
    assert (await bot.register(*menus[:15])).status == 200
    assert (await bot.register(*menus)).refusal == (400, 30032)


async def test_too_large_command_is_rejected(bot: Caller) -> None:
    choices = [{"name": f"{n:02}" + "x" * 98, "value": f"{n:02}" + "y" * 98} for n in range(25)]
    answer = await bot.register(command(options=[option("a", choices=choices), option("b", choices=choices)]))
    assert where(answer.errors) == [("0", "APPLICATION_COMMAND_TOO_LARGE")]


async def test_at_most_200_commands_can_be_created_per_day(bot: Caller) -> None:
    for batch in range(2):
        assert (await bot.register(*(command(f"c{batch}-{n}") for n in range(100)))).status == 200
        bot.clock.advance(30)
    refused = await bot.register(command("one-more"))
    assert refused.refusal == (429, 30034)
    kept = await bot.api("GET", f"/applications/{bot.application}/guilds/{bot.guild}/commands")
    assert len(kept.body) == 100
    bot.clock.advance(86_400)
    assert (await bot.register(command("one-more"))).status == 200


async def test_unknown_commands_are_rejected(bot: Caller) -> None:
    base = f"/applications/{bot.application}"
    assert (await bot.api("GET", f"{base}/commands/1")).refusal == (404, 10063)
    assert (await bot.api("DELETE", f"{base}/guilds/{bot.guild}/commands/1")).refusal == (404, 10063)
    assert (await bot.api("GET", "/applications/1/commands")).refusal == (403, 20012)
    assert (await bot.api("GET", f"{base}/guilds/1/commands")).refusal == (403, 50001)


class TestWhatAClientSends:
    async def refused(self, bot: Caller, **what: object) -> str:
        wanted = {"user": "mira", "channel": bot.channel, "type": "command", "name": "imagine", **what}
        async with bot.session.post(f"{bot.ready['url']}/_sandbox/interactions", json=wanted) as response:
            assert response.status == 400
            return (await response.json())["error"]

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ({}, "option prompt: this option is required"),
            ({"prompt": "x", "steps": 1}, "option steps: this command has no such option"),
            ({"prompt": "x", "count": 9}, "option count: must be between 1 and 4"),
            ({"prompt": "x", "count": "many"}, "option count: 'many' is not a whole number"),
            ({"prompt": "x", "shape": "round"}, "option shape: must be one of 1:1"),
            ({"prompt": "x", "who": "1"}, "option who: there is no user 1 here"),
        ],
    )
    async def test_invalid_options_are_rejected(self, bot: Caller, options: Json, reason: str) -> None:
        wanted = [
            option(required=True),
            option("count", 4, min_value=1, max_value=4),
            option("shape", choices=[{"name": "Square", "value": "1:1"}]),
            option("who", 6),
        ]
        await bot.register(command(options=wanted))
        assert reason in await self.refused(bot, options=options)

    async def test_hidden_command_cannot_be_used(self, bot: Caller) -> None:
        await bot.register(command(default_member_permissions="32"))
        assert "cannot see a command" in await self.refused(bot)
        assert await bot.interact(user="olga", name="imagine")

    async def test_guild_command_is_not_available_in_direct_messages(self, bot: Caller) -> None:
        await bot.register(command())
        assert "cannot see a command" in await self.refused(bot, channel="dm:mira")
