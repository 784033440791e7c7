"""Discord's limits for messages, components and choices. Discord rejects a whole request if one field is too long.

Messages: https://docs.discord.com/developers/resources/message
Components and modals: https://docs.discord.com/developers/components/reference
Choices of an option: https://docs.discord.com/developers/interactions/application-commands
"""

CONTENT_CHARACTERS = 2_000
EMBED_DESCRIPTION_CHARACTERS = 4_096
MESSAGE_FILES = 10
UPLOAD_BYTES = 10 << 20
"""The size of the largest file, in bytes, if nobody has paid for more (reference, "Uploading Files")."""
NONCE_CHARACTERS = 25

COMPONENTS = 40
"""The maximum number of components in a message with Components V2, including nested ones."""
COMPONENT_TEXT_CHARACTERS = 4_000
"""The maximum number of characters in all text displays of a message together."""

SELECT_OPTIONS = 25
CHOICES = 25
CHOICE_NAME_CHARACTERS = 100
