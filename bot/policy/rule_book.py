"""Changes a guild's decisions: rules, limits, age rules, channel defaults and the time zone."""

from collections.abc import Callable, Iterable

from bot.audit import audit_rows
from bot.audit.audit_rows import AuditEntry, AuditFilter
from bot.calendar_periods import is_zone
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import Task
from bot.clock import Clock
from bot.errors import InvalidSetting, NotFound
from bot.policy import approval_rule_rows, rule_rows
from bot.policy.approval_rule_rows import Exemption
from bot.policy.policy import Policy
from bot.policy.policy_records import ApprovalRule, ChannelDefaults, Limit, Rule, RuleScope, Target, What
from bot.storage.operation import Database, Operation

MOST_RULES = 500
"""The maximum number of rules, and of limits, per guild, so that judging an order stays under a millisecond."""

MOST_PLACES = 25
"""The maximum number of channels to which a guild can limit Easel: as many as can be selected at once."""

MOST_APPROVALS = 25
"""The maximum number of approval rules per guild: as many as a list of suggestions can show."""


class RuleBook:
    """The changes that moderators may make. Every change is audited, and applies from the next order on."""

    def __init__(self, database: Database, policy: Policy, catalogue: Catalogue, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._catalogue = catalogue
        self._clock = clock

    async def add_rule(self, guild: int, rule: Rule, by: int) -> int:
        """Set a rule and return its number. Raises UnknownModel, NotFound and InvalidSetting."""
        self._check(rule.target)
        at_ms = self._clock.now_ms()
        if len((await self._policy.of_guild(guild)).rules) >= MOST_RULES:
            raise InvalidSetting(wrong="too-many", most=MOST_RULES)
        if rule.until_ms is not None and rule.until_ms <= at_ms:
            raise InvalidSetting(wrong="past")
        return await self._policy.change(guild, lambda: rule_rows.set_rule(guild, rule, actor=by, at_ms=at_ms))

    async def remove_rule(self, guild: int, number: int, by: int) -> Rule:
        """Remove a rule and return it. Raises NotFound."""
        at_ms = self._clock.now_ms()
        rule = await self._policy.change(guild, lambda: rule_rows.remove_rule(guild, number, actor=by, at_ms=at_ms))
        if rule is None:
            raise NotFound(what="rule", name=str(number))
        return rule

    async def set_limit(self, guild: int, limit: Limit, by: int) -> int:
        """Set a limit and return its number. Raises UnknownModel and InvalidSetting."""
        if limit.scope is RuleScope.MODEL:
            self._catalogue.get(limit.subject)
        if len((await self._policy.of_guild(guild)).limits) >= MOST_RULES:
            raise InvalidSetting(wrong="too-many", most=MOST_RULES)
        at_ms = self._clock.now_ms()
        return await self._policy.change(guild, lambda: rule_rows.set_limit(guild, limit, actor=by, at_ms=at_ms))

    async def remove_limit(self, guild: int, number: int, by: int) -> Limit:
        """Remove a limit and return it. Raises NotFound."""
        at_ms = self._clock.now_ms()
        limit = await self._policy.change(guild, lambda: rule_rows.remove_limit(guild, number, actor=by, at_ms=at_ms))
        if limit is None:
            raise NotFound(what="limit", name=str(number))
        return limit

    async def set_age_rule(self, guild: int, target: Target, by: int, *, on: bool) -> None:
        """Restrict a target to age-restricted channels, or allow it everywhere again. Raises UnknownModel, NotFound."""
        self._check(target)
        at_ms = self._clock.now_ms()
        await self._policy.change(guild, lambda: rule_rows.set_age_rule(guild, target, on=on, actor=by, at_ms=at_ms))

    async def set_channel(self, guild: int, defaults: ChannelDefaults, by: int) -> None:
        """Set the defaults of a channel. Raises UnknownModel."""
        if defaults.model is not None:
            self._catalogue.get(defaults.model)
        at_ms = self._clock.now_ms()
        await self._policy.change(guild, lambda: rule_rows.set_channel(guild, defaults, actor=by, at_ms=at_ms))

    async def set_places(self, guild: int, places: Iterable[int], by: int) -> None:
        """Let Easel be used in these channels and categories only; everywhere if there are none."""
        wanted = frozenset(places)
        await self._change_places(guild, lambda _: wanted, by)

    async def set_place(self, guild: int, place: int, by: int, *, on: bool) -> None:
        """Add a channel to those that Easel is limited to, or remove it. Raises InvalidSetting."""
        await self._change_places(guild, lambda known: known | {place} if on else known - {place}, by)

    async def _change_places(self, guild: int, change: Callable[[frozenset[int]], frozenset[int]], by: int) -> None:
        at_ms = self._clock.now_ms()

        def write() -> Operation[None]:
            after = yield from rule_rows.set_places(guild, change, actor=by, at_ms=at_ms)
            if len(after) > MOST_PLACES:
                raise InvalidSetting(wrong="too-many", most=MOST_PLACES)

        await self._policy.change(guild, write)

    async def set_time_zone(self, guild: int, time_zone: str, by: int) -> None:
        """Set the time zone in which days, weeks and months begin, by its IANA name. Raises InvalidSetting."""
        if not is_zone(time_zone):
            raise InvalidSetting(wrong="time-zone")
        at_ms = self._clock.now_ms()
        await self._policy.change(guild, lambda: rule_rows.set_time_zone(guild, time_zone, actor=by, at_ms=at_ms))

    async def add_approval(self, guild: int, rule: ApprovalRule, by: int) -> int:
        """Make orders that match a rule wait for a moderator; return the rule's number.

        Raises UnknownModel, NotFound and InvalidSetting.
        """
        self._check(rule.target)
        if len((await self._policy.of_guild(guild)).approvals) >= MOST_APPROVALS:
            raise InvalidSetting(wrong="too-many", most=MOST_APPROVALS)
        at_ms = self._clock.now_ms()
        return await self._policy.change(guild, lambda: approval_rule_rows.add(guild, rule, actor=by, at_ms=at_ms))

    async def remove_approval(self, guild: int, number: int, by: int) -> ApprovalRule:
        """Remove an approval rule and return it. Orders that wait because of it keep waiting. Raises NotFound."""
        at_ms = self._clock.now_ms()
        rule = await self._policy.change(guild, lambda: approval_rule_rows.remove(guild, number, actor=by, at_ms=at_ms))
        if rule is None:
            raise NotFound(what="approval", name=str(number))
        return rule

    async def exemptions(self, guild: int) -> tuple[Exemption, ...]:
        """Return the members who are exempt from an approval rule."""
        return await self._database.read(lambda: approval_rule_rows.exemptions(guild))

    async def log(self, wanted: AuditFilter, limit: int) -> list[AuditEntry]:
        """Return the newest changes that match."""
        return await self._database.read(lambda: audit_rows.read(wanted, limit))

    def _check(self, target: Target) -> None:
        """Raise UnknownModel, or NotFound, for a target that no order can have."""
        if target.what is What.MODEL:
            self._catalogue.get(target.name)
        elif target.what is What.TASK and target.name not in set(Task):
            raise NotFound(what="task", name=target.name)
        elif target.what is What.FAMILY and target.name not in self.families():
            raise NotFound(what="family", name=target.name)

    def families(self) -> tuple[str, ...]:
        """Return the names of the models' providers, in alphabetical order."""
        return tuple(sorted({model.id.partition("/")[0] for model in self._catalogue.models()}))
