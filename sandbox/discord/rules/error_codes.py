"""Discord's error codes with their HTTP status and text.

Numbers and meanings: Discord's documentation, "Opcodes and status codes". The status of a code is not documented; it is
the one that bots have reported (discord.py and discord.js print both).
"""

from collections.abc import Mapping
from enum import Enum


class DiscordError(Exception):
    """An error response from Discord: an HTTP status, and a JSON body with a code, message and maybe error tree."""

    def __init__(self, status: int, code: int, message: str, errors: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{status} (code {code}): {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, object]:
        """Return the JSON body of the response."""
        body: dict[str, object] = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


class Code(Enum):
    """The error codes, each with its HTTP status and Discord's text; use `raise Code.UNKNOWN_MESSAGE.error()`."""

    BAD_REQUEST = 0, 400, "400: Bad Request"
    UNAUTHORIZED = 0, 401, "401: Unauthorized"
    NOT_FOUND = 0, 404, "404: Not Found"
    METHOD_NOT_ALLOWED = 0, 405, "405: Method Not Allowed"
    UNKNOWN_APPLICATION = 10002, 404, "Unknown Application"
    UNKNOWN_CHANNEL = 10003, 404, "Unknown Channel"
    UNKNOWN_GUILD = 10004, 404, "Unknown Guild"
    UNKNOWN_MEMBER = 10007, 404, "Unknown Member"
    UNKNOWN_MESSAGE = 10008, 404, "Unknown Message"
    UNKNOWN_OVERWRITE = 10009, 404, "Unknown Overwrite"
    UNKNOWN_ROLE = 10011, 404, "Unknown Role"
    UNKNOWN_USER = 10013, 404, "Unknown User"
    UNKNOWN_EMOJI = 10014, 404, "Unknown Emoji"
    UNKNOWN_WEBHOOK = 10015, 404, "Unknown Webhook"
    UNKNOWN_SKU = 10027, 404, "Unknown SKU"
    UNKNOWN_ENTITLEMENT = 10029, 404, "Unknown Entitlement"
    UNKNOWN_STICKER = 10060, 404, "Unknown Sticker"
    UNKNOWN_INTERACTION = 10062, 404, "Unknown interaction"
    UNKNOWN_COMMAND = 10063, 404, "Unknown application command"
    UNKNOWN_COMMAND_PERMISSIONS = 10066, 404, "Unknown application command permissions"
    BOTS_CANNOT = 20001, 403, "Bots cannot use this endpoint"
    NOT_AUTHORIZED_ON_APPLICATION = 20012, 403, "You are not authorized to perform this action on this application"
    SLOWMODE = 20016, 429, "This action cannot be performed due to slowmode rate limit"
    CHANNEL_WRITES = 20028, 429, "The write action you are performing on the channel has hit the write rate limit."
    TOO_MANY_ATTACHMENTS = 30015, 400, "Maximum number of attachments in a message reached (10)"
    TOO_MANY_COMMANDS = 30032, 400, "Maximum number of application commands reached (100)."
    TOO_MANY_COMMAND_CREATES = 30034, 429, "Max number of daily application command creates has been reached (200)"
    TOO_MANY_OLD_EDITS = 30046, 429, "Maximum number of edits to messages older than 1 hour reached. Try again later."
    DMS_OPENED_TOO_FAST = 40003, 403, "You are opening direct messages too fast."
    REQUEST_TOO_LARGE = 40005, 413, "Request entity too large"
    COMMAND_NAME_TAKEN = 40041, 400, "An application command with that name already exists"
    CROSSPOSTED = 40033, 400, "This message has already been crossposted."
    FORUM_HOLDS_THREADS_ONLY = 40058, 400, "Cannot send messages in a forum channel"
    ALREADY_ACKNOWLEDGED = 40060, 400, "Interaction has already been acknowledged."
    TOO_MANY_FOLLOWUPS = 40094, 400, "Maximum number of follow-up messages reached (5)"
    MISSING_ACCESS = 50001, 403, "Missing Access"
    NOT_IN_A_DM = 50003, 400, "Cannot execute action on a DM channel"
    NOT_THE_AUTHOR = 50005, 403, "Cannot edit a message authored by another user"
    EMPTY_MESSAGE = 50006, 400, "Cannot send an empty message"
    CANNOT_SEND_TO_USER = 50007, 403, "Cannot send messages to this user"
    NOT_A_TEXT_CHANNEL = 50008, 400, "Cannot send messages in a non-text channel"
    MISSING_PERMISSIONS = 50013, 403, "Missing Permissions"
    INVALID_TOKEN = 50014, 401, "Invalid authentication token provided"
    BULK_DELETE_COUNT = 50016, 400, "You can only bulk delete between 2 and 100 messages in a single request."
    SYSTEM_MESSAGE = 50021, 403, "Cannot execute action on a system message"
    WRONG_CHANNEL_TYPE = 50024, 400, "Cannot execute action on this channel type"
    INVALID_WEBHOOK_TOKEN = 50027, 401, "Invalid Webhook Token"
    TOO_OLD_TO_BULK_DELETE = 50034, 400, "You can only bulk delete messages that are under 14 days old."
    INVALID_FORM_BODY = 50035, 400, "Invalid Form Body"
    FILE_TOO_LARGE = 50045, 400, "File uploaded exceeds the maximum size"
    INVALID_FILE = 50046, 400, "Invalid file uploaded"
    ARCHIVED_THREAD = 50083, 400, "Thread is archived"
    INVALID_JSON = 50109, 400, "The request body contains invalid JSON."
    UPLOAD_NOT_FOUND = 50146, 400, "Uploaded file not found."
    ENTRY_POINT_MISSING = (
        50240,
        400,
        "You cannot remove this app's Entry Point command in a bulk update operation.",
    )
    NO_MUTUAL_GUILD = 50278, 403, "Cannot send messages to this user due to having no mutual guilds"
    CANNOT_REPLY_WITHOUT_HISTORY = 160002, 400, "Cannot reply without permission to read message history"
    THREAD_EXISTS = 160004, 400, "A thread has already been created for this message"
    LOCKED_THREAD = 160005, 400, "This thread is locked"
    BLOCKED_BY_AUTOMOD = 200000, 400, "Message was blocked by automatic moderation"
    TITLE_BLOCKED_BY_AUTOMOD = 200001, 400, "Title was blocked by automatic moderation"
    HARMFUL_LINK = 240000, 400, "Message blocked by harmful links filter"

    @property
    def number(self) -> int:
        """Return the code in the JSON body."""
        return self.value[0]

    @property
    def status(self) -> int:
        """Return the HTTP status of the response."""
        return self.value[1]

    @property
    def text(self) -> str:
        """Return Discord's message."""
        return self.value[2]

    def error(self, errors: Mapping[str, object] | None = None) -> DiscordError:
        """Return the exception to raise."""
        return DiscordError(self.status, self.number, self.text, errors)


def invalid_form(errors: Mapping[str, object]) -> DiscordError:
    """Return the error 50035 with a tree of errors, as `rules.field_checks` builds it."""
    return Code.INVALID_FORM_BODY.error(errors)
