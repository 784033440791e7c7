"""The records of preferences and presets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from bot.money import milli

CONFIRM_ABOVE_MCR = milli(5_000)
"""An order that costs more has to be confirmed, unless its member or guild has set another threshold."""


class Ping(StrEnum):
    """The choices for when the end of a job pings its member."""

    NEVER = "never"
    LONG = "long"
    """If the job took more than a minute."""
    ALWAYS = "always"


SLOT = "{prompt}"
"""The placeholder for a member's prompt in a preset's template."""


SAME_AS_DISCORD = "discord"
"""The value that clears a chosen language, so that Discord's own is used again."""


@dataclass(frozen=True, slots=True)
class Preference:
    """The choices of a member or a guild for orders; None means not chosen.

    `language` is one of Discord's locales, `models` are the preferred models by task.
    """

    aspect: str | None = None
    visibility: str | None = None
    confirm_above_mcr: int | None = None
    language: str | None = None
    models: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ping: Ping | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """The price in milli-credits above which an order must be confirmed, and who set it: `own`, `guild`, `default`."""

    mcr: int
    source: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A saved style: a template for the prompt and a negative prompt. `model` is set if it is meant for one model."""

    name: str
    template: str
    negative: str | None = None
    model: str | None = None
    guilds: bool = False

    def prompt(self, words: str) -> str:
        """Put a member's prompt into the template, or after it if it has no placeholder."""
        return self.template.replace(SLOT, words) if SLOT in self.template else f"{self.template} {words}".strip()
