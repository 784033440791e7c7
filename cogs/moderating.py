"""The commands of `/easel-mod` about members and results: takedown, block, warn, note, cases, cancel, pause."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import app_commands

from bot.catalogue.order import Task
from bot.chat.discord.command_facts import AnyCommand
from bot.chat.discord.permission_checks import require_moderator
from bot.chat.discord.responses import Responder
from bot.chat.moderation.case_replies import CaseReplies
from bot.chat.moderation.moderated_jobs import JobFilter, ModeratedJobs
from bot.chat.moderation.report_list import ReportList
from cogs.options import Interaction

REASON_CHARACTERS = 300

Reason = app_commands.Range[str, 1, REASON_CHARACTERS]

FULL = "full"
REFUNDS = [
    app_commands.Choice(name="Give back what it cost", value=FULL),
    app_commands.Choice(name="Give nothing back", value="nothing"),
]
HOURS = {"hour": 1, "day": 24, "week": 168, "month": 720, "lifted": 0}
DURATIONS = [
    app_commands.Choice(name="1 hour", value="hour"),
    app_commands.Choice(name="1 day", value="day"),
    app_commands.Choice(name="1 week", value="week"),
    app_commands.Choice(name="30 days", value="month"),
    app_commands.Choice(name="Until it is lifted", value="lifted"),
]
STATES = [
    app_commands.Choice(name="Waiting or running", value="active"),
    app_commands.Choice(name="With a result", value="ended"),
    app_commands.Choice(name="Failed or cancelled", value="failed"),
]
EVERYTHING = "everything"
PAUSED = [
    app_commands.Choice(name="Everything", value=EVERYTHING),
    *(app_commands.Choice(name=task.value, value=task.value) for task in Task),
]


@dataclass(frozen=True, slots=True)
class ModeratedLists:
    """The paged lists."""

    jobs: ModeratedJobs
    reports: ReportList


def case_commands(responder: Responder, replies: CaseReplies, lists: ModeratedLists) -> Sequence[AnyCommand]:
    """Return the commands about members, results and pauses."""
    return (
        jobs_command(lists),
        reports_command(lists),
        *_about_results(responder, replies),
        *_about_members(responder, replies),
        *_pauses(responder, replies),
    )


def jobs_command(lists: ModeratedLists) -> AnyCommand:
    """Return the command `/easel-mod jobs`."""

    @app_commands.command()
    @app_commands.describe(
        user="Only jobs of this member",
        state="Only jobs in this state",
        since="Only jobs ordered in the last",
        page="Page number",
    )
    @app_commands.choices(state=STATES, since=DURATIONS[:-1])
    async def jobs(
        interaction: Interaction,
        user: discord.User | None = None,
        state: str | None = None,
        since: str | None = None,
        page: app_commands.Range[int, 1, 40] = 1,
    ) -> None:
        """List the newest jobs of this server: who made what, and where it is."""
        require_moderator(interaction)
        wanted = JobFilter(user.id if user else 0, state, HOURS[since] if since else 0)
        await lists.jobs.show(interaction, wanted, page)

    return jobs  # pyright: ignore[reportUnknownVariableType] - a command outside a cog


def reports_command(lists: ModeratedLists) -> AnyCommand:
    """Return the command `/easel-mod reports`."""

    @app_commands.command()
    @app_commands.describe(page="Page number")
    async def reports(interaction: Interaction, page: app_commands.Range[int, 1, 40] = 1) -> None:
        """List the open reports, with buttons to decide."""
        require_moderator(interaction)
        await lists.reports.show(interaction, page)

    return reports  # pyright: ignore[reportUnknownVariableType] - a command outside a cog


def _about_results(responder: Responder, replies: CaseReplies) -> Sequence[AnyCommand]:
    @app_commands.command()
    @app_commands.describe(
        job="Id of the job, or a link to its message",
        reason="Why; moderators read it, and the member if you tell them",
        refund="What the payers get back",
        tell="Send the member the reason and this message",
    )
    @app_commands.choices(refund=REFUNDS)
    async def takedown(
        interaction: Interaction, job: str, reason: Reason, refund: str, tell: Reason | None = None
    ) -> None:
        """Remove a result, its file, its texts, and everything made from it."""
        require_moderator(interaction)
        reply = replies.take_down(interaction, job, reason, refund=refund == FULL, tell=tell)
        await responder.privately(interaction, reply)

    @app_commands.command()
    @app_commands.describe(job="Id of the job, or a link to its message", reason="Why; the member will be told")
    async def cancel(interaction: Interaction, job: str, reason: Reason) -> None:
        """Cancel any member's job."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.cancel(interaction, job, reason))

    @app_commands.command()
    @app_commands.describe(job="Id of the job, or a link to its message", remove="Show it openly again")
    async def spoiler(interaction: Interaction, job: str, remove: bool = False) -> None:
        """Hide a result until someone presses it."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.spoiler(interaction, job, on=not remove))

    return (takedown, cancel, spoiler)  # pyright: ignore[reportUnknownVariableType] - commands outside a cog


def _about_members(responder: Responder, replies: CaseReplies) -> Sequence[AnyCommand]:
    @app_commands.command()
    @app_commands.rename(how_long="for")
    @app_commands.describe(user="Member to block", how_long="For how long", reason="Reason; the member will see it")
    @app_commands.choices(how_long=DURATIONS)
    async def block(interaction: Interaction, user: discord.User, how_long: str, reason: Reason) -> None:
        """Stop a member from ordering anything."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.block(interaction, user, HOURS[how_long], reason))

    @app_commands.command()
    @app_commands.describe(user="Member to unblock", reason="Reason")
    async def unblock(interaction: Interaction, user: discord.User, reason: Reason) -> None:
        """Let a blocked member order again."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.unblock(interaction, user, reason))

    @app_commands.command()
    @app_commands.describe(user="Member to warn", reason="Reason; the member will see it")
    async def warn(interaction: Interaction, user: discord.User, reason: Reason) -> None:
        """Warn a member by direct message."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.warn(interaction, user, reason))

    @app_commands.command()
    @app_commands.describe(user="Member that the note is about", text="Note for the moderators")
    async def note(interaction: Interaction, user: discord.User, text: Reason) -> None:
        """Keep a note about a member, for moderators only."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.note(interaction, user, text))

    @app_commands.command()
    @app_commands.describe(number="Number of the case")
    async def case(interaction: Interaction, number: app_commands.Range[int, 1]) -> None:
        """Show a case."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.case(interaction, number))

    @app_commands.command()
    @app_commands.describe(user="Only cases about this member")
    async def cases(interaction: Interaction, user: discord.User | None = None) -> None:
        """List the newest cases."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.cases(interaction, user))

    return (block, unblock, warn, note, case, cases)  # pyright: ignore[reportUnknownVariableType] - outside a cog


def _pauses(responder: Responder, replies: CaseReplies) -> Sequence[AnyCommand]:
    @app_commands.command()
    @app_commands.rename(how_long="for")
    @app_commands.describe(
        what="Kind of orders to stop",
        reason="Why; members read it",
        how_long="For how long; else until you resume it",
    )
    @app_commands.choices(what=PAUSED, how_long=DURATIONS)
    async def pause(interaction: Interaction, what: str, reason: Reason, how_long: str = "lifted") -> None:
        """Stop accepting orders for a task, or all orders, for now."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.pause(interaction, _task(what), HOURS[how_long], reason))

    @app_commands.command()
    @app_commands.describe(what="Kind of orders to allow again")
    @app_commands.choices(what=PAUSED)
    async def resume(interaction: Interaction, what: str) -> None:
        """End a pause."""
        require_moderator(interaction)
        await responder.privately(interaction, replies.resume(interaction, _task(what)))

    return (pause, resume)  # pyright: ignore[reportUnknownVariableType] - commands outside a cog


def _task(what: str) -> Task | None:
    return None if what == EVERYTHING else Task(what)
