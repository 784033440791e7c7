"""`/easel-mod rules`, `limits`, `age` and `log`, and `/easel-admin channel`: who may make what, where, for how much."""

from collections.abc import Sequence
from typing import Any, cast

import discord
from discord import app_commands

from bot.chat.discord.command_facts import AnyCommand, Topic, declare
from bot.chat.discord.credit_option import Credits
from bot.chat.discord.responses import Responder
from bot.chat.moderation.change_log import ChangeLog
from bot.chat.moderation.rule_replies import RuleReplies, ScopeOptions, TargetOptions
from bot.chat.ordering.autocomplete import Autocomplete
from bot.chat.replies.why import Question, Why, place_of
from bot.errors import NotAllowed
from bot.policy.policy_records import ChannelDefaults, Effect, LimitKind
from cogs.account import TASKS
from cogs.help import Channel, ChannelOption
from cogs.options import VISIBILITIES, numbered_choices

EFFECTS = [
    app_commands.Choice(name="Allow", value=Effect.ALLOW.value),
    app_commands.Choice(name="Forbid", value=Effect.DENY.value),
]
KINDS = [
    app_commands.Choice(name="Unfinished jobs at a time", value=LimitKind.CONCURRENT.value),
    app_commands.Choice(name="Credits per job", value=LimitKind.JOB.value),
    app_commands.Choice(name="Credits per day", value=LimitKind.DAY.value),
    app_commands.Choice(name="Credits per week", value=LimitKind.WEEK.value),
    app_commands.Choice(name="Credits per month", value=LimitKind.MONTH.value),
    app_commands.Choice(name="Seconds from one order to the next", value=LimitKind.COOLDOWN.value),
]
AREA_CHARACTERS = 32
ZONE_CHARACTERS = 64
FAMILY_CHARACTERS = 64

Days = app_commands.Range[int, 1, 3_650]
Number = app_commands.Range[int, 1, 1_000_000]


class PlaceWithRules(Channel):
    """An option for a channel or a category. Threads have the rules of their channel."""

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """Return the types of channels that rules can apply to."""
        kind = discord.ChannelType
        return [kind.text, kind.news, kind.voice, kind.stage_voice, kind.forum, kind.category]


Place = app_commands.Transform[ChannelOption, PlaceWithRules]


def _within(channel: ChannelOption | None, role: discord.Role | None, user: discord.User | None) -> ScopeOptions:
    return ScopeOptions(
        channel=channel.id if channel else None,
        is_category=channel is not None and channel.type is discord.ChannelType.category,
        role=role.id if role else None,
        member=user.id if user else None,
    )


def require_moderator(interaction: discord.Interaction[Any]) -> None:
    """Raise NotAllowed without Manage Messages: on the Integrations page, admins can give anyone a command."""
    if not interaction.permissions.manage_messages:
        raise NotAllowed(rule="manage-messages")


class RuleCommands(app_commands.Group):
    """The `/easel-mod rules` commands."""

    def __init__(self, responder: Responder, replies: RuleReplies, why: Why, autocomplete: Autocomplete) -> None:
        super().__init__(
            name="rules", description="Choose who can make what, and where", extras=declare(Topic.MODERATORS)
        )
        self._responder = responder
        self._replies = replies
        self._why = why
        self._autocomplete = autocomplete

    @app_commands.command()
    @app_commands.describe(
        effect="Whether to allow or to forbid it",
        model="This model only",
        task="This kind of task only",
        family="All models of this provider",
        channel="In this channel or category only",
        role="For members with this role only",
        user="For this member only",
        ceiling="Allow orders up to this many credits, or forbid those above",
        days="Number of days until the rule ends",
        spoiler="Hide the results until they are pressed",
    )
    @app_commands.choices(effect=EFFECTS, task=TASKS)
    async def add(
        self,
        interaction: discord.Interaction[Any],
        effect: str,
        model: str | None = None,
        task: str | None = None,
        family: app_commands.Range[str, 1, FAMILY_CHARACTERS] | None = None,
        channel: Place | None = None,
        role: discord.Role | None = None,
        user: discord.User | None = None,
        ceiling: app_commands.Transform[int, Credits] | None = None,
        days: Days | None = None,
        spoiler: bool = False,
    ) -> None:
        """Add a rule. A rule that forbids wins over one that allows."""
        require_moderator(interaction)
        about, within = TargetOptions(model, task, family), _within(channel, role, user)
        reply = self._replies.add_rule(
            interaction, Effect(effect), about, within, ceiling_mcr=ceiling, days=days, spoiler=spoiler
        )
        await self._responder.privately(interaction, reply)

    @app_commands.command(name="list")
    async def list_rules(self, interaction: discord.Interaction[Any]) -> None:
        """Show the rules of this server."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.rules(interaction))

    @app_commands.command()
    @app_commands.describe(number="Number of the rule, as the list shows it")
    async def remove(self, interaction: discord.Interaction[Any], number: Number) -> None:
        """Remove a rule."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.remove_rule(interaction, number))

    @app_commands.command()
    @app_commands.describe(user="Member to test", model="Model to test", channel="Channel to test; this one otherwise")
    async def test(
        self,
        interaction: discord.Interaction[Any],
        user: discord.User,
        model: str,
        channel: app_commands.Transform[ChannelOption, Channel] | None = None,
    ) -> None:
        """Test whether a member could use a model, and which rule decides."""
        require_moderator(interaction)
        place = place_of(interaction, channel.id) if channel else None
        question = Question(None, model, place, user, channel.id if channel else None)
        await self._responder.privately(interaction, self._why.answer(interaction, question))

    @add.autocomplete("model")
    @test.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.every_model(interaction, typed)

    @remove.autocomplete("number")
    async def _known(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[int]]:
        require_moderator(interaction)
        return numbered_choices(await self._replies.known_rules(interaction, typed))

    @add.autocomplete("family")
    async def _families(self, _interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=name, value=name) for name in self._replies.families(typed)]


class LimitCommands(app_commands.Group):
    """The `/easel-mod limits` commands."""

    def __init__(self, responder: Responder, replies: RuleReplies, autocomplete: Autocomplete) -> None:
        super().__init__(name="limits", description="Limit jobs and credits", extras=declare(Topic.MODERATORS))
        self._responder = responder
        self._replies = replies
        self._autocomplete = autocomplete

    @app_commands.command(name="set")
    @app_commands.describe(
        kind="What to limit",
        amount="Number of jobs, credits or seconds",
        role="For each member with this role",
        user="For this member",
        channel="For all members combined in this channel",
        model="For all members combined with this model",
        together="Count what everyone uses together, not each member separately",
    )
    @app_commands.choices(kind=KINDS)
    async def set_limit(
        self,
        interaction: discord.Interaction[Any],
        kind: str,
        amount: app_commands.Transform[int, Credits],
        role: discord.Role | None = None,
        user: discord.User | None = None,
        channel: Place | None = None,
        model: str | None = None,
        together: bool = False,
    ) -> None:
        """Set a limit for each member here, or for those that you name."""
        require_moderator(interaction)
        named = _within(channel, role, user)
        within = ScopeOptions(named.channel, named.is_category, named.role, named.member, model)
        reply = self._replies.set_limit(interaction, LimitKind(kind), amount, within, shared=together)
        await self._responder.privately(interaction, reply)

    @app_commands.command(name="list")
    async def list_limits(self, interaction: discord.Interaction[Any]) -> None:
        """Show the limits of this server."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.limits(interaction))

    @app_commands.command()
    @app_commands.describe(number="Number of the limit, as the list shows it")
    async def remove(self, interaction: discord.Interaction[Any], number: Number) -> None:
        """Remove a limit."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.remove_limit(interaction, number))

    @app_commands.command(name="time-zone")
    @app_commands.describe(zone="Name of a time zone, for example Europe/Berlin")
    async def time_zone(
        self, interaction: discord.Interaction[Any], zone: app_commands.Range[str, 1, ZONE_CHARACTERS]
    ) -> None:
        """Set the time zone in which days, weeks and months begin here."""
        require_moderator(interaction)
        await self._responder.privately(interaction, self._replies.set_time_zone(interaction, zone))

    @remove.autocomplete("number")
    async def _known(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[int]]:
        require_moderator(interaction)
        return numbered_choices(await self._replies.known_limits(interaction, typed))

    @set_limit.autocomplete("model")
    async def _models(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await self._autocomplete.every_model(interaction, typed)


def age_command(responder: Responder, replies: RuleReplies, autocomplete: Autocomplete) -> AnyCommand:
    """Return the command `/easel-mod age`."""

    @app_commands.command(name="age", extras=declare(Topic.MODERATORS))
    @app_commands.describe(
        restricted="Whether it can only be made in age-restricted channels",
        model="This model only",
        task="This kind of task only",
        family="All models of this provider",
    )
    @app_commands.choices(task=TASKS)
    async def age(
        interaction: discord.Interaction[Any],
        restricted: bool,
        model: str | None = None,
        task: str | None = None,
        family: app_commands.Range[str, 1, FAMILY_CHARACTERS] | None = None,
    ) -> None:
        """Choose what can only be made in age-restricted channels."""
        require_moderator(interaction)
        await responder.privately(
            interaction, replies.set_age(interaction, TargetOptions(model, task, family), on=restricted)
        )

    @age.autocomplete("model")
    async def _models(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await autocomplete.every_model(interaction, typed)

    return cast("AnyCommand", age)


def log_command(responder: Responder, log: ChangeLog) -> AnyCommand:
    """Return the command `/easel-mod log`."""

    @app_commands.command(name="log", extras=declare(Topic.MODERATORS))
    @app_commands.describe(
        user="Changes by this person only",
        area="Changes in this area only, for example rules or limits",
        days="Number of days to look back",
    )
    async def show_log(
        interaction: discord.Interaction[Any],
        user: discord.User | None = None,
        area: app_commands.Range[str, 1, AREA_CHARACTERS] | None = None,
        days: Days | None = None,
    ) -> None:
        """Show who changed what in this server."""
        require_moderator(interaction)
        reply = log.show(interaction, actor=user.id if user else None, area=area, days=days)
        await responder.privately(interaction, reply)

    return cast("AnyCommand", show_log)


def channel_command(responder: Responder, replies: RuleReplies, autocomplete: Autocomplete) -> AnyCommand:
    """Return the command `/easel-admin channel`."""

    @app_commands.command(name="channel", extras=declare(Topic.MODERATORS))
    @app_commands.describe(
        channel="Channel whose defaults to show or change",
        model="Model to use here if a member chooses none",
        aspect="Default aspect ratio (width:height), if the model supports it",
        visibility="Who can see results by default",
        spoiler="Hide all results here until they are pressed",
        only_here="Allow Easel only in this channel and others set like it; False takes the channel off that list",
        reset="Reset all defaults of this channel first",
    )
    @app_commands.choices(visibility=VISIBILITIES)
    async def channel_defaults(
        interaction: discord.Interaction[Any],
        channel: app_commands.Transform[ChannelOption, Channel],
        model: str | None = None,
        aspect: app_commands.Range[str, 1, 20] | None = None,
        visibility: str | None = None,
        spoiler: bool | None = None,
        only_here: bool | None = None,
        reset: bool = False,
    ) -> None:
        """Change the defaults for orders in a channel, or show them if you set no option."""
        if not interaction.permissions.manage_guild:
            raise NotAllowed(rule="manage-server")
        wished = ChannelDefaults(channel.id, model, aspect, visibility, spoiler)
        await responder.privately(
            interaction, replies.set_channel(interaction, wished, only_here=only_here, reset=reset)
        )

    @channel_defaults.autocomplete("model")
    async def _models(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await autocomplete.every_model(interaction, typed)

    return cast("AnyCommand", channel_defaults)


def moderation_rules(
    responder: Responder, replies: RuleReplies, why: Why, log: ChangeLog, autocomplete: Autocomplete
) -> Sequence[AnyCommand | app_commands.Group]:
    """Return the commands of `/easel-mod` that this file adds."""
    return (
        RuleCommands(responder, replies, why, autocomplete),
        LimitCommands(responder, replies, autocomplete),
        age_command(responder, replies, autocomplete),
        log_command(responder, log),
    )
