"""The codes with which the gateway closes a connection for good (topics/opcodes-and-status-codes)."""

from enum import IntEnum


class GatewayRefusal(IntEnum):
    """The reasons why Discord may refuse the bot for good, so that reconnecting is pointless."""

    AUTHENTICATION_FAILED = 4004
    """The token is invalid or was revoked."""

    INVALID_SHARD = 4010
    SHARDING_REQUIRED = 4011
    """The shard would have more guilds than Discord allows."""

    INVALID_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014
