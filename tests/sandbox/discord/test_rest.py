"""Tests of the REST routes: commands, pages of messages, threads, members, pings, nonces."""

import pytest

COMMAND = {"name": "imagine", "description": "Make a picture"}


async def sent(sandbox, content="x", channel="general", **payload):
    path = f"/channels/{sandbox.channel(channel)}/messages"
    answer = await sandbox.call("POST", path, {"content": content, **payload})
    assert answer.status == 200, answer.body
    return answer.body


class TestCommands:
    async def test_bulk_overwrite_keeps_the_ids_of_remaining_commands(self, sandbox):
        first = await sandbox.register(COMMAND, {"name": "video", "description": "x"})
        again = await sandbox.register(COMMAND | {"description": "Draw"}, {"name": "new", "description": "x"})
        assert again[0]["id"] == first[0]["id"]
        assert again[0]["version"] != first[0]["version"]
        listed = (await sandbox.call("GET", f"/applications/{sandbox.app}/commands")).body
        assert [one["name"] for one in listed] == ["imagine", "new"]

    async def test_unchanged_command_keeps_its_version(self, sandbox):
        assert await sandbox.register(COMMAND) == await sandbox.register(COMMAND)

    async def test_create_replaces_a_command_of_the_same_name(self, sandbox):
        path = f"/applications/{sandbox.app}/guilds/{sandbox.guild}/commands"
        made, again = await sandbox.call("POST", path, COMMAND), await sandbox.call("POST", path, COMMAND)
        assert (made.status, again.status) == (201, 200)
        assert made.body["guild_id"] == sandbox.guild

    async def test_command_can_be_edited_and_deleted(self, sandbox):
        path = f"/applications/{sandbox.app}/commands/{(await sandbox.register(COMMAND))[0]['id']}"
        assert (await sandbox.call("PATCH", path, {"description": "Draw"})).body["description"] == "Draw"
        assert (await sandbox.call("PATCH", path, {"name": "Has Space"})).code == (400, 50035)
        assert (await sandbox.call("DELETE", path)).status == 204
        assert (await sandbox.call("GET", path)).code == (404, 10063)

    async def test_guild_command_hides_the_global_command_of_the_same_name(self, sandbox):
        await sandbox.register(COMMAND)
        own = await sandbox.register(COMMAND, guild=sandbox.guild)
        seen = await sandbox.control("GET", "/world", channel=sandbox.channel(), **{"as": "mira"})
        assert [one["id"] for one in seen["commands"]] == [own[0]["id"]]

    async def test_translations_are_listed_only_on_request(self, sandbox):
        option = {"type": 3, "name": "prompt", "description": "x", "name_localizations": {"zh-CN": "提示"}}
        await sandbox.register(COMMAND | {"name_localizations": {"zh-CN": "画"}, "options": [option]})
        path = f"/applications/{sandbox.app}/commands"
        (plain,), (whole,) = [
            (await sandbox.call("GET", path + query)).body for query in ("", "?with_localizations=true")
        ]
        assert whole["name_localizations"] == {"zh-CN": "画"}
        assert whole["options"][0]["name_localizations"] == {"zh-CN": "提示"}
        assert "localizations" not in str(plain)

    async def test_other_applications_commands_are_rejected(self, sandbox):
        assert (await sandbox.call("GET", "/applications/1/commands")).code == (403, 20012)


class TestPages:
    @pytest.fixture
    async def five(self, sandbox):
        for number in range(5):
            said = {"user": "mira", "channel": sandbox.channel(), "content": f"{number} <@{sandbox.app}>"}
            await sandbox.control("POST", "/messages", said)
        return [one["id"] for one in await sandbox.messages()]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", [4, 3, 2, 1, 0]),
            ("?limit=2", [4, 3]),
            ("?limit=2&before={3}", [2, 1]),
            ("?limit=2&after={1}", [3, 2]),
            ("?limit=3&around={2}", [3, 2, 1]),
        ],
    )
    async def test_message_list_is_paged_newest_first(self, sandbox, five, query, expected):
        answer = await sandbox.call("GET", f"/channels/{sandbox.channel()}/messages{query.format(*five)}")
        assert [five.index(one["id"]) for one in answer.body] == expected

    async def test_limit_out_of_range_is_rejected(self, sandbox):
        answer = await sandbox.call("GET", f"/channels/{sandbox.channel()}/messages?limit=101")
        assert answer.problems == {"limit": ["NUMBER_TYPE_MAX"]}

    async def test_message_list_is_empty_without_read_message_history(self, sandbox, five):
        await sandbox.world("set_permissions", channel="#general", user="bot", deny=["READ_MESSAGE_HISTORY"])
        assert (await sandbox.call("GET", f"/channels/{sandbox.channel()}/messages")).body == []
        one = await sandbox.call("GET", f"/channels/{sandbox.channel()}/messages/{five[0]}")
        assert one.code == (403, 50013)


class TestThreads:
    async def thread(self, sandbox, **more):
        await sandbox.world("set_permissions", role="Easel", allow=["CREATE_PUBLIC_THREADS", "CREATE_PRIVATE_THREADS"])
        path = f"/channels/{sandbox.channel()}/threads"
        return (await sandbox.call("POST", path, {"name": "talk", **more})).body

    async def test_owner_can_archive_join_and_leave_a_thread(self, sandbox):
        thread = await self.thread(sandbox, type=11)
        path = f"/channels/{thread['id']}"
        assert (await sandbox.call("DELETE", f"{path}/thread-members/@me")).status == 204
        assert (await sandbox.call("PUT", f"{path}/thread-members/@me")).status == 204
        archived = await sandbox.call("PATCH", path, {"archived": True})
        assert archived.body["thread_metadata"]["archived"] is True
        assert (await sandbox.call("PUT", f"{path}/thread-members/@me")).code == (400, 50083)

    async def test_locking_requires_manage_threads(self, sandbox):
        thread = await self.thread(sandbox, type=11)
        path = f"/channels/{thread['id']}"
        assert (await sandbox.call("PATCH", path, {"locked": True})).code == (403, 50013)
        await sandbox.world("set_permissions", role="Easel", allow=["MANAGE_THREADS"])
        assert (await sandbox.call("PATCH", path, {"locked": True})).status == 200

    async def test_private_thread_is_visible_to_its_members_and_moderators(self, sandbox):
        thread = await self.thread(sandbox, type=12)
        refused = await sandbox.control("GET", "/messages", status=400, channel=thread["id"], **{"as": "mira"})
        assert "does not see" in refused["error"]
        assert await sandbox.messages("ada", thread["id"]) == []

    async def test_thread_cannot_contain_threads(self, sandbox):
        thread = await self.thread(sandbox, type=11)
        assert (await sandbox.call("POST", f"/channels/{thread['id']}/threads", {"name": "x"})).code == (400, 50024)

    async def test_deleting_the_channel_deletes_its_threads(self, sandbox):
        thread = await self.thread(sandbox, type=11)
        await sandbox.world("delete_channel", channel=sandbox.channel())
        assert (await sandbox.call("GET", f"/channels/{thread['id']}")).code == (404, 10003)


class TestPings:
    async def test_bot_message_pings_mentioned_users(self, sandbox):
        message = await sent(sandbox, f"<@{sandbox.id('ada')}>")
        assert [one["username"] for one in message["mentions"]] == ["ada"]

    async def test_interaction_response_does_not_ping_roles(self, sandbox):
        await sandbox.world("set_permissions", role="Easel", allow=["MENTION_EVERYONE"])
        everyone = f"@everyone <@&{sandbox.guild}> <@{sandbox.id('ada')}>"
        message = await (await sandbox.asked()).reply(everyone)
        assert (message["mention_everyone"], message["mention_roles"]) == (False, [])
        assert (await sent(sandbox, everyone))["mention_everyone"] is True

    async def test_edit_with_the_bot_token_resets_allowed_mentions(self, sandbox):
        message = await sent(sandbox, f"<@{sandbox.id('ada')}>", allowed_mentions={"parse": []})
        assert message["mentions"] == []
        path = f"/channels/{sandbox.channel()}/messages/{message['id']}"
        edited = await sandbox.call("PATCH", path, {"content": f"<@{sandbox.id('ada')}>"})
        assert len(edited.body["mentions"]) == 1

    async def test_reply_pings_the_author_of_the_original_message_by_default(self, sandbox):
        said = await sandbox.control("POST", "/messages", {"user": "ada", "channel": "#general", "content": "hi"})
        reference = {"message_id": said["id"]}
        assert len((await sent(sandbox, message_reference=reference))["mentions"]) == 1
        assert (await sent(sandbox, message_reference=reference, allowed_mentions={"parse": ["users"]}))[
            "mentions"
        ] == []


class TestReplies:
    async def test_reply_to_a_deleted_message_is_rejected_unless_allowed(self, sandbox):
        path = f"/channels/{sandbox.channel()}/messages"
        reference = {"message_id": "1"}
        refused = await sandbox.call("POST", path, {"content": "x", "message_reference": reference})
        assert refused.problems == {"message_reference": ["REPLIES_UNKNOWN_MESSAGE"]}
        accepted = await sent(sandbox, message_reference=reference | {"fail_if_not_exists": False})
        assert "message_reference" not in accepted


class TestNonces:
    async def test_enforced_nonce_is_remembered_for_only_a_few_minutes(self, sandbox, clock):
        first = await sent(sandbox, nonce="job", enforce_nonce=True)
        assert (await sent(sandbox, nonce="job", enforce_nonce=True))["id"] == first["id"]
        clock.advance(301)
        assert (await sent(sandbox, nonce="job", enforce_nonce=True))["id"] != first["id"]

    async def test_nonce_without_enforcement_has_no_effect(self, sandbox):
        assert (await sent(sandbox, nonce="job"))["id"] != (await sent(sandbox, nonce="job"))["id"]


async def test_member_list_requires_the_members_intent(sandbox):
    path = f"/guilds/{sandbox.guild}/members?limit=100"
    assert (await sandbox.call("GET", path)).code == (403, 50001)
    sandbox.server.world.application.privileged_intents = 1 << 1
    assert len((await sandbox.call("GET", path)).body) == 6


async def test_dm_with_a_bot_cannot_be_opened(sandbox):
    assert (await sandbox.call("POST", "/users/@me/channels", {"recipient_id": sandbox.app})).code == (403, 50007)


async def test_bot_can_leave_a_guild(sandbox):
    assert (await sandbox.call("DELETE", f"/users/@me/guilds/{sandbox.guild}")).status == 204
    assert (await sandbox.call("GET", "/users/@me/guilds")).body == []
