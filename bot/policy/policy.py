"""Decides who may run which model: a guild's own rules for single models override one default rule.

By default every model whose cheapest order costs at most 2,500 credits is allowed, and video models are not. A rule set
by a moderator wins over the default. Rules are cached for each guild and read again after each change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Task
from bot.clock import Clock
from bot.errors import Fact
from bot.money import milli
from bot.policy import rule_rows
from bot.storage.operation import Database

CHEAP_MCR = milli(2_500)
"""A model whose cheapest order costs at most this is allowed in a guild that has no rule for it."""


class Rule(StrEnum):
    """The rule that decided; the texts have a sentence for each."""

    ALLOWED_BY_GUILD = "allowed-by-guild"
    DENIED_BY_GUILD = "denied-by-guild"
    CHEAP = "cheap"
    COSTLY = "costly"
    """By default: its cheapest order costs more than the default rule allows."""
    VIDEO = "video"
    """By default: video is off until a moderator allows the model."""


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """A member's wish to use a model for a task in a channel."""

    guild: int
    channel: int
    member: int
    model: str
    task: Task


@dataclass(frozen=True, slots=True)
class Verdict:
    """The policy's decision, the rule that decided, and the facts needed to explain it."""

    allowed: bool
    rule: Rule
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ModelRule:
    """Whether one model is allowed in a guild, and why."""

    model: str
    verdict: Verdict

    @property
    def allowed(self) -> bool:
        """Whether members may use the model."""
        return self.verdict.allowed


class Policy:
    """Decides for all guilds which models may be used."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._rules: dict[int, Mapping[str, bool]] = {}
        self._changes = 0

    async def judge(self, request: PolicyRequest) -> Verdict:
        """Decide about one order. Raises UnknownModel."""
        self._catalogue.get(request.model)
        return self._verdict(await self._rules_of(request.guild), request.model)

    async def rules(self, guild: int) -> tuple[ModelRule, ...]:
        """Return the verdict on every model that is switched on, in the catalogue's order."""
        rules = await self._rules_of(guild)
        return tuple(
            ModelRule(model.id, self._verdict(rules, model.id)) for model in self._catalogue.models() if model.enabled
        )

    async def allowed_models(self, guild: int) -> tuple[ModelRule, ...]:
        """Return the models that this guild's members may use."""
        return tuple(rule for rule in await self.rules(guild) if rule.allowed)

    async def allow(self, guild: int, model: str, by: int) -> None:
        """Let members use this model. Raises UnknownModel."""
        await self._set(guild, model, by, allowed=True)

    async def deny(self, guild: int, model: str, by: int) -> None:
        """Forbid members from using this model. Raises UnknownModel."""
        await self._set(guild, model, by, allowed=False)

    async def _set(self, guild: int, model: str, by: int, *, allowed: bool) -> None:
        self._catalogue.get(model)
        at_ms = self._clock.now_ms()
        await self._database.run(lambda: rule_rows.write(guild, model, allowed=allowed, actor=by, at_ms=at_ms))
        self._changes += 1
        self._rules.pop(guild, None)

    async def _rules_of(self, guild: int) -> Mapping[str, bool]:
        known = self._rules.get(guild)
        if known is not None:
            return known
        changes = self._changes
        rules = await self._database.read(lambda: rule_rows.of_guild(guild))
        if changes == self._changes:  # otherwise the rules may have changed while this read ran
            self._rules[guild] = rules
        return rules

    def _verdict(self, rules: Mapping[str, bool], model: str) -> Verdict:
        rule = rules.get(model)
        if rule is not None:
            return Verdict(rule, Rule.ALLOWED_BY_GUILD if rule else Rule.DENIED_BY_GUILD)
        entry = self._catalogue.get(model)
        if self._catalogue.is_video(entry):
            return Verdict(allowed=False, rule=Rule.VIDEO)
        cheapest = self._catalogue.cheapest_mcr(entry)
        facts = {"cheapest_mcr": cheapest, "limit_mcr": CHEAP_MCR}
        cheap = cheapest <= CHEAP_MCR
        return Verdict(cheap, Rule.CHEAP if cheap else Rule.COSTLY, facts)
