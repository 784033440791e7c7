"""Builds everything that runs, starts it in order, and stops it in reverse: the only place that does."""

import asyncio
import contextlib
import logging
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import aiohttp
import discord

from bot.chat.answer import Answers, OrderDesk
from bot.chat.choices import Choices
from bot.chat.client import Commands, EaselClient, WireCounts, point_at
from bot.chat.confirm import Confirmation
from bot.chat.defaults import Defaults
from bot.chat.following import Following
from bot.chat.followups import FollowUps
from bot.chat.languages import Languages
from bot.chat.lists import Lists
from bot.chat.memory import ChatMemory
from bot.chat.messenger import DiscordMessenger
from bot.chat.more import More
from bot.chat.parcel import Fit, Packer, Still
from bot.chat.picked import PickedPictures
from bot.chat.presses import JobPresses, Offers
from bot.chat.quotes import Quotes
from bot.chat.sources import Sources
from bot.chat.starts import Starts
from bot.chat.sync import CommandBook
from bot.chat.tastes import Tastes
from bot.chat.texts.loader import Texts
from bot.chat.treasury import Treasury
from bot.clock import Clock, SystemClock
from bot.core import Core, build_core, open_guild, required
from bot.errors import SettingsError, StorageError
from bot.jobs.jobs import Jobs
from bot.jobs.pending import PendingOrders
from bot.jobs.steps import Steps
from bot.media.preview import preview
from bot.media.provenance.label import label
from bot.media.shrink import to_fit
from bot.ops.files import FileRoutes
from bot.ops.health import HealthServer, Probe, discord_probe
from bot.ops.metrics import Metrics
from bot.settings import Settings
from cogs.account import Account
from cogs.admin import Admin
from cogs.edit import Edit
from cogs.erase import Erase
from cogs.imagine import Imagine
from cogs.lipsync import LipSync
from cogs.menus import message_menus
from cogs.moderator import Moderator
from cogs.music import Music
from cogs.operator import Operator
from cogs.quote import Quote
from cogs.recipe import Recipes
from cogs.removebg import RemoveBackground
from cogs.svg import Svg
from cogs.tastes import Personal, Styles
from cogs.upscale import Upscale
from cogs.vectorize import Vectorize
from cogs.video import Video

AUTHENTICATION_FAILED = 4004
"""How the gateway closes when the token is not (any longer) valid (topics/opcodes-and-status-codes)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Onward:
    """What leads from a result to the next one, and takes the orders."""

    following: Following
    sources: Sources
    more: More
    desk: OrderDesk


class App:
    """One running bot."""

    def __init__(self, settings: Settings, core: Core, client: EaselClient, stack: contextlib.AsyncExitStack) -> None:
        self.settings = settings
        self.clock = core.clock
        self.database = core.database
        self.catalogue = core.catalogue
        self.ledger = core.ledger
        self.policy = core.policy
        self.jobs = core.jobs
        self.preferences = core.preferences
        self.client = client
        self._core = core
        self._stack = stack
        self._gateway: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls, settings: Settings, *, clock: Clock | None = None, books: str | None = None, steps: Steps | None = None
    ) -> Self:
        """Start the bot; it is connected to Discord when this returns.

        `books` names the provider in the database's memory where its address does not (the sandbox's changes).
        `steps` is told of each step of each job. Raises EaselError where it cannot start: nothing is left running.
        """
        token, key = required(settings)
        async with contextlib.AsyncExitStack() as stack:
            core = await build_core(settings, key, clock or SystemClock(), steps, stack)
            provider_name = books or settings.provider_url
            counts = WireCounts()
            languages = Languages(Texts.load(), core.preferences)
            client = build_client(settings, core, languages, counts, provider_name)
            app = cls(settings, core, client, stack)
            stack.push_async_callback(client.close)
            await log_in(client, token)
            await app._connect()
            await app._listen(counts)  # before the jobs: they give the provider links to us
            messenger = build_messenger(settings, client, core, languages)
            stack.push_async_callback(messenger.close)
            stack.push_async_callback(core.jobs.stop)  # before the client: what is being delivered gets a moment
            await core.jobs.start(messenger)
            app._stack = stack.pop_all()
        log.info("Easel runs as %s", client.user)
        return app

    async def wait(self) -> None:
        """Return when the connection to Discord ends for good. Raises SettingsError where Discord ended it."""
        if self._gateway is not None:
            with _said_by_discord():
                await asyncio.shield(self._gateway)

    async def stop(self) -> None:
        """Stop everything in reverse; whatever was under way resumes at the next start."""
        await self._stack.aclose()

    async def open_guild(self, guild: int) -> None:
        """Open a guild's books: what a new guild is given is minted once, however often this is called."""
        await open_guild(self._core, self.settings, guild)

    async def _connect(self) -> None:
        connected = asyncio.ensure_future(self.client.wait_for("connect"))
        self._gateway = asyncio.create_task(self.client.connect(reconnect=True), name="discord gateway")
        self._stack.push_async_callback(self._hang_up, self._gateway)
        try:
            await asyncio.wait({connected, self._gateway}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connected.cancel()
        if self._gateway.done():
            await self._never_connected(self._gateway)

    async def _never_connected(self, gateway: asyncio.Task[None]) -> None:
        # discord.py 2.7.1 logs why, and then stumbles over the connection that it wants to resume.
        if isinstance(gateway.exception(), AttributeError):
            raise SettingsError(
                name="DISCORD_GATEWAY_URL", problem="cannot be reached", fix="Check the address and the network"
            )
        await self.wait()

    async def _hang_up(self, gateway: asyncio.Task[None]) -> None:
        await self.client.close()
        gateway.cancel()  # it may be sleeping before its next attempt to connect
        await asyncio.gather(gateway, return_exceptions=True)

    async def _listen(self, counts: WireCounts) -> None:
        if self.settings.http_port == 0:
            return
        metrics = build_metrics(self._core, self.client, counts)
        files = FileRoutes(self._core.links, self._core.artefacts.path).routes() if self._core.links else ()
        server = HealthServer(probes=self._probes(), metrics=metrics, more=files)
        try:
            address = await server.start(self.settings.http_host, self.settings.http_port)
        except OSError as error:
            raise SettingsError(
                name="HTTP_PORT",
                problem=f"{self.settings.http_host}:{self.settings.http_port} cannot be used: {error.strerror}",
                fix="Choose another port, or 0 for none",
            ) from error
        self._stack.push_async_callback(server.stop)
        log.info("health and metrics at %s", address)

    def _probes(self) -> Mapping[str, Probe]:
        return {
            "discord": discord_probe(self.client),
            "database": self._database_writes,
            "loops": self._loops_live,
        }

    async def _database_writes(self) -> str | None:
        try:
            await ChatMemory(self.database).remember("probe", "written")
        except StorageError as error:
            return str(error)
        return None

    async def _loops_live(self) -> str | None:
        loops = self.jobs.health()
        if not loops:
            return "not started yet"
        dead = sorted(name for name, health in loops.items() if not health.alive)
        return f"not running: {', '.join(dead)}" if dead else None


def build_client(
    settings: Settings, core: Core, languages: Languages, counts: WireCounts, provider_name: str
) -> EaselClient:
    """Build what people on Discord meet, with its commands."""
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    answers = Answers(languages)
    packer = build_packer(settings, core)
    followups = build_followups(core, languages)
    confirmation = build_confirmation(core, languages)
    defaults = Defaults(core.preferences, core.catalogue, Choices(core.catalogue, core.policy, core.jobs, languages))
    desk = OrderDesk(core.jobs, answers, languages, defaults, confirmation, core.discord_clock)
    starts = Starts(core.jobs, answers, desk, confirmation)
    presses = JobPresses(core.jobs, answers, packer, followups, starts, core.discord_clock)
    offers = Offers(core.jobs, answers)
    more = More(
        jobs=core.jobs,
        answers=answers,
        followups=followups,
        packer=build_packer(settings, core, fit=_as_it_is, still=_none),
        discord_clock=core.discord_clock,
    )
    sources = Sources(core.jobs, PickedPictures(core.database, core.clock))
    following = Following(answers=answers, desk=desk, sources=sources, followups=followups, more=more)

    async def claim(application: int) -> None:
        await core.database.claim(application=str(application), provider=provider_name)

    return EaselClient(
        answers=answers,
        commands=_commands(settings, core, languages, answers, offers, Onward(following, sources, more, desk)),
        presses=presses,
        following=following,
        afterwards=offers,
        book=CommandBook(ChatMemory(core.database)),
        discord_clock=core.discord_clock,
        api_url=settings.discord_api_url,
        claim=claim,
        new_guild=partial(open_guild, core, settings),
        counts=counts,
    )


def build_confirmation(core: Core, languages: Languages) -> Confirmation:
    """Build what asks before an order that is dear."""
    return Confirmation(
        jobs=core.jobs,
        catalogue=core.catalogue,
        choices=Choices(core.catalogue, core.policy, core.jobs, languages),
        ledger=core.ledger,
        preferences=core.preferences,
        pending=PendingOrders(core.database, core.clock),
    )


def build_packer(settings: Settings, core: Core, *, fit: Fit | None = None, still: Still = preview) -> Packer:
    """Build what makes results ready to be sent."""
    return Packer(
        core.artefacts.path,
        fit or to_fit,
        core.links,
        still=still,
        label=label,
        now_ms=core.provider.server_clock.now_ms,
        keep_days=settings.keep_days,
    )


def _none(_original: Path, _into: Path) -> None:
    """An original comes alone."""


def _as_it_is(_original: Path, _limit: int, _into: Path) -> None:
    """An original is sent as it is or not at all."""


def _commands(
    settings: Settings, core: Core, languages: Languages, answers: Answers, offers: Offers, onward: Onward
) -> Commands:
    choices = Choices(core.catalogue, core.policy, core.jobs, languages)
    desk = onward.desk
    treasury = Treasury(core.ledger, answers, core.clock)
    tastes = Tastes(core.preferences, core.jobs, core.catalogue, answers)
    quotes = Quotes(jobs=core.jobs, catalogue=core.catalogue, choices=choices, ledger=core.ledger, answers=answers)
    lists = Lists(
        jobs=core.jobs,
        ledger=core.ledger,
        catalogue=core.catalogue,
        choices=choices,
        offers=offers,
        languages=languages,
    )
    return Commands(
        everywhere=(
            Imagine(desk, choices, Defaults(core.preferences, core.catalogue, choices), tastes),
            Video(desk, choices),
            RemoveBackground(desk, choices),
            Edit(desk, choices),
            Erase(desk, choices),
            Upscale(desk, choices),
            Vectorize(desk, choices),
            Svg(desk, choices),
            Music(desk, choices),
            LipSync(desk, choices),
            Account(answers, lists),
            Admin(answers, treasury),
            Moderator(answers, lists, core.policy, choices),
            Quote(answers, quotes, choices),
            Personal(answers, tastes, choices),
            Styles(answers, tastes, choices),
            Recipes(answers=answers, jobs=core.jobs, choices=choices, following=onward.following, more=onward.more),
        ),
        menus=message_menus(onward.following, onward.sources, onward.more),
        at_home=(Operator(answers, treasury, settings.operator_ids),),
        home_guild=settings.home_guild_id,
    )


def build_messenger(settings: Settings, client: EaselClient, core: Core, languages: Languages) -> DiscordMessenger:
    """Build what shows jobs to people."""
    return DiscordMessenger(
        client,
        languages,
        build_packer(settings, core),
        build_followups(core, languages),
        core.clock,
        core.discord_clock,
    )


def build_followups(core: Core, languages: Languages) -> FollowUps:
    """Build what knows how to go on from a result."""
    return FollowUps(core.catalogue, Choices(core.catalogue, core.policy, core.jobs, languages))


def build_metrics(core: Core, client: EaselClient, counts: WireCounts) -> Metrics:
    """Offer what an operator would want to see at a glance or be woken by."""
    metrics = Metrics(core.clock)
    metrics.sampled_gauge(
        "jobs",
        "Jobs that have not ended, by where they stand.",
        partial(_jobs_by_state, core.jobs),
        label="state",
    )
    metrics.sampled_counter(
        "loss_milli_credits",
        "What the provider may have charged the operator for without a member paying: an upper bound, at list price.",
        partial(_losses, core.jobs),
        label="reason",
    )
    metrics.gauge(
        "loop_alive",
        "Whether each of the jobs' loops runs.",
        lambda: {name: float(health.alive) for name, health in core.jobs.health().items()},
        label="loop",
    )
    metrics.gauge(
        "clock_offset_seconds",
        "How far a server's clock is ahead of ours.",
        lambda: {
            "discord": core.discord_clock.offset_ms / 1_000,
            "provider": core.provider.server_clock.offset_ms / 1_000,
        },
        label="server",
    )
    metrics.gauge(
        "discord_counted_answers",
        "Answers of Discord's that count towards its ban of an address (10,000 in 10 minutes).",
        lambda: {str(status): float(count) for status, count in counts.by_status.items()},
        label="status",
    )
    metrics.gauge("discord_latency_seconds", "The gateway's heartbeat.", lambda: {"": client.latency})
    metrics.gauge(
        "provider_rate",
        "Requests a second that the provider is believed to allow.",
        lambda: {"creates": core.provider.creates.rate, "reads": core.provider.reads.rate},
        label="kind",
    )
    return metrics


async def _jobs_by_state(jobs: Jobs) -> Mapping[str, float]:
    return {state.value: float(count) for state, count in (await jobs.on_their_way()).items()}


async def _losses(jobs: Jobs) -> Mapping[str, float]:
    return {loss.reason.value: float(loss.amount_mcr) for loss in await jobs.losses()}


async def log_in(client: EaselClient, token: str) -> None:
    """Log in and register the commands. Raises SettingsError where Discord refuses the token or does not answer."""
    with _said_by_discord():
        await client.login(token)


@contextlib.contextmanager
def _said_by_discord() -> Generator[None]:
    """Turn what discord.py raises where we cannot go on into a SettingsError."""
    try:
        yield
    except discord.ConnectionClosed as error:
        if error.code != AUTHENTICATION_FAILED:
            raise _unusable(error) from error
        raise _token_refused() from error
    except discord.LoginFailure as error:
        raise _token_refused() from error
    except (OSError, aiohttp.ClientError, discord.DiscordException) as error:
        raise _unusable(error) from error


def _token_refused() -> SettingsError:
    return SettingsError(
        name="DISCORD_TOKEN",
        problem="is refused by Discord",
        fix="Reset it on the Bot page of your application and copy the new one into .env",
    )


def _unusable(error: Exception) -> SettingsError:
    return SettingsError(
        name="DISCORD_API_URL",
        problem=f"does not answer as Discord should: {error}",
        fix="Check the address and the network, or try again later",
    )


async def register_commands(settings: Settings, guild: int | None) -> list[str]:
    """Register the commands with Discord without running the bot: everywhere, or as one guild's own.

    Gives what was done, a line each. Refused (StorageError) while the bot runs: it does this by itself.
    """
    token, key = required(settings)
    async with contextlib.AsyncExitStack() as stack:
        core = await build_core(settings, key, SystemClock(), None, stack)
        languages = Languages(Texts.load(), core.preferences)
        client = build_client(settings, core, languages, WireCounts(), settings.provider_url)
        stack.push_async_callback(client.close)
        await log_in(client, token)
        where = discord.Object(guild) if guild else None
        with _said_by_discord():
            registered = await client.tree.sync(guild=where)
    return [
        f"/{command.name}: registered {'in guild ' + str(guild) if guild else 'everywhere'}" for command in registered
    ]
