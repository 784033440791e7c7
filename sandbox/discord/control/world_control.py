"""The control interface for the world itself: moderators' actions, outages, and a view of everything.

`POST /_sandbox/world` {"do": ...} answers with the changes:

- `delete_message` channel, message · `delete_channel` channel · `create_channel` name, guild, topic, nsfw,
  category · `create_category` name, guild · `move_channel` channel, category (none if left out), sync=true
- `set_age_restricted` channel, on=true
- `create_thread` channel, name, user, private · `archive_thread` channel, archived=true · `lock_thread` channel,
  locked=true
- `set_permissions` channel, role or user, allow, deny (names such as ATTACH_FILES, or a number); without a channel:
  what a role may do in the guild, `allow` adding and `deny` taking away
- `set_locale` locale, user or guild: the language of a member's client, or the guild's own
- `set_tier` tier, guild · `close_dms` user, closed=true · `leave` and `join` user (`bot`: the bot is removed, or
  invited again; `by`: by whom, by default the owner), guild · `set_system_channel` channel (none if left out), guild
- `create_guild` name, owner, members=0 (besides the owner and the bot), age_days=0: founded that many days ago, and
  joined by the bot now · `create_user` name, age_days=0: in no guild yet
- `set_roles` user, roles (names or ids of all that the user has from now on) · `time_out` user, minutes (0 ends it) ·
  `create_role` name, allow, colour ·
  `delete_role` role
- `automod` rule (an object as in Discord's API, with names or ids of roles and channels), by: creates an AutoMod
  rule, or changes the one with its `id`; with `delete`=true removes it
- `set_command_permissions` command (name, id or `*` for all), permissions: a list of objects with role, user or channel
  (`*` for all), and allow=true: who may use it, as an admin sets it on the Integrations page
- `add_entry_point`: the command of an Activity, which Discord itself creates
- `entitlement` user, sku (name or id; an unknown id is sold from then on), test=false: buys it, in test mode without
  payment · `refund` entitlement ·
  `end_entitlement` entitlement: ends a subscription · `create_sku` name, kind=consumable (or durable, subscription),
  guilds=false: whether a subscription is for guilds
- `send_event` name, data: a gateway event, sent unchanged even if the bot cannot read it, to the shard of the guild
  that its data mentions
- `forward_message` message, channel, as: answers with the new message's `id`
- `drop_gateway` how: `abort` (default), `close`, `reconnect` or `invalid`; shard: only that shard's connections. A
  session is resumed at `/gateway/SHARD`, so a fault on that path keeps one shard from resuming
- `set_gateway` shards, max_concurrency, starts (in 24 hours), guilds_a_shard: the gateway's recommendations and limits
- `restart_bot`: answers when the bot is back; available only if the program that runs the sandbox also runs the bot

`GET /_sandbox/world?as=USER&channel=ID` lists guilds, channels, roles, members with their permissions in each channel,
and the commands that USER can use in that channel. `GET /_sandbox/gateway` lists the connected shards, the
gateway's recommendations and limits, and in `starts_too_fast` how many IDENTIFYs came too soon after another one.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from sandbox.control_http import CONTROL, answer, read_object, refuse
from sandbox.discord.control.control_request import Action, ControlRequest
from sandbox.discord.control.lookup import Lookup
from sandbox.discord.control.outage_actions import OutageActions
from sandbox.discord.control.world_view import WorldView
from sandbox.discord.rest.middleware import InvalidRequests


class ActionGroup(Protocol):
    """Some actions that belong together."""

    def actions(self) -> Mapping[str, Action]:
        """List the actions by name."""
        ...


class WorldControl:
    """Changes and shows the world, over HTTP."""

    def __init__(
        self,
        lookup: Lookup,
        view: WorldView,
        invalid: InvalidRequests,
        outages: OutageActions,
        groups: Sequence[ActionGroup],
    ) -> None:
        self._lookup = lookup
        self._view = view
        self._invalid = invalid
        self._outages = outages
        self._actions = {name: action for group in (*groups, outages) for name, action in group.actions().items()}

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.post(f"{CONTROL}/world", self._change),
            web.get(f"{CONTROL}/world", self._show),
            web.get(f"{CONTROL}/gateway", self._show_gateway),
        ]

    async def _change(self, request: web.Request) -> web.Response:
        body = ControlRequest(await read_object(request))
        wanted = body.text("do")
        action = self._actions.get(wanted)
        if action is None:
            raise refuse(f"unknown action {wanted!r}; known are {', '.join(self._actions)}")
        return answer({"do": wanted} | await action(body))

    async def _show(self, request: web.Request) -> web.Response:
        user = self._lookup.person(request.query["as"]) if "as" in request.query else None
        channel = self._lookup.channel(request.query["channel"], user) if "channel" in request.query else None
        facts = {"invalid_requests": self._invalid.count(), "bot_connected": self._outages.bot_connected}
        facts["bot_restarts"] = self._outages.restarts_bot
        return answer(self._view.describe(user, channel) | facts)

    async def _show_gateway(self, _request: web.Request) -> web.Response:
        return answer(self._outages.gateway())
