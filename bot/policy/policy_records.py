"""The records of the policy: rules, limits, what is asked, and the verdict. Money is in milli-credits, times in ms.

`judge` (bot/policy/judge.py) makes a `Verdict` from `Asked`, `GuildPolicy` and `Usage`, and reads nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from types import MappingProxyType

from bot.calendar_periods import Every, Recurring, zone
from bot.catalogue.order import Task
from bot.errors import Fact, Refused


class Effect(StrEnum):
    """The effect of a rule."""

    ALLOW = "allow"
    DENY = "deny"


class What(StrEnum):
    """The kind of thing that a rule is about."""

    MODEL = "model"
    TASK = "task"
    FAMILY = "family"
    """All models of one provider: `google` for `google/veo-3`."""
    EVERYTHING = "everything"


class RuleScope(StrEnum):
    """The place or the people to which a rule or a limit applies. A thread belongs to its channel."""

    SERVER = "server"
    CATEGORY = "category"
    CHANNEL = "channel"
    ROLE = "role"
    MEMBER = "member"
    MODEL = "model"
    """For limits only."""


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a rule. `name` is a model's id, a task or a provider's name; empty for everything."""

    what: What
    name: str = ""


EVERYTHING = Target(What.EVERYTHING)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a guild. `subject` is the id of the category, channel, role or member; 0 for the whole server.

    With a ceiling, an allowing rule covers orders up to this price, and a denying rule refuses orders above it. A rule
    is void from `until_ms` on. `number` identifies it to people; 0 before it is stored. The results of orders that a
    `spoiler` rule allows are hidden until they are pressed.
    """

    effect: Effect
    target: Target
    scope: RuleScope = RuleScope.SERVER
    subject: int = 0
    ceiling_mcr: int | None = None
    until_ms: int | None = None
    number: int = 0
    spoiler: bool = False


class LimitKind(StrEnum):
    """The quantity that a limit restricts."""

    CONCURRENT = "concurrent"
    """Jobs that have not ended."""
    JOB = "job"
    """Credits for one job."""
    DAY = "day"
    """Credits per calendar day in the guild's time zone."""
    WEEK = "week"
    """Credits per ISO week, which begins on Monday."""
    MONTH = "month"
    COOLDOWN = "cooldown"
    """The minimum time from one order to the next, in seconds."""


PERIODS: Mapping[LimitKind, Recurring] = MappingProxyType(
    {
        LimitKind.DAY: Every.DAY,
        LimitKind.WEEK: Every.WEEK,
        LimitKind.MONTH: Every.MONTH,
    }
)
"""The kinds that limit credits in a calendar period."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a guild. `subject` is an id, or a model's id; empty for the server. `amount` is in the kind's unit.

    If `shared`, it is a budget: it limits the combined usage of all members in the server or channel, of the model, or
    with the role. Otherwise it limits each member separately: the given member, those with the role, or (server)
    everyone.
    """

    kind: LimitKind
    scope: RuleScope
    subject: str
    amount: int
    shared: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class ChannelDefaults:
    """The defaults for orders in a channel, if neither the order nor its member says otherwise. None means unset."""

    channel: int
    model: str | None = None
    aspect: str | None = None
    visibility: str | None = None
    spoiler: bool | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of orders for one task, or for all tasks (None). `reason` is a moderator's and is shown to members."""

    task: Task | None
    reason: str
    actor: int
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A block: the member may not order anything. `case` is the number of the moderators' case; 0 if there is none."""

    member: int
    reason: str
    until_ms: int | None = None
    case: int = 0


@dataclass(frozen=True, slots=True)
class PromptFinding:
    """A prompt rule that matched text in the order. `source` is `automod` or `words`; `rule` is the rule's name.

    If it `flags`, the order is not refused but waits for approval if a rule requires that.
    """

    source: str
    rule: str
    flags: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """A rule that makes orders wait for a moderator if all its conditions match: price, new member, flagged prompt.

    A member is new for `newer_than_days` after joining, and until `fewer_than_jobs` of their jobs have had a result.
    """

    target: Target = EVERYTHING
    above_mcr: int | None = None
    newer_than_days: int | None = None
    fewer_than_jobs: int | None = None
    flagged: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class GuildPolicy:
    """Everything that a guild has decided, as read at one version (bot/policy/guild_policy_rows.py).

    Nothing in it depends on an order, so it is kept in memory until something changes. `approved` are the members who
    are exempt from an approval rule, with the rule's number. `places` are the only channels and categories in which
    orders are allowed; if there are none, orders are allowed everywhere. `suspended` is the operator's reason for
    switching the whole guild off; None if it is on.
    """

    guild: int
    version: int = 0
    time_zone: str = "UTC"
    rules: tuple[Rule, ...] = ()
    limits: tuple[Limit, ...] = ()
    age_rules: tuple[Target, ...] = ()
    channels: Mapping[int, ChannelDefaults] = field(default_factory=lambda: MappingProxyType({}))
    pauses: tuple[Pause, ...] = ()
    blocks: Mapping[int, Block] = field(default_factory=lambda: MappingProxyType({}))
    approvals: tuple[ApprovalRule, ...] = ()
    approved: frozenset[tuple[int, int]] = frozenset()
    places: frozenset[int] = frozenset()
    suspended: str | None = None

    @property
    def zone(self) -> tzinfo:
        """The time zone in which the guild's days, weeks and months begin."""
        return zone(self.time_zone)

    @property
    def needs_usage(self) -> bool:
        """Whether the usage so far can change the verdict."""
        return bool(self.limits or self.approvals)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The place and the person that a request comes from, as the interaction states them.

    For a thread, `channel` and `category` are those of its channel; `category` is 0 if there is none. `permissions` are
    the member's in this place, `app_permissions` the bot's; None if these do not matter. `joined_ms` is when the member
    joined; None if unknown.
    """

    channel: int = 0
    category: int = 0
    in_thread: bool = False
    age_restricted: bool = False
    roles: frozenset[int] = frozenset()
    permissions: int = 0
    app_permissions: int | None = None
    joined_ms: int | None = None


NOBODY = 0
"""Stands for the member in a question about everyone: no rule or limit is for this member or their roles."""


@dataclass(frozen=True, slots=True)
class Requester:
    """The person who asks, and the place."""

    guild: int
    member: int
    here: Circumstances = Circumstances()


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """A member's wish to use a model for a task. `texts` are the order's texts that prompt rules apply to."""

    asker: Requester
    model: str
    task: Task
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The facts about a model that the judge needs.

    `off` is the operator's reason for switching it off; None if it is on.
    """

    id: str
    cheapest_mcr: int
    is_video: bool
    off: str | None = None

    @property
    def family(self) -> str:
        """The name of its provider."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Asked:
    """An order, or a question about one, with everything outside the guild's policy that its verdict depends on.

    `price_mcr` is the order's price, or that of the model's cheapest order if it is not known yet.
    """

    guild: int
    member: int
    model: ModelFacts
    task: Task
    here: Circumstances
    price_mcr: int
    at_ms: int
    prompt_findings: tuple[PromptFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """The usage in the periods for which `Usage` was read, and the time of the last use; 0 for never.

    `finished` is how many jobs have ever had a result.
    """

    day_mcr: int = 0
    week_mcr: int = 0
    month_mcr: int = 0
    running: int = 0
    last_ms: int = 0
    finished: int = 0

    def of(self, period: LimitKind) -> int:
        """Return the usage in a period."""
        return {LimitKind.DAY: self.day_mcr, LimitKind.WEEK: self.week_mcr, LimitKind.MONTH: self.month_mcr}[period]


@dataclass(frozen=True, slots=True)
class Counter:
    """The key of a usage counter: a member, or a server, channel, role or model with a shared limit."""

    scope: RuleScope
    subject: str


NOTHING_USED = Used()


@dataclass(frozen=True, slots=True)
class Usage:
    """The usage so far, and the payer's credits. Read before an order, it is a prediction; see `admission`.

    `drawable_mcr` is what allowances would add to the payer's credits. `available_mcr` is None if it is not known and
    must not be judged.
    """

    used: Mapping[Counter, Used] = field(default_factory=lambda: MappingProxyType({}))
    available_mcr: int | None = None
    held_mcr: int = 0
    drawable_mcr: int = 0

    def of(self, counter: Counter) -> Used:
        """Return the usage of one counter."""
        return self.used.get(counter, NOTHING_USED)


class StepName(StrEnum):
    """The steps of a verdict, in their order."""

    OPERATOR = "operator"
    PAUSE = "pause"
    BLOCK = "block"
    PLACE = "place"
    DENY = "deny"
    ALLOW = "allow"
    PROMPT = "prompt"
    LIMITS = "limits"
    APPROVAL = "approval"
    CREDITS = "credits"


class Outcome(StrEnum):
    """The result of a step."""

    PASSES = "passes"
    REFUSES = "refuses"
    WAITS = "waits"
    """The order is accepted, but waits for a moderator."""


Decider = Rule | Limit | Pause | Block | PromptFinding | ApprovalRule | Target
"""The records that can decide a step."""


@dataclass(frozen=True, slots=True)
class VerdictStep:
    """The result of one step. `reason` is the key of the text that names what decided; `facts` fill in that text.

    `by` is the rule or limit that decided, if one did. A refusal can be raised: `refusal` is its error.
    """

    name: StepName
    outcome: Outcome
    reason: str
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    by: Decider | None = None
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of all steps, in their order."""

    steps: tuple[VerdictStep, ...]

    @property
    def allowed(self) -> bool:
        """Whether no step refuses."""
        return self.first_refusing is None

    @property
    def first_refusing(self) -> VerdictStep | None:
        """The first step that would refuse the order; None if there is none."""
        return next((step for step in self.steps if step.outcome is Outcome.REFUSES), None)

    @property
    def refusal(self) -> Refused | None:
        """The error with which an order would be refused; None if it would not be."""
        step = self.first_refusing
        return None if step is None else step.refusal

    @property
    def waits_for(self) -> VerdictStep | None:
        """The step that makes an allowed order wait for a moderator; None if it would not wait."""
        return next((step for step in self.steps if step.outcome is Outcome.WAITS), None) if self.allowed else None
