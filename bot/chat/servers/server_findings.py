"""The problems that `/easel-admin doctor` can find in a server. Pure: it reads only its arguments.

`easel check` examines the operator's side; this examines what the admins of one server can see and fix.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.clock import CLOCK_WARNING_MS
from bot.errors import Fact
from bot.funding.allowances import Allowance
from bot.funding.forecast import Forecast, Pace
from bot.guilds.guild_settings import GuildSettings, Payer
from bot.permissions import NeededPermission, missing
from bot.policy.policy_records import Effect, GuildPolicy, Rule, RuleScope, Target, What
from bot.provider.probe import KeyState

ENDS_SOON = timedelta(days=7)
"""A pool that may not last longer than this is worth a warning."""


class Weight(StrEnum):
    """How much a finding matters, shown as the symbol in front of it."""

    WRONG = "⛔"
    WARNING = "⚠️"
    HINT = "💡"
    """A hint that a server may ignore."""


class Found(StrEnum):
    """The possible findings, in the order in which they are shown. The values are parts of text keys."""

    SUSPENDED = "suspended"
    PROVIDER = "provider"
    ORDERS = "orders"
    PART = "part"
    RECORDS = "records"
    """The server's settings cannot be read, so not everything was examined."""
    PAUSED = "paused"
    PERMISSION = "permission"
    HIDDEN_EVERYWHERE = "hidden-everywhere"
    HIDDEN = "hidden"
    NO_PLACE = "no-place"
    PLACES_GONE = "places-gone"
    PLACE_GONE = "place-gone"
    LOG_GONE = "log-gone"
    LOG_CLOSED = "log-closed"
    LOG_OPEN = "log-open"
    AUTOMOD_UNKNOWN = "automod-unknown"
    POOL_EMPTY = "pool-empty"
    POOL_ENDS = "pool-ends"
    NO_CREDITS = "no-credits"
    RULE_GONE = "rule-gone"
    LIMIT_GONE = "limit-gone"
    ALLOWANCE_GONE = "allowance-gone"
    RULE_BEATEN = "rule-beaten"
    RULE_OUTSIDE = "rule-outside"
    CLOCK = "clock"
    NO_LOG = "no-log"
    NO_AUTOMOD = "no-automod"
    AUTOMOD_GAPS = "automod-gaps"
    LANGUAGE = "language"


HINTS = frozenset({Found.HIDDEN, Found.NO_LOG, Found.NO_AUTOMOD, Found.AUTOMOD_GAPS, Found.LANGUAGE})
WARNINGS = frozenset({
    Found.POOL_ENDS, Found.NO_CREDITS, Found.RULE_GONE, Found.LIMIT_GONE, Found.ALLOWANCE_GONE, Found.RULE_BEATEN,
    Found.RULE_OUTSIDE, Found.CLOCK, Found.PLACE_GONE, Found.PAUSED, Found.NO_PLACE,
    Found.LOG_OPEN, Found.HIDDEN_EVERYWHERE,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServerFinding:
    """A problem that was found, with the facts for its texts. `permission`, `part` and `task` are text keys too."""

    found: Found
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    channels: tuple[int, ...] = ()

    @property
    def weight(self) -> Weight:
        """How much this finding matters."""
        if self.found in HINTS:
            return Weight.HINT
        return Weight.WARNING if self.found in WARNINGS else Weight.WRONG


@dataclass(frozen=True, slots=True)
class SeenChannel:
    """A channel for using Easel, with the permissions that the bot needs and has there.

    `for_members` says whether a role for members can use commands there.
    """

    id: int
    needed: tuple[NeededPermission, ...]
    granted: int
    for_members: bool = True


@dataclass(frozen=True, slots=True)
class SeenServer:
    """Discord's facts about a server, including its channels for using Easel, and all channels with their category.

    `hidden` are the channels in which its admins hide the main command from members without a role.
    """

    usable: tuple[SeenChannel, ...]
    channels: Mapping[int, int]
    roles: frozenset[int]
    log_lacks: tuple[str, ...] = ()
    log_is_open: bool = False
    hidden: tuple[int, ...] = ()
    speaks_its_language: bool = True


@dataclass(frozen=True, slots=True)
class OperatorState:
    """The operator's side: the provider, parts that do not work, and how far each clock is off."""

    provider: KeyState = KeyState.OK
    broken: tuple[str, ...] = ()
    clocks_ms: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ServerState:
    """Everything that determines the findings. `automod_readable` is None if AutoMod's rules were never read."""

    seen: SeenServer
    policy: GuildPolicy
    settings: GuildSettings
    forecast: Forecast
    today: date
    allowances: tuple[Allowance, ...] = ()
    anyone_has_credits: bool = True
    automod_readable: bool | None = True
    automod_gaps: int = 0
    operation: OperatorState = field(default_factory=OperatorState)


def findings(state: ServerState, at_ms: int) -> tuple[ServerFinding, ...]:
    """Return everything that is wrong or could be better, the most important first."""
    return _by_weight(
        (
            *_of_operation(state.operation),
            *_of_permissions(state.seen),
            *_of_commands(state.seen),
            *_of_stops(state.policy, at_ms),
            *_of_places(state),
            *_of_log(state),
            *_of_prompts(state),
            *_of_money(state),
            *_of_references(state),
            *_of_contradictions(state, at_ms),
            *(() if state.seen.speaks_its_language else (ServerFinding(Found.LANGUAGE),)),
        )
    )


def findings_without_records(seen: SeenServer, operation: OperatorState) -> tuple[ServerFinding, ...]:
    """Return the findings that are possible even if the server's settings cannot be read."""
    return _by_weight((*_of_operation(operation), *_of_permissions(seen), ServerFinding(Found.RECORDS)))


def _by_weight(found: Iterable[ServerFinding]) -> tuple[ServerFinding, ...]:
    order = list(Weight), list(Found)
    return tuple(sorted(found, key=lambda one: (order[0].index(one.weight), order[1].index(one.found))))


def _of_operation(operation: OperatorState) -> Iterator[ServerFinding]:
    if operation.provider is not KeyState.OK:
        yield ServerFinding(Found.PROVIDER, {"state": operation.provider.value})
    for part in operation.broken:
        yield ServerFinding(Found.ORDERS) if part == "orders" else ServerFinding(Found.PART, {"part": part})
    for whose, offset_ms in operation.clocks_ms.items():
        if abs(offset_ms) > CLOCK_WARNING_MS:
            yield ServerFinding(Found.CLOCK, {"whose": whose, "offset_s": abs(offset_ms) / 1_000})


def _of_permissions(seen: SeenServer) -> Iterator[ServerFinding]:
    lacking: dict[str, list[int]] = {}
    for channel in seen.usable:
        for name in lacks(channel):
            lacking.setdefault(name, []).append(channel.id)
    for name, channels in lacking.items():
        yield ServerFinding(Found.PERMISSION, {"permission": name}, tuple(channels))


def _of_commands(seen: SeenServer) -> Iterator[ServerFinding]:
    used = {channel.id for channel in seen.usable if channel.for_members}
    hidden = tuple(channel for channel in seen.hidden if channel in used)
    if hidden and len(hidden) == len(used):
        yield ServerFinding(Found.HIDDEN_EVERYWHERE)
    elif hidden:
        yield ServerFinding(Found.HIDDEN, channels=hidden)


def lacks(channel: SeenChannel) -> tuple[str, ...]:
    """Return the permissions missing in a channel, except those that Discord denies because another is missing."""
    names = missing(channel.needed, channel.granted)
    if "view-channel" in names:
        return ("view-channel",)
    if "send-messages" in names:
        return tuple(name for name in names if name not in {"embed-links", "attach-files"})
    return names


def _of_stops(policy: GuildPolicy, at_ms: int) -> Iterator[ServerFinding]:
    if policy.suspended is not None:
        yield ServerFinding(Found.SUSPENDED, {"because": policy.suspended})
    for pause in policy.pauses:
        if pause.until_ms is None or pause.until_ms > at_ms:
            task = pause.task.value if pause.task else "none"
            yield ServerFinding(Found.PAUSED, {"task": task, "because": pause.reason})


def _of_places(state: ServerState) -> Iterator[ServerFinding]:
    gone = tuple(sorted(place for place in state.policy.places if place not in state.seen.channels))
    if gone and len(gone) == len(state.policy.places):
        yield ServerFinding(Found.PLACES_GONE)
        return
    if gone:
        yield ServerFinding(Found.PLACE_GONE, {"gone": len(gone)})
    if not any(channel.for_members for channel in state.seen.usable):
        yield ServerFinding(Found.NO_PLACE)


def _of_log(state: ServerState) -> Iterator[ServerFinding]:
    channel = state.settings.log_channel
    if channel is None:
        yield ServerFinding(Found.NO_LOG)
        return
    if channel not in state.seen.channels:
        yield ServerFinding(Found.LOG_GONE)
        return
    if state.seen.log_is_open:
        yield ServerFinding(Found.LOG_OPEN, channels=(channel,))
    if state.seen.log_lacks:
        yield ServerFinding(Found.LOG_CLOSED, {"permission": state.seen.log_lacks[0]}, (channel,))


def _of_prompts(state: ServerState) -> Iterator[ServerFinding]:
    if state.automod_readable is None:
        yield ServerFinding(Found.AUTOMOD_UNKNOWN)
    elif not state.automod_readable:
        yield ServerFinding(Found.NO_AUTOMOD)
    elif state.automod_gaps:
        yield ServerFinding(Found.AUTOMOD_GAPS, {"gaps": state.automod_gaps})


def _of_money(state: ServerState) -> Iterator[ServerFinding]:
    pace, first = state.forecast.pace, state.forecast.first
    pool_is_needed = state.settings.payer is Payer.POOL or bool(state.allowances)
    if pace is Pace.EMPTY and pool_is_needed:
        yield ServerFinding(Found.POOL_EMPTY, {"payer": state.settings.payer.value})
    elif pool_is_needed and first is not None and first - state.today <= ENDS_SOON:
        yield ServerFinding(Found.POOL_ENDS, {"first": first.isoformat()})
    if state.settings.payer is Payer.MEMBER and not state.anyone_has_credits and not state.allowances:
        yield ServerFinding(Found.NO_CREDITS)


def _of_references(state: ServerState) -> Iterator[ServerFinding]:
    for rule in state.policy.rules:
        if _is_gone(rule.scope, rule.subject, state.seen):
            yield ServerFinding(Found.RULE_GONE, {"number": rule.number, "kind": _kind(rule.scope)})
    for limit in state.policy.limits:
        if limit.subject.isdecimal() and _is_gone(limit.scope, int(limit.subject), state.seen):
            yield ServerFinding(Found.LIMIT_GONE, {"number": limit.number, "kind": _kind(limit.scope)})
    for allowance in state.allowances:
        if allowance.role not in state.seen.roles:
            yield ServerFinding(Found.ALLOWANCE_GONE, {"number": allowance.id})


def _kind(scope: RuleScope) -> str:
    return "role" if scope is RuleScope.ROLE else "channel"


def _is_gone(scope: RuleScope, subject: int, seen: SeenServer) -> bool:
    if scope is RuleScope.ROLE:
        return subject not in seen.roles
    return scope in {RuleScope.CHANNEL, RuleScope.CATEGORY} and subject not in seen.channels


def _of_contradictions(state: ServerState, at_ms: int) -> Iterator[ServerFinding]:
    rules = [one for one in state.policy.rules if one.until_ms is None or one.until_ms > at_ms]
    allowing = [one for one in rules if one.effect is Effect.ALLOW]
    denying = [one for one in rules if one.effect is Effect.DENY and one.ceiling_mcr is None]
    for rule in allowing:
        beaten_by = next((one for one in denying if _includes(one, rule, state)), None)
        if beaten_by is not None:
            yield ServerFinding(Found.RULE_BEATEN, {"number": rule.number, "other": beaten_by.number})
        elif _is_outside(rule, state):
            yield ServerFinding(Found.RULE_OUTSIDE, {"number": rule.number})


def _includes(denying: Rule, allowing: Rule, state: ServerState) -> bool:
    """Return whether one rule denies everything that the other allows."""
    same = (denying.scope, denying.subject) == (allowing.scope, allowing.subject)
    within = denying.scope is RuleScope.CATEGORY and state.seen.channels.get(allowing.subject) == denying.subject
    is_for_all = denying.scope is RuleScope.ROLE and denying.subject == state.policy.guild  # the @everyone role
    everywhere = denying.scope is RuleScope.SERVER or is_for_all
    return (everywhere or same or within) and _covers(denying.target, allowing.target)


def _covers(wide: Target, narrow: Target) -> bool:
    if wide.what is What.EVERYTHING or wide == narrow:
        return True
    family = narrow.name.partition("/")[0]
    return wide.what is What.FAMILY and narrow.what is What.MODEL and wide.name == family


def _is_outside(rule: Rule, state: ServerState) -> bool:
    """Return whether a rule is for a channel in which Easel cannot be used."""
    places, category = state.policy.places, state.seen.channels.get(rule.subject)
    if not places or rule.scope not in {RuleScope.CHANNEL, RuleScope.CATEGORY} or category is None:
        return False
    inside = any(one in places for one, above in state.seen.channels.items() if above == rule.subject)
    return not inside and rule.subject not in places and category not in places


def is_well(found: Iterable[ServerFinding]) -> bool:
    """Return whether nothing needs to be fixed."""
    return all(one.weight is Weight.HINT for one in found)
