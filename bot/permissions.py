"""The permissions that the bot needs, as bits, so that they can be checked without discord.py.

Bits and names are Discord's: https://docs.discord.com/developers/topics/permissions
"""

from collections.abc import Sequence
from dataclasses import dataclass

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
SEND_MESSAGES_IN_THREADS = 1 << 38


@dataclass(frozen=True, slots=True)
class NeededPermission:
    """A permission by its name in Discord's API, with hyphens as in the texts' keys. Any of its `bits` grants it."""

    name: str
    bits: int


TO_SHOW_A_RESULT = (
    NeededPermission("view-channel", VIEW_CHANNEL),
    NeededPermission("send-messages", SEND_MESSAGES),
    NeededPermission("embed-links", EMBED_LINKS),
    NeededPermission("attach-files", ATTACH_FILES),
)
"""The permissions that a job's card and its result need, in the order in which they have to be granted.

Without an earlier one, Discord denies the later ones too, regardless of the channel's settings.
"""

TO_SHOW_IN_A_THREAD = tuple(
    NeededPermission("send-messages-in-threads", SEND_MESSAGES_IN_THREADS) if needed.bits == SEND_MESSAGES else needed
    for needed in TO_SHOW_A_RESULT
)
"""The same permissions in a thread, where Discord has a separate permission for sending messages."""

READ_HISTORY = NeededPermission("read-message-history", READ_MESSAGE_HISTORY)
"""The permission for finding the bot's own messages after a lost answer."""

TO_LOG = (
    NeededPermission("view-channel", VIEW_CHANNEL),
    NeededPermission("send-messages", SEND_MESSAGES),
    NeededPermission("embed-links", EMBED_LINKS),
)
"""The permissions that a guild's log channel needs."""

TO_INVITE = (
    NeededPermission("view-channel", VIEW_CHANNEL),
    NeededPermission("send-messages", SEND_MESSAGES),
    NeededPermission("send-messages-in-threads", SEND_MESSAGES_IN_THREADS),
    NeededPermission("embed-links", EMBED_LINKS),
    NeededPermission("attach-files", ATTACH_FILES),
    READ_HISTORY,
)
"""The permissions in the invitation."""

INVITATION_BITS = sum(needed.bits for needed in TO_INVITE)
"""The number in the invitation link."""


def missing(needed: Sequence[NeededPermission], granted: int) -> tuple[str, ...]:
    """Return the names of the needed permissions that these granted bits lack; Administrator grants all of them."""
    if granted & ADMINISTRATOR:
        return ()
    return tuple(one.name for one in needed if not granted & one.bits)
