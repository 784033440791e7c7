"""Interactions: sent to the bot, answered once within 3 seconds, with a webhook for 15 minutes."""

import asyncio
import secrets
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.discord import payloads
from sandbox.discord.request_body import Sent
from sandbox.discord.rules.command_options import OptionKind
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.interaction_responses import (
    ACKNOWLEDGE_WITHIN_S,
    TOKEN_LIFE_S,
    UPDATES,
    CallbackKind,
    InteractionContext,
    InteractionKind,
    check_callback,
)
from sandbox.discord.rules.mentions import Origin
from sandbox.discord.world import component_tree
from sandbox.discord.world.event_bus import EventBus, InteractionDispatched, InteractionSettled
from sandbox.discord.world.message_checks import MessageChecks, current_parts
from sandbox.discord.world.messages import Envelope, Messages
from sandbox.discord.world.snowflakes import Snowflakes
from sandbox.discord.world.state import (
    EPHEMERAL,
    Channel,
    Interaction,
    InteractionState,
    Json,
    Message,
    Named,
    World,
)

KEPT_S = 86_400
FILLER: Json = {"content": "", "allowed_mentions": {"parse": []}}


@dataclass(frozen=True, slots=True)
class Request:
    """An interaction that a member starts."""

    kind: InteractionKind
    user_id: int
    channel: Channel
    data: Json
    name: str = ""
    source: Message | None = None
    parent: Interaction | None = None
    named: Named = field(default_factory=Named)
    focused: OptionKind = OptionKind.STRING
    patch: Json = field(default_factory=dict[str, Any])


class Interactions:
    """Sends interactions to the bot and carries out its responses."""

    def __init__(
        self,
        world: World,
        clock: SandboxClock,
        ids: Snowflakes,
        hub: EventBus,
        messages: Messages,
        gatekeeper: MessageChecks,
    ) -> None:
        self._world = world
        self._clock = clock
        self._ids = ids
        self._hub = hub
        self._messages = messages
        self._gatekeeper = gatekeeper
        self._tokens = {one.token: one for one in world.interactions.values()}
        self._deadlines: set[asyncio.Task[None]] = set()

    def dispatch(self, request: Request) -> Interaction:
        """Send an interaction to the bot, and start the 3 seconds in which it must answer."""
        interaction = Interaction(
            self._ids.next(),
            secrets.token_urlsafe(90),
            request.kind,
            request.user_id,
            request.channel.id,
            request.channel.guild_id,
            self._clock.now() * 1_000,
            request.data,
            request.name,
            request.named,
            request.focused,
            source_message_id=request.source.id if request.source else None,
            parent_id=request.parent.id if request.parent else None,
            patch=request.patch,
        )
        self._forget_old()
        self._world.interactions[interaction.id] = interaction
        self._tokens[interaction.token] = interaction
        self._hub.publish(InteractionDispatched(interaction))
        self._watch(interaction)
        return interaction

    def resume(self) -> None:
        """Watch the deadlines of interactions still open after a restart."""
        for interaction in self._world.interactions.values():
            if interaction.state is InteractionState.PENDING:
                self._watch(interaction)

    def _watch(self, interaction: Interaction) -> None:
        deadline = asyncio.create_task(self._expire(interaction), name=f"deadline of interaction {interaction.id}")
        self._deadlines.add(deadline)
        deadline.add_done_callback(self._deadlines.discard)

    def _forget_old(self) -> None:
        """Drop interactions that have expired, so that memory use stays bounded."""
        oldest = (self._clock.now() - KEPT_S) * 1_000
        every = self._world.interactions.values()  # oldest first, because the clock only moves forward
        for one in [one for one in takewhile(lambda one: one.created_ms < oldest, every) if one.settled]:
            del self._world.interactions[one.id]
            del self._tokens[one.token]

    async def stop(self) -> None:
        """Cancel all deadlines."""
        for deadline in tuple(self._deadlines):
            deadline.cancel()
        await asyncio.gather(*self._deadlines, return_exceptions=True)

    async def _expire(self, interaction: Interaction) -> None:
        await self._clock.sleep_until(interaction.created_ms / 1_000 + ACKNOWLEDGE_WITHIN_S)
        self._fail_if_late(interaction)

    def _fail_if_late(self, interaction: Interaction) -> None:
        if interaction.state is InteractionState.PENDING and self._age_s(interaction) >= ACKNOWLEDGE_WITHIN_S:
            interaction.state = InteractionState.FAILED
            self._settle(interaction)

    def _settle(self, interaction: Interaction) -> None:
        interaction.settled = True
        self._hub.publish(InteractionSettled(interaction))

    def _age_s(self, interaction: Interaction) -> float:
        return self._clock.now() - interaction.created_ms / 1_000

    def find(self, interaction_id: int, token: str) -> Interaction:
        """Find an interaction that can still be answered.

        Raises DiscordError: 10062 if it is unknown or its deadline has passed, 40060 if it was answered before.

        """
        interaction = self._world.interactions.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise Code.UNKNOWN_INTERACTION.error()
        self._fail_if_late(interaction)
        if interaction.state is InteractionState.FAILED:
            raise Code.UNKNOWN_INTERACTION.error()
        if interaction.state is InteractionState.ACKNOWLEDGED:
            raise Code.ALREADY_ACKNOWLEDGED.error()
        return interaction

    async def answer(self, interaction: Interaction, sent: Sent) -> Message | None:
        """Carry out the first response and return its message, if any."""
        arrived_s = self._age_s(interaction)  # before the checks, whose duration must not count
        channel = self._world.channels.get(interaction.channel_id)
        if channel is None:
            raise Code.UNKNOWN_CHANNEL.error()
        limit = self._gatekeeper.limit(channel)
        callback = check_callback(sent.payload, sent.uploads, self._context(interaction, channel), upload_limit=limit)
        data = sent.inner("data")
        if callback is CallbackKind.MESSAGE:
            self._gatekeeper.answer(channel, data)
        elif callback in UPDATES:
            source = self._source(interaction)
            if callback is CallbackKind.UPDATE:
                self._gatekeeper.edit(source, data)
        self._acknowledge(interaction, callback, data)
        interaction.ack_ms = round(arrived_s * 1_000, 3)
        message = await self._carry_out(interaction, callback, channel, data)
        self._settle(interaction)
        return message

    @staticmethod
    def _context(interaction: Interaction, channel: Channel) -> InteractionContext:
        source = channel.messages.get(interaction.source_message_id or 0)
        return InteractionContext(interaction.kind, current_parts(source) if source else None, interaction.focused)

    def _acknowledge(self, interaction: Interaction, callback: CallbackKind, data: Sent) -> None:
        interaction.state = InteractionState.ACKNOWLEDGED
        interaction.answered_with = callback
        interaction.private = callback in {CallbackKind.MESSAGE, CallbackKind.DEFERRED_MESSAGE} and is_private(data)

    async def _carry_out(
        self, interaction: Interaction, callback: CallbackKind, channel: Channel, data: Sent
    ) -> Message | None:
        match callback:
            case CallbackKind.MESSAGE:
                message = await self._messages.create(channel, data, self._envelope(interaction, data))
                interaction.original_id = message.id
            case CallbackKind.DEFERRED_MESSAGE:
                message = await self._messages.create(
                    channel, Sent(FILLER), self._envelope(interaction, data, loading=True)
                )
                interaction.original_id = message.id
            case CallbackKind.UPDATE | CallbackKind.DEFERRED_UPDATE:
                message = self._source(interaction)
                interaction.original_id = message.id
                if callback is CallbackKind.UPDATE:
                    await self._messages.edit(message, data, Origin.INTERACTION)
            case CallbackKind.AUTOCOMPLETE_RESULT:
                interaction.choices = data.payload.get("choices") or []
                message = None
            case _:
                interaction.modal = data.payload | {"components": component_tree.normalised(data.payload["components"])}
                message = None
        return message

    def _source(self, interaction: Interaction) -> Message:
        channel = self._world.channels[interaction.channel_id]
        message = channel.messages.get(interaction.source_message_id or 0)
        if message is None:
            raise Code.UNKNOWN_MESSAGE.error()
        return message

    def _envelope(self, interaction: Interaction, sent: Sent, *, loading: bool = False) -> Envelope:
        return Envelope(
            self._world.bot.id,
            Origin.INTERACTION,
            private_to=interaction.user_id if is_private(sent) else None,
            loading=loading,
            interaction_id=interaction.id,
            interaction=self._metadata(interaction),
            webhook_id=self._world.application.id,
            kind=_message_kind(interaction),
        )

    def _metadata(self, interaction: Interaction) -> Json:
        owner = str(interaction.guild_id or 0)
        described: Json = {
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "user": payloads.user(self._world.users[interaction.user_id]),
            "authorizing_integration_owners": {"0": owner},
        }
        if interaction.kind is InteractionKind.COMMAND:
            described["name"] = interaction.name
        if interaction.kind is InteractionKind.COMPONENT:
            described["interacted_message_id"] = str(interaction.source_message_id)
        if interaction.kind is InteractionKind.MODAL_SUBMIT and interaction.parent_id:
            parent = self._world.interactions[interaction.parent_id]
            described["triggering_interaction_metadata"] = self._metadata(parent)
        return described

    def by_token(self, application_id: int, token: str) -> Interaction:
        """Find the interaction to which a webhook token belongs.

        Raises DiscordError: 10015 if it is not answered yet or belongs to another application, 50027 if the token is
        unknown or expired.

        """
        if application_id != self._world.application.id:
            raise Code.UNKNOWN_WEBHOOK.error()
        interaction = self._tokens.get(token)
        if interaction is None:
            raise Code.INVALID_WEBHOOK_TOKEN.error()
        if interaction.state is not InteractionState.ACKNOWLEDGED:
            raise Code.UNKNOWN_WEBHOOK.error()
        if self._age_s(interaction) >= TOKEN_LIFE_S:
            raise Code.INVALID_WEBHOOK_TOKEN.error()
        if interaction.channel_id not in self._world.channels:
            raise Code.UNKNOWN_CHANNEL.error()
        return interaction

    def message_of(self, interaction: Interaction, wanted: str) -> Message:
        """Find `@original` or a follow-up by its id.

        Raises DiscordError: 10015 if there never was an original, 10008 if it is gone or belongs to another
        interaction.

        """
        if wanted == "@original" and interaction.original_id is None:
            raise Code.UNKNOWN_WEBHOOK.error()
        message_id = interaction.original_id if wanted == "@original" else int(wanted)
        message = self._world.channels[interaction.channel_id].messages.get(message_id or 0)
        own = message and (message.interaction_id == interaction.id or message.id == interaction.original_id)
        if message is None or not own:
            raise Code.UNKNOWN_MESSAGE.error()
        return message

    async def follow_up(self, interaction: Interaction, sent: Sent) -> Message:
        """Send a follow-up message; the first one after a deferral takes the place of its "thinking" message."""
        channel = self._world.channels[interaction.channel_id]
        self._gatekeeper.answer(channel, sent)
        original = channel.messages.get(interaction.original_id or 0)
        if original is not None and original.loading:
            payload = {key: value for key, value in sent.payload.items() if key != "flags"}
            flags = (sent.payload.get("flags") or 0) & ~EPHEMERAL
            return await self._messages.edit(original, Sent(payload | {"flags": flags}, sent.files), Origin.INTERACTION)
        return await self._messages.create(channel, sent, self._envelope(interaction, sent))

    async def edit(self, message: Message, sent: Sent) -> Message:
        """Edit a message through the interaction's webhook."""
        self._gatekeeper.edit(message, sent)
        return await self._messages.edit(message, sent, Origin.INTERACTION)

    async def delete(self, message: Message) -> None:
        """Delete a message through the interaction's webhook."""
        await self._messages.delete(message)


def is_private(sent: Sent) -> bool:
    """Return whether a message is ephemeral."""
    return bool((sent.payload.get("flags") or 0) & EPHEMERAL)


def _message_kind(interaction: Interaction) -> int:
    """Return the message type: 20 after a slash command, 23 after a context menu, otherwise an ordinary reply."""
    if interaction.kind is not InteractionKind.COMMAND:
        return 0
    return 20 if interaction.data.get("type", 1) == 1 else 23
