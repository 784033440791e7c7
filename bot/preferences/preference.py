"""Preferences and presets as records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from bot.money import milli

CONFIRM_ABOVE_MCR = milli(5_000)
"""An order that costs more is confirmed first, where neither its member nor its guild said otherwise."""


class Ping(StrEnum):
    """When the end of a job pings its member."""

    NEVER = "never"
    LONG = "long"
    """Where it took more than a minute."""
    ALWAYS = "always"


SLOT = "{prompt}"
"""Where a member's own words go in a preset's template."""


SAME_AS_DISCORD = "discord"
"""What is said to take a language back: Discord's own is spoken again."""


@dataclass(frozen=True, slots=True)
class Preference:
    """What somebody said about their own orders; None is "not said".

    `language` is a locale of Discord's, `models` are the preferred ones by task.
    """

    aspect: str | None = None
    visibility: str | None = None
    confirm_above_mcr: int | None = None
    language: str | None = None
    models: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ping: Ping | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """Above which price an order is confirmed, in milli-credits, and who said so: `own`, `guild` or `default`."""

    mcr: int
    source: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A saved way to ask: a template around the prompt, and what not to show. `model` where it is meant for one."""

    name: str
    template: str
    negative: str | None = None
    model: str | None = None
    guilds: bool = False

    def prompt(self, words: str) -> str:
        """Put a member's words into the template; after it, where it has no slot."""
        return self.template.replace(SLOT, words) if SLOT in self.template else f"{self.template} {words}".strip()
