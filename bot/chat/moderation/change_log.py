"""`/easel-mod log`: shows who changed what."""

from typing import Any

import discord

from bot.audit.audit_rows import AuditedChange, AuditFilter, State, Value
from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.responses import Responder
from bot.chat.texts.escaping import plain
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import mention, relative
from bot.clock import Clock
from bot.money import show
from bot.policy.rule_book import RuleBook

SHOWN = 20
VALUE_CHARACTERS = 80
DAY_MS = 24 * 60 * 60 * 1_000

MENTIONS = {"member": "@", "role": "@&", "channel": "#", "log_channel": "#"}
"""The fields that contain ids of things that can be mentioned, with the prefixes of those mentions."""

MENTIONS_OF_SCOPES = {"member": "@", "role": "@&", "channel": "#", "category": "#"}
"""The mention prefix for the subject of a rule or a limit, by its scope."""

LIMITED_CREDITS = frozenset({"job", "day", "week", "month"})
"""The kinds of limits whose amounts are milli-credits."""


class ChangeLog:
    """Builds the replies to `/easel-mod log`."""

    def __init__(self, rule_book: RuleBook, responder: Responder, clock: Clock) -> None:
        self._rule_book = rule_book
        self._responder = responder
        self._clock = clock

    async def show(
        self, interaction: discord.Interaction[Any], *, actor: int | None, area: str | None, days: int | None
    ) -> Card:
        """Show the newest changes, optionally only one person's, in one area (`rules`), or from the last few days."""
        say = self._responder.speech(interaction)
        since_ms = 0 if days is None else self._clock.now_ms() - days * DAY_MS
        wanted = AuditFilter(guild_of(interaction), actor=actor, area=area, since_ms=since_ms)
        entries = await self._rule_book.log(wanted, SHOWN)
        lines = [_line(entry.change, say) for entry in entries]
        return Card(say("log-head"), line_embed(lines, say)) if lines else Card(say("log-none"))


def _line(change: AuditedChange, say: Speech) -> str:
    return say(
        "log-line",
        when=relative(change.at_ms),
        actor=mention(change.actor, say) if change.actor else "Easel",
        action=change.action,
        subject=plain(change.subject, VALUE_CHARACTERS),
        before=state_text(change.before),
        after=state_text(change.after),
    )


def state_text(state: State | None) -> str:
    """Return a state in words, with mentions, times and credits instead of ids and numbers.

    Fields that are not set are left out; if none is set, the text is `none`.
    """
    kind = MENTIONS_OF_SCOPES.get(str((state or {}).get("scope")))
    shown = [
        f"{name.removesuffix('_mcr').removesuffix('_ms')}: {_value(name, value, state or {}, kind)}"
        for name, value in (state or {}).items()
        if value not in {None, ""} and not (name.endswith("_mcr") and value == 0)
    ]
    return ", ".join(shown) or "none"


def _value(name: str, value: Value, state: State, kind: str | None) -> str:
    mention = kind if name == "subject" else MENTIONS.get(name)
    if mention is not None:
        return f"<{mention}{value}>"
    if name.endswith("_ms"):
        return relative(int(value or 0))
    if name.endswith("_mcr") or (name == "amount" and state.get("kind") in LIMITED_CREDITS):
        return show(int(value or 0))
    return plain(str(value), VALUE_CHARACTERS)
