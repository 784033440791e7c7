"""Checks a message before it is written: sizes, fields, permissions and the state of its channel."""

from sandbox.discord.request_body import Sent
from sandbox.discord.rules import message as rules
from sandbox.discord.rules.error_codes import Code
from sandbox.discord.rules.field_checks import Problem, refuse_at
from sandbox.discord.rules.message import Current, Route
from sandbox.discord.rules.permissions import Permission
from sandbox.discord.rules.uploads import DEFAULT_LIMIT
from sandbox.discord.world import component_tree
from sandbox.discord.world.access import Access
from sandbox.discord.world.state import Channel, Message, World


class MessageChecks:
    """Rejects what Discord would reject, in the order of Discord's checks."""

    def __init__(self, world: World, access: Access) -> None:
        self._world = world
        self._access = access

    def new_message(self, channel: Channel, sent: Sent) -> None:
        """Check a message that the bot sends to a channel."""
        bot = self._world.bot.id
        self._access.require_sending(channel, bot)
        rules.check_create(sent.payload, sent.uploads, upload_limit=self.limit(channel))
        self._content(channel, sent)
        self._reply(channel, sent)

    def answer(self, channel: Channel, sent: Sent) -> None:
        """Check an interaction response or follow-up: sending needs no permission, but files and embeds do."""
        self._access.require_unlocked(channel, self._world.bot.id)
        rules.check_create(sent.payload, sent.uploads, upload_limit=self.limit(channel), route=Route.INTERACTION)
        self._content(channel, sent)

    def edit(self, message: Message, sent: Sent) -> None:
        """Check an edit on any route."""
        channel = self._world.channels[message.channel_id]
        self._open_thread(channel)
        rules.check_edit(sent.payload, current_parts(message), sent.uploads, upload_limit=self.limit(channel))
        self._content(channel, sent)

    def _open_thread(self, channel: Channel) -> None:
        self._access.require_unlocked(channel, self._world.bot.id)
        if channel.thread and channel.thread.archived:
            raise Code.ARCHIVED_THREAD.error()

    def limit(self, channel: Channel) -> int:
        """Return the maximum size of a file in a channel, in bytes."""
        guild = self._world.guild_of(channel)
        return guild.upload_limit if guild else DEFAULT_LIMIT

    def _content(self, channel: Channel, sent: Sent) -> None:
        needed = Permission(0)
        if sent.files:
            needed |= Permission.ATTACH_FILES
        if sent.payload.get("embeds"):
            needed |= Permission.EMBED_LINKS
        self._access.require(channel, self._world.bot.id, needed)
        self._premium_buttons(sent)

    def _premium_buttons(self, sent: Sent) -> None:
        """Reject buttons that sell what the application does not offer."""
        for one in component_tree.walk(sent.payload.get("components") or ()):
            wanted = one.get("sku_id")
            if wanted is not None and int(wanted) not in self._world.skus:
                problem = Problem("COMPONENT_INVALID_SKU", "The SKU is not one of this application")
                raise refuse_at(["components"], problem)

    def _reply(self, channel: Channel, sent: Sent) -> None:
        reference = sent.payload.get("message_reference")
        if not reference:
            return
        self._access_history(channel)
        missing = int(reference["message_id"]) not in channel.messages
        if missing and reference.get("fail_if_not_exists", True):
            raise Code.INVALID_FORM_BODY.error(
                {"message_reference": {"_errors": [{"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}]}}
            )

    def _access_history(self, channel: Channel) -> None:
        if not self._access.in_channel(channel, self._world.bot.id) & Permission.READ_MESSAGE_HISTORY:
            raise Code.CANNOT_REPLY_WITHOUT_HISTORY.error()


def current_parts(message: Message) -> Current:
    """Return the parts of a message before an edit, as the rules need them."""
    return Current(
        message.content,
        len(message.embeds),
        len(message.components),
        {file.id: file.filename for file in message.attachments},
        message.flags,
    )
