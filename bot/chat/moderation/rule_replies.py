"""`/easel-mod rules`, `limits` and `age`, and `/easel-admin channel`: shows and changes a guild's rules and limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import discord

from bot.chat.cards.card import Card
from bot.chat.cards.line_embed import line_embed
from bot.chat.discord.interactions import guild_of
from bot.chat.discord.mention_names import MentionNames
from bot.chat.discord.responses import Responder
from bot.chat.ordering.model_choice import ModelChoice
from bot.chat.texts import wording
from bot.chat.texts.texts import Speech
from bot.clock import Clock
from bot.errors import InvalidSetting
from bot.policy.exceeded_limits import limit_facts
from bot.policy.judge import rule_facts
from bot.policy.policy import Policy
from bot.policy.policy_records import (
    EVERYTHING,
    ChannelDefaults,
    Effect,
    Limit,
    LimitKind,
    Rule,
    RuleScope,
    Target,
    What,
)
from bot.policy.rule_book import RuleBook

DAY_MS = 24 * 60 * 60 * 1_000
MOST_CHOICES = 25


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """The options that say what a rule applies to. At most one may be set; without any, it applies to everything."""

    model: str | None = None
    task: str | None = None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """The options of a command that specify a place, a role, a member or a model. At most one of them may be set.

    Without any, the command applies to the whole server.
    """

    channel: int | None = None
    is_category: bool = False
    role: int | None = None
    member: int | None = None
    model: str | None = None


class RuleReplies:
    """Builds the replies to the commands that show and change rules."""

    def __init__(
        self,
        rule_book: RuleBook,
        policy: Policy,
        models: ModelChoice,
        responder: Responder,
        clock: Clock,
        names: MentionNames,
    ) -> None:
        self._rule_book = rule_book
        self._policy = policy
        self._models = models
        self._responder = responder
        self._clock = clock
        self._names = names

    async def add_rule(
        self,
        interaction: discord.Interaction[Any],
        effect: Effect,
        about: TargetOptions,
        within: ScopeOptions,
        *,
        ceiling_mcr: int | None,
        days: int | None,
        spoiler: bool = False,
    ) -> Card:
        """Set a rule. Raises InvalidSetting, UnknownModel and NotFound."""
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        if spoiler and effect is Effect.DENY:
            raise InvalidSetting(wrong="denied-spoiler")
        scope, subject = _scope(within)
        until_ms = None if days is None else self._clock.now_ms() + days * DAY_MS
        rule = Rule(effect, self.target(about), scope, int(subject or 0), ceiling_mcr, until_ms, spoiler=spoiler)
        number = await self._rule_book.add_rule(guild, rule, by=interaction.user.id)
        return Card(say("rule-set", rule=await self._stored_rule(guild, number, say)))

    async def remove_rule(self, interaction: discord.Interaction[Any], number: int) -> Card:
        """Remove a rule. Raises NotFound."""
        say = self._responder.speech(interaction)
        rule = await self._rule_book.remove_rule(guild_of(interaction), number, by=interaction.user.id)
        return Card(say("rule-removed-now", rule=rule_text(rule, say)))

    async def rules(self, interaction: discord.Interaction[Any]) -> Card:
        """Show all rules, and what may only be made in age-restricted channels."""
        say, policy = self._responder.speech(interaction), await self._policy.of_guild(guild_of(interaction))
        lines = [wording.sentence(rule_text(rule, say)) for rule in policy.rules]
        if policy.places:
            lines.append(places_text(policy.places, say))
        lines += [say("age-line", target=target_text(target, say)) for target in policy.age_rules]
        return Card(say("rules-head"), line_embed(lines, say)) if lines else Card(say("rules-none"))

    async def set_limit(
        self,
        interaction: discord.Interaction[Any],
        kind: LimitKind,
        amount_mcr: int,
        within: ScopeOptions,
        *,
        shared: bool,
    ) -> Card:
        """Set a limit; `amount_mcr` is in thousandths of the limit's unit. Raises InvalidSetting and UnknownModel."""
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        scope, subject = _scope(within)
        if scope is RuleScope.CATEGORY or (scope is RuleScope.MEMBER and shared):
            raise InvalidSetting(wrong="limit-scope")
        if scope is RuleScope.MODEL:
            subject = self._models.named(subject)
        whole = kind in (LimitKind.CONCURRENT, LimitKind.COOLDOWN)
        if whole and amount_mcr % 1_000:
            raise InvalidSetting(wrong="number")
        shared = shared or scope in (RuleScope.CHANNEL, RuleScope.MODEL)
        limit = Limit(kind, scope, subject, amount_mcr // 1_000 if whole else amount_mcr, shared)
        number = await self._rule_book.set_limit(guild, limit, by=interaction.user.id)
        found = (one for one in (await self._policy.of_guild(guild)).limits if one.number == number)
        return Card(say("limit-set", limit="\n".join(limit_text(one, say) for one in found)))

    async def remove_limit(self, interaction: discord.Interaction[Any], number: int) -> Card:
        """Remove a limit. Raises NotFound."""
        say = self._responder.speech(interaction)
        limit = await self._rule_book.remove_limit(guild_of(interaction), number, by=interaction.user.id)
        return Card(say("limit-removed", limit=limit_text(limit, say)))

    async def limits(self, interaction: discord.Interaction[Any]) -> Card:
        """Show all limits, and the time zone in which their periods begin."""
        say, policy = self._responder.speech(interaction), await self._policy.of_guild(guild_of(interaction))
        lines = [limit_text(limit, say) for limit in policy.limits]
        zone = say("limits-zone", zone=policy.time_zone)
        return Card(zone, line_embed(lines, say)) if lines else Card(f"{say('limits-none')}\n{zone}")

    async def set_time_zone(self, interaction: discord.Interaction[Any], zone: str) -> Card:
        """Set the time zone in which days, weeks and months begin. Raises InvalidSetting."""
        await self._rule_book.set_time_zone(guild_of(interaction), zone, by=interaction.user.id)
        return Card(self._responder.speech(interaction)("limits-zone", zone=zone))

    async def set_age(self, interaction: discord.Interaction[Any], about: TargetOptions, *, on: bool) -> Card:
        """Allow something only in age-restricted channels, or everywhere. Raises UnknownModel, NotFound."""
        say, target = self._responder.speech(interaction), self.target(about)
        await self._rule_book.set_age_rule(guild_of(interaction), target, by=interaction.user.id, on=on)
        return Card(say("age-line" if on else "age-lifted", target=target_text(target, say)))

    async def set_channel(
        self,
        interaction: discord.Interaction[Any],
        wished: ChannelDefaults,
        *,
        only_here: bool | None = None,
        reset: bool = False,
    ) -> Card:
        """Change the given defaults of a channel, after resetting all of them if `reset` is set, and show them.

        If a guild lists channels, Easel can only be used there; `only_here` lists this channel or unlists it.
        """
        guild, say = guild_of(interaction), self._responder.speech(interaction)
        known = (await self._policy.of_guild(guild)).channels.get(wished.channel)
        before = ChannelDefaults(wished.channel) if known is None or reset else known
        after = ChannelDefaults(
            wished.channel,
            model=self._models.named(wished.model) if wished.model else before.model,
            aspect=wished.aspect or before.aspect,
            visibility=wished.visibility or before.visibility,
            spoiler=before.spoiler if wished.spoiler is None else wished.spoiler,
        )
        if reset or after != before:
            await self._rule_book.set_channel(guild, after, by=interaction.user.id)
        if only_here is not None:
            await self._rule_book.set_place(guild, after.channel, by=interaction.user.id, on=only_here)
        places = (await self._policy.of_guild(guild)).places
        return Card(
            say(
                "channel-defaults",
                channel=f"<#{after.channel}>",
                model=(after.model or wording.NONE).rpartition("/")[2],
                aspect=after.aspect or wording.NONE,
                visibility=after.visibility or wording.NONE,
                spoiler="yes" if after.spoiler else wording.NONE,
            )
            + f"\n{places_text(places, say)}"
        )

    async def known_rules(self, interaction: discord.Interaction[Any], typed: str) -> list[tuple[str, int]]:
        """Return the rules that contain what was typed, for suggestions."""
        say, policy = self._responder.speech(interaction), await self._policy.of_guild(guild_of(interaction))
        numbered = [(rule_text(rule, say), rule.number) for rule in policy.rules]
        return await self._names.suggestions(interaction, numbered, typed)

    async def known_limits(self, interaction: discord.Interaction[Any], typed: str) -> list[tuple[str, int]]:
        """Return the limits that contain what was typed, for suggestions."""
        say, policy = self._responder.speech(interaction), await self._policy.of_guild(guild_of(interaction))
        numbered = [(limit_text(limit, say), limit.number) for limit in policy.limits]
        return await self._names.suggestions(interaction, numbered, typed)

    def families(self, typed: str) -> list[str]:
        """Return the names of providers that contain the typed text."""
        return [name for name in self._rule_book.families() if typed.strip().casefold() in name][:MOST_CHOICES]

    def target(self, about: TargetOptions) -> Target:
        """Return the target that the options specify. Raises InvalidSetting if several are set, and UnknownModel."""
        given = [
            Target(what, name)
            for what, name in ((What.MODEL, about.model), (What.TASK, about.task), (What.FAMILY, about.family))
            if name
        ]
        if len(given) > 1:
            raise InvalidSetting(wrong="one-target")
        (target,) = given or (EVERYTHING,)
        return Target(What.MODEL, self._models.named(target.name)) if target.what is What.MODEL else target

    async def _stored_rule(self, guild: int, number: int, say: Speech) -> str:
        found = (rule for rule in (await self._policy.of_guild(guild)).rules if rule.number == number)
        return "\n".join(rule_text(rule, say) for rule in found)


def rule_text(rule: Rule, say: Speech) -> str:
    """Return a rule in words, without a full stop."""
    reason = "denied-by-rule" if rule.effect is Effect.DENY else "allowed-by-rule"
    return str(wording.translated_parameters({**rule_facts(rule), "rule": reason}, say)["rule"])


def target_text(target: Target, say: Speech) -> str:
    """Return the target of a rule in words."""
    return str(
        wording.translated_parameters({"target": target.what.value, "name": target.name or wording.NONE}, say)["target"]
    )


def places_text(places: Iterable[int], say: Speech) -> str:
    """Return text that says where Easel can be used."""
    return say("places-are", channels=say("comma").join(f"<#{place}>" for place in sorted(places)) or wording.NONE)


def limit_text(limit: Limit, say: Speech) -> str:
    """Return a limit in words."""
    return say("limit-line", **wording.translated_parameters(limit_facts(limit), say))


def _scope(within: ScopeOptions) -> tuple[RuleScope, str]:
    """Return the scope that the options specify, and its subject. Raises InvalidSetting if several are set."""
    place = RuleScope.CATEGORY if within.is_category else RuleScope.CHANNEL
    given = [
        (scope, str(subject))
        for scope, subject in (
            (place, within.channel),
            (RuleScope.ROLE, within.role),
            (RuleScope.MEMBER, within.member),
            (RuleScope.MODEL, within.model),
        )
        if subject
    ]
    if len(given) > 1:
        raise InvalidSetting(wrong="one-target")
    return given[0] if given else (RuleScope.SERVER, "")
