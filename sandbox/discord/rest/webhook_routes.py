"""REST routes for answers to interactions, and for the webhook that each interaction has for 15 minutes."""

from aiohttp import web

from sandbox.control_http import answer
from sandbox.discord.message_payloads import MessagePayloads
from sandbox.discord.request_body import read_sent
from sandbox.discord.rest.middleware import API, flag, snowflake
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.interaction_responses import CallbackKind
from sandbox.discord.world.interactions import Interactions
from sandbox.discord.world.state import Interaction, Json, Message

_WEBHOOK = f"{API}/webhooks/{{application}}/{{token}}"
_MESSAGE = f"{_WEBHOOK}/messages/{{message:@original|[0-9]+}}"
_NO_RESOURCE = (CallbackKind.DEFERRED_MESSAGE, CallbackKind.DEFERRED_UPDATE)


class WebhookRoutes:
    """The webhook routes. The token in the path is the credential, so no Authorization header is needed."""

    def __init__(self, interactions: Interactions, messages: MessagePayloads) -> None:
        self._interactions = interactions
        self._messages = messages

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.post(f"{API}/interactions/{{interaction}}/{{token}}/callback", self._callback),
            web.post(_WEBHOOK, self._follow_up),
            web.get(_MESSAGE, self._get),
            web.patch(_MESSAGE, self._edit),
            web.delete(_MESSAGE, self._delete),
        ]

    async def _callback(self, request: web.Request) -> web.Response:
        sent = await read_sent(request)
        interaction_id = snowflake(request, "interaction", Code.UNKNOWN_INTERACTION)
        interaction = self._interactions.find(interaction_id, request.match_info["token"])
        message = await self._interactions.answer(interaction, sent)
        if not flag(request, "with_response"):
            return web.Response(status=204)
        return answer(self._described(interaction, message))

    def _described(self, interaction: Interaction, message: Message | None) -> Json:
        facts: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
        facts["channel_id"] = str(interaction.channel_id)
        if interaction.guild_id:
            facts["guild_id"] = str(interaction.guild_id)
        if message is None:
            return {"interaction": facts}
        facts |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.private_to is not None,
        }
        if interaction.answered_with in _NO_RESOURCE or interaction.answered_with is None:
            return {"interaction": facts}
        resource = {"type": int(interaction.answered_with), "message": self._messages.message(message)}
        return {"interaction": facts, "resource": resource}

    def _by_token(self, request: web.Request) -> Interaction:
        application = snowflake(request, "application", Code.UNKNOWN_WEBHOOK)
        return self._interactions.by_token(application, request.match_info["token"])

    def _message(self, request: web.Request) -> Message:
        return self._interactions.message_of(self._by_token(request), request.match_info["message"])

    async def _follow_up(self, request: web.Request) -> web.Response:
        sent = await read_sent(request)
        message = await self._interactions.follow_up(self._by_token(request), sent)
        return answer(self._messages.message(message))

    async def _get(self, request: web.Request) -> web.Response:
        return answer(self._messages.message(self._message(request)))

    async def _edit(self, request: web.Request) -> web.Response:
        sent = await read_sent(request)
        message = await self._interactions.edit(self._message(request), sent)
        return answer(self._messages.message(message))

    async def _delete(self, request: web.Request) -> web.Response:
        await self._interactions.delete(self._message(request))
        return web.Response(status=204)
