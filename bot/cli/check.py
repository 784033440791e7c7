"""`easel check`: checks of settings, catalogue, database, provider and Discord, with a fix for each problem."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from bot.app.configured_catalogue import open_catalogue
from bot.app.paths import ARTEFACTS, KEY_FILE, database_path, require_writable
from bot.app.services import (
    build_seal,
    build_signing,
    discord_token,
    provider_key,
    require_server_for_links,
    sent_in_clear,
)
from bot.chat.discord.inspection import InspectedGuild, check_gateway, inspect, invite_link
from bot.chat.easel_client import point_at
from bot.clock import AGREEING_SAMPLES, ServerClock, SystemClock
from bot.errors import EaselError, SettingsError
from bot.jobs.store import file_rows, job_rows
from bot.ops.doctor import Check, Finding, Grade, examine
from bot.provider.client import ProviderClient
from bot.provider.probe import KeyState
from bot.provider.session import open_session
from bot.settings import DISCORD_API_URL, DISCORD_GATEWAY_URL, Settings
from bot.sizes import MEGABYTE
from bot.storage.artefacts import ArtefactStore
from bot.storage.identity import is_same, owners
from bot.storage.seal import Seal
from bot.storage.sqlite.driver import open_readonly
from bot.storage.sqlite.soundness import check as check_file

CLOCK_WARNING_MS = 2_000
"""A larger clock offset causes a warning: deadlines use the servers' time anyway, but logs use this machine's."""


async def check(settings: Settings, faults: Mapping[str, SettingsError]) -> int:
    """Print the findings of all checks; return 1 if something is wrong, else 0. Nothing is written.

    `faults` are the errors of settings, by field, in whose place `settings` has the default.
    """
    findings = await examine(all_checks(settings, faults))
    for finding in findings:
        click.echo(finding.line())
    return int(any(finding.grade is Grade.WRONG for finding in findings))


def all_checks(settings: Settings, faults: Mapping[str, SettingsError] | None = None) -> list[Check]:
    """Return all checks, in the order in which a new operator meets the problems.

    One that needs a wrong setting is left out: with the default in its place, a key might go to a foreign host.
    """
    faults = faults or {}
    needs: dict[Callable[[Settings], Awaitable[list[Finding]]], set[str]] = {
        _catalogue: {"catalogue_file"},
        _database: {"database_url", "provider_url"},
        _store: {"database_url", "data_dir"},
        _provider: {"provider_url", "provider_key"},
        _discord: {"discord_token", "discord_api_url", "database_url"},
        _gateway: {"discord_api_url", "discord_gateway_url"},
    }
    possible = [one for one, names in needs.items() if not names & faults.keys()]
    return [partial(_settings, settings, faults), *(partial(one, settings) for one in possible)]


async def _settings(settings: Settings, faults: Mapping[str, SettingsError]) -> list[Finding]:
    findings = [_wrong("settings", fault) for fault in faults.values()]
    needs = {"discord_token": discord_token, "provider_key": provider_key, "data_dir": _data_dir}
    needs |= {"content_sign_key": build_signing, "http_port": require_server_for_links, "secret_key": _secret_key}
    for name, need in needs.items():
        try:
            if name not in faults:
                await asyncio.to_thread(need, settings)
        except SettingsError as error:
            findings.append(_wrong("settings", error))
    findings += [replace(_wrong("settings", one), grade=Grade.WARNING) for one in sent_in_clear(settings)]
    if not settings.new_guild_credits and (not settings.operator_ids or settings.home_guild_id is None):
        findings.append(
            Finding(
                "settings",
                Grade.WARNING,
                "nobody can use /easel-ops topup, so no credits can be created",
                "Set OPERATOR_IDS and HOME_GUILD_ID, or NEW_GUILD_CREDITS",
            )
        )
    return findings or [Finding("settings", Grade.OK, "everything required is set")]


def _data_dir(settings: Settings) -> None:
    require_writable(settings.data_dir)


def _secret_key(settings: Settings) -> None:
    if settings.secret_key is not None:
        build_seal(settings)
    else:
        Seal.check_file(settings.data_dir / KEY_FILE)


async def _catalogue(settings: Settings) -> list[Finding]:
    try:
        models = (await asyncio.to_thread(open_catalogue, settings)).models()
    except EaselError as error:
        return [_wrong("catalogue", error)]
    enabled = sum(model.enabled for model in models)
    return [Finding("catalogue", Grade.OK, f"{len(models)} models, {enabled} switched on")]


async def _database(settings: Settings) -> list[Finding]:
    try:
        path = database_path(settings)
        if not await asyncio.to_thread(path.exists):
            return [Finding("database", Grade.OK, f"{path} will be created at the first start")]
        owner = (await _owners(path)).get("provider", settings.provider_url)
        await asyncio.to_thread(check_file, path, quick=True)
    except EaselError as error:
        return [_wrong("database", error)]
    if not is_same(owner, settings.provider_url):
        return [_foreign(path, f"provider {owner}", settings.provider_url)]
    return [Finding("database", Grade.OK, f"{path} can be read")]


async def _store(settings: Settings) -> list[Finding]:
    """Look for files that no row of the database knows, as after a backup was restored."""
    folder = settings.data_dir / ARTEFACTS
    try:
        database = await open_readonly(database_path(settings))
    except EaselError:  # there is no database yet, or the database check has already reported the problem
        return []
    try:
        # Listed first: a file that is stored meanwhile would not have its row yet.
        files = await ArtefactStore(folder).kept()
        known, live = await database.read(file_rows.known_paths), await database.read(job_rows.live_ids)
    finally:
        await database.close()
    # The row of a file is written after the file, so those of a job in progress may still come.
    strays = [one.path for one in files if one.path.as_posix() not in known and one.name.split("-")[0] not in live]
    if not strays:
        return [Finding("files", Grade.OK, f"each of the {len(files)} files in {folder} belongs to a job")]
    size = sum((folder / path).stat().st_size for path in strays) / MEGABYTE
    what = f"{len(strays)} files in {folder} ({size:.1f} MB) belong to no job, for example {strays[0]}"
    fix = "They may be results from after a backup that was restored. Delete them when nobody asks for them any more"
    return [Finding("files", Grade.WARNING, what, fix)]


async def _owners(path: Path) -> Mapping[str, str]:
    database = await open_readonly(path)
    try:
        return await database.read(owners)
    finally:
        await database.close()


def _foreign(path: Path, owner: str, configured: str) -> Finding:
    what = f"{path} belongs to the {owner}, not to {configured}"
    return Finding("database", Grade.WRONG, what, "Set DATABASE_URL to another file, or restore the setting")


async def _provider(settings: Settings) -> list[Finding]:
    if settings.provider_key is None:
        return []
    clock = SystemClock()
    async with open_session() as session:
        client = ProviderClient(
            session,
            base_url=settings.provider_url,
            key=settings.provider_key,
            clock=clock,
            server_clock=ServerClock(clock),
        )
        probe = await client.probe()
        # The clock is compared by several answers, because a single `Date` may be wrong.
        for _ in range(AGREEING_SAMPLES - 1 if probe.state is KeyState.OK else 0):
            probe = await client.probe()
    if probe.state is KeyState.OK:
        found = Finding("provider", Grade.OK, f"{settings.provider_url} accepts the key ({probe.took_ms} ms)")
        return [found, *_clock("provider", probe.offset_ms)]
    fixes = {
        KeyState.REFUSED: "Put a valid PROVIDER_KEY into .env",
        KeyState.NO_FUNDS: "Top up the account at the provider",
        KeyState.UNREACHABLE: "Check PROVIDER_URL and the network",
    }
    return [Finding("provider", Grade.WRONG, f"{settings.provider_url}: {probe.detail}", fixes[probe.state])]


async def _discord(settings: Settings) -> list[Finding]:
    if settings.discord_token is None:
        return []
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    try:
        seen = await inspect(settings.discord_token.get_secret_value())
    except SettingsError as error:
        return [_wrong("discord", error)]
    found = Finding("discord", Grade.OK, f"the bot is {seen.name}, in {len(seen.guilds)} server(s)")
    if not seen.guilds:
        found = Finding(
            "discord", Grade.WARNING, f"{seen.name} is not in any guild", f"Open {invite_link(seen.application)}"
        )
    homeless = settings.home_guild_id is not None and settings.home_guild_id not in {guild.id for guild in seen.guilds}
    foreign = await _database_of_another_application(settings, seen.application)
    return [found, *map(_guild, seen.guilds), *([_not_in_home_guild(settings)] if homeless else []), *foreign]


async def _gateway(settings: Settings) -> list[Finding]:
    """Check the gateway, to which the bot only connects if it has a token."""
    if settings.discord_token is None:
        return []
    if settings.discord_gateway_url is None and settings.discord_api_url != DISCORD_API_URL:
        # Not wrong: the address may be a proxy for Discord's REST calls.
        what = "DISCORD_API_URL is not Discord's, but DISCORD_GATEWAY_URL is not set, so Discord's own gateway is used"
        return [Finding("gateway", Grade.WARNING, what, "Set DISCORD_GATEWAY_URL, unless this is what you want")]
    address = settings.discord_gateway_url or DISCORD_GATEWAY_URL
    try:
        await check_gateway(address)
    except SettingsError as error:
        return [_wrong("gateway", error)]
    return [Finding("gateway", Grade.OK, f"{address} answers")]


async def _database_of_another_application(settings: Settings, application: int) -> list[Finding]:
    try:
        path = database_path(settings)
        owner = (await _owners(path)).get("application", str(application))
    except EaselError:  # there is no database yet, or the database check has already reported the problem
        return []
    return [] if owner == str(application) else [_foreign(path, f"application {owner}", str(application))]


def _guild(guild: InspectedGuild) -> Finding:
    if not guild.missing:
        return Finding("discord", Grade.OK, f"{guild.name}: has the permissions it needs")
    lacks = ", ".join(name.replace("-", " ") for name in guild.missing)
    return Finding("discord", Grade.WRONG, f"{guild.name}: lacks {lacks}", "Give them to the bot's role")


def _not_in_home_guild(settings: Settings) -> Finding:
    what = f"the bot is not in HOME_GUILD_ID {settings.home_guild_id}"
    return Finding("discord", Grade.WRONG, what, "Invite the bot there, or correct HOME_GUILD_ID")


def _clock(part: str, offset_ms: int) -> list[Finding]:
    if abs(offset_ms) <= CLOCK_WARNING_MS:
        return []
    what = f"this machine's clock differs from the {part}'s by {abs(offset_ms) / 1_000:.0f} s"
    return [Finding("clock", Grade.WARNING, what, "Synchronize this machine's clock by NTP")]


def _wrong(part: str, error: EaselError) -> Finding:
    problem, fix = str(error.facts.get("problem", error)), str(error.facts.get("fix", ""))
    name = str(error.facts.get("name", ""))
    return Finding(part, Grade.WRONG, f"{name} {problem}".strip(), fix)
