"""The policy of all guilds: judges orders, and keeps the guilds' decisions in memory."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol, TypeVar

from bot.calendar_periods import numbers_at
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.model import Model
from bot.catalogue.order import Task
from bot.clock import Clock
from bot.policy import guild_policy_rows, rule_rows, usage_limit_rows
from bot.policy.admission import Admission
from bot.policy.applicable_limits import quotas
from bot.policy.judge import judge, judge_use_by
from bot.policy.policy_records import (
    NOBODY,
    Asked,
    Circumstances,
    Effect,
    GuildPolicy,
    ModelFacts,
    Outcome,
    PolicyRequest,
    PromptFinding,
    Requester,
    Rule,
    Target,
    Usage,
    Verdict,
    What,
)
from bot.policy.rule_matching import is_open, rules_here
from bot.policy.usable_models import UsableModels
from bot.processes.guild_news import GuildNews
from bot.storage.operation import Database, Operation

USABLE_KEPT = 1_000
"""The number of sets of rules for which the usable models are remembered."""

T = TypeVar("T")


class PromptRules(Protocol):
    """Finds the rules of a guild that match text in an order."""

    async def findings(self, request: PolicyRequest) -> tuple[PromptFinding, ...]:
        """Return what the rules find in the request's texts, for this member in this place."""
        ...


class NoPromptRules:
    """Finds nothing."""

    async def findings(self, request: PolicyRequest) -> tuple[PromptFinding, ...]:
        """Return nothing for any request."""
        del request
        return ()


class Policy:
    """Decides for all guilds which orders are accepted."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        clock: Clock,
        prompts: PromptRules | None = None,
        news: GuildNews | None = None,
    ) -> None:
        """`news` keeps what is remembered here consistent with other processes."""
        self._database = database
        self._catalogue = catalogue
        self._clock = clock
        self._prompts = prompts or NoPromptRules()
        self._news = news or GuildNews()
        self._news.remember(self._outdate)
        self._known: dict[int, GuildPolicy] = {}
        self._changes = 0
        # Cached, because autocomplete asks again for every letter typed. The result depends only on the arguments.
        self._usable_by = lru_cache(maxsize=USABLE_KEPT)(self._judged)

    async def of_guild(self, guild: int) -> GuildPolicy:
        """Return what a guild has decided, from memory if it is there."""
        known = self._known.get(guild)
        if known is not None:
            return known
        changes = self._changes
        found = await self._database.read(lambda: guild_policy_rows.load(guild))
        if changes == self._changes:  # otherwise something may have changed while this read ran
            self._known[guild] = found
        return found

    async def change(self, guild: int, operation: Callable[[], Operation[T]]) -> T:
        """Run an operation that changes what a guild has decided. Every such change has to go through here.

        The new version is written in the same transaction, so offers that were judged before are judged again.
        """

        def changed() -> Operation[T]:
            result = yield from operation()
            yield from guild_policy_rows.bump(guild)
            return result

        running = asyncio.ensure_future(self._database.run(changed))
        # Forget when the operation is done, not when the caller is: it continues if the caller is cancelled.
        running.add_done_callback(lambda _: self._forget(guild))
        return await asyncio.shield(running)

    def forget(self) -> None:
        """Forget the decisions of all guilds, so that they are read again after members or guilds were erased."""
        self._forget(None)

    def _forget(self, guild: int | None) -> None:
        self._outdate(guild)
        self._news.changed(guild)

    def _outdate(self, guild: int | None) -> None:
        self._changes += 1
        if guild is None:
            self._known.clear()
        else:
            self._known.pop(guild, None)

    async def examine(self, request: PolicyRequest, price_mcr: int | None = None) -> Admission:
        """Return a request with everything that its verdict depends on. Raises UnknownModel.

        Without a price, the model's cheapest order is assumed.
        """
        model = self._facts(self._catalogue.get(request.model))
        asked = Asked(
            guild=request.asker.guild,
            member=request.asker.member,
            model=model,
            task=request.task,
            here=request.asker.here,
            price_mcr=model.cheapest_mcr if price_mcr is None else price_mcr,
            at_ms=self._clock.now_ms(),
            prompt_findings=await self._prompts.findings(request) if request.texts else (),
        )
        return Admission(asked, await self.of_guild(request.asker.guild))

    async def judge(self, request: PolicyRequest, price_mcr: int | None = None) -> Verdict:
        """Judge a request, considering the usage so far if it matters. Raises UnknownModel.

        Credits are not checked.
        """
        admission = await self.examine(request, price_mcr)
        usage = await self.usage(admission) if admission.policy.needs_usage else None
        return judge(admission.asked, admission.policy, usage)

    async def usage(self, admission: Admission) -> Usage:
        """Return the usage of everything that limits an order."""
        asked, policy = admission.asked, admission.policy
        counters = [quota.counter for quota in quotas(policy, asked)]
        periods = numbers_at(asked.at_ms, policy.zone)
        return Usage(await self._database.read(lambda: usage_limit_rows.used(asked.guild, counters, periods)))

    async def usable(self, asker: Requester, task: Task | None = None) -> UsableModels:
        """Return the models that someone may use where they ask, at least for their cheapest order.

        With a task, they may be used for that task; otherwise, for at least one of their tasks. The bot's own
        permissions are not checked.
        """
        policy, here = await self.of_guild(asker.guild), asker.here
        if not is_open(policy, here):
            return UsableModels.none()
        # Most rules are about other places and people, so most members are judged by the same few.
        rules = rules_here(policy.rules, asker.member, here, self._clock.now_ms())
        return self._usable_by(rules, () if here.age_restricted else policy.age_rules, task)

    def _judged(self, rules: tuple[Rule, ...], age_rules: tuple[Target, ...], task: Task | None) -> UsableModels:
        """Return the models that these rules allow, except orders that `age_rules` limit to age-restricted places.

        A suspension, a pause or a block is not a property of a model: it refuses the order later, with its reason.
        """
        policy = GuildPolicy(0, age_rules=age_rules)

        def may_use_for(model: Model, task: Task) -> bool:
            facts = self._facts(model)
            asked = Asked(0, NOBODY, facts, task, Circumstances(), facts.cheapest_mcr, 0)
            return all(step.outcome is not Outcome.REFUSES for step in judge_use_by(rules, asked, policy))

        def may_use(model: Model) -> bool:
            return any(may_use_for(model, one) for one in model.tasks if task in (None, one))

        every = self._catalogue.models() if task is None else self._catalogue.for_task(task)
        return UsableModels((model for model in every if model.enabled), may_use)

    async def allow(self, guild: int, model: str, by: int) -> None:
        """Let members use a model in the whole server. Raises UnknownModel."""
        await self._set(guild, model, by, Effect.ALLOW, instead_of=Effect.DENY)

    async def deny(self, guild: int, model: str, by: int) -> None:
        """Forbid members from using a model in the whole server. Raises UnknownModel."""
        await self._set(guild, model, by, Effect.DENY, instead_of=Effect.ALLOW)

    async def _set(self, guild: int, model: str, by: int, effect: Effect, *, instead_of: Effect) -> None:
        target = Target(What.MODEL, self._catalogue.get(model).id)
        at_ms = self._clock.now_ms()

        def swap() -> Operation[None]:
            # Denying wins over allowing, so the opposite rule has to go.
            yield from rule_rows.remove_same(guild, Rule(instead_of, target), actor=by, at_ms=at_ms)
            yield from rule_rows.set_rule(guild, Rule(effect, target), actor=by, at_ms=at_ms)

        await self.change(guild, swap)

    def _facts(self, model: Model) -> ModelFacts:
        cheapest_mcr = self._catalogue.cheapest_mcr(model)
        return ModelFacts(model.id, cheapest_mcr, self._catalogue.is_video(model), model.off)
