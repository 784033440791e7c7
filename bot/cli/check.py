"""`easel check`: checks of settings, catalogue, database, provider and Discord, with a fix for each problem."""

import asyncio
import errno
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiohttp
import click

from bot.app.configured_catalogue import open_catalogue
from bot.app.databases import is_empty, is_in_use, is_on_server, open_readable, refuse_scheduled_copies, shown_database
from bot.app.file_store import as_setting, build_store, try_bucket
from bot.app.paths import ARTEFACTS, KEY_FILE, backups_folder, database_path, require_writable
from bot.app.services import (
    build_seal,
    build_signing,
    discord_token,
    provider_key,
    require_server_for_links,
    sent_in_clear,
    unset_gateway,
)
from bot.app.shared_database import MARK, require_shareable
from bot.app.upgrade import port_refused
from bot.chat.discord.gateway.gateway_offer import GatewayOffer
from bot.chat.discord.gateway.identify_pace import UNUSED
from bot.chat.discord.inspection import InspectedGuild, InspectedSku, check_gateway, inspect, inspect_skus, invite_link
from bot.chat.easel_client import point_at
from bot.cli.webhook_check import webhook_findings
from bot.clock import AGREEING_SAMPLES, CLOCK_WARNING_MS, ServerClock, SystemClock
from bot.errors import EaselError, FilesUnreachable, SettingsError, StorageError
from bot.jobs.store import file_rows, job_rows
from bot.ops.doctor import Check, Finding, Grade, examine
from bot.ops.http_port import listen
from bot.provider.client import ProviderClient
from bot.provider.probe import KeyState
from bot.provider.session import open_session
from bot.settings import DISCORD_GATEWAY_URL, Settings, misspelt
from bot.sizes import MEGABYTE
from bot.storage.artefact_folder import ArtefactFolder
from bot.storage.artefacts import ArtefactStore, StoredName
from bot.storage.identity import is_same, owners
from bot.storage.operation import Database
from bot.storage.seal import Seal
from bot.storage.sqlite.at_rest import is_at_rest, read_undisturbed
from bot.storage.sqlite.driver import open_readonly
from bot.storage.sqlite.soundness import check as check_file

T = TypeVar("T")

BUCKET_SETTINGS = {
    "artefacts_url",
    *("aws_endpoint_url", "aws_region", "aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
}


async def check(settings: Settings, faults: Mapping[str, SettingsError]) -> int:
    """Print the findings of all checks; return 1 if something is wrong, else 0.

    Nothing is written, except for a small object that is deleted again from the bucket of ARTEFACTS_URL.

    `faults` are the errors of settings, by field, in whose place `settings` has the default.
    """
    findings = await examine(all_checks(settings, faults))
    for finding in findings:
        click.echo(finding.line())
    return int(any(finding.grade is Grade.WRONG for finding in findings))


def all_checks(settings: Settings, faults: Mapping[str, SettingsError] | None = None) -> list[Check]:
    """Return all checks, in the order in which a new operator meets the problems.

    One that needs a wrong setting only says so: with the default in its place, a key might go to a foreign host.
    """
    faults = faults or {}
    parts: list[tuple[str, Callable[[Settings], Awaitable[list[Finding]]], set[str]]] = [
        ("catalogue", _catalogue, {"catalogue_file"}),
        ("database", _database, {"database_url"}),
        ("bucket", _bucket, BUCKET_SETTINGS),
        ("files", _store, {"database_url", "data_dir", *BUCKET_SETTINGS}),
        ("port", _port, {"http_host", "http_port", "database_url"}),
        ("provider", _provider, {"provider_url", "provider_key"}),
        ("webhooks", _webhooks, {"public_url", "provider_url", "provider_key", "provider_webhook_keys"}),
        ("provider's database", _provider_of_database, {"provider_url", "database_url"}),
        ("discord", _discord, {"discord_token", "discord_api_url", "database_url"}),
        ("purchases", _purchases, {"discord_token", "discord_api_url", "credit_skus"}),
        ("gateway", _gateway, {"discord_token", "discord_api_url", "discord_gateway_url"}),
    ]
    checks: list[Check] = [partial(_settings, settings, faults)]
    for part, check_part, needs in parts:
        wrong = sorted(needs & faults.keys())
        checks.append(partial(_left_out, part, wrong) if wrong else partial(check_part, settings))
    return checks


async def _left_out(part: str, wrong: Sequence[str]) -> list[Finding]:
    names = " and ".join(name.upper() for name in wrong)
    return [Finding(part, Grade.WARNING, f"not checked, because of {names}", "Correct that first, then check again")]


async def _settings(settings: Settings, faults: Mapping[str, SettingsError]) -> list[Finding]:
    findings = [_wrong("settings", fault) for fault in faults.values()]
    needs = {"discord_token": discord_token, "provider_key": provider_key, "data_dir": _data_dir}
    needs |= {"content_sign_key": build_signing, "http_port": require_server_for_links, "secret_key": _secret_key}
    needs |= {"backup_every": refuse_scheduled_copies, "role": require_shareable}
    for name, need in needs.items():
        try:
            if name not in faults:
                await asyncio.to_thread(need, settings)
        except SettingsError as error:
            findings.append(_wrong("settings", error))
    findings += [replace(_wrong("settings", one), grade=Grade.WARNING) for one in sent_in_clear(settings)]
    findings += [
        Finding("settings", Grade.WARNING, f"{name} in .env is not a setting, so it is ignored", f"Write {meant}")
        for name, meant in (await asyncio.to_thread(misspelt)).items()
    ]
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
    if settings.backup_every:
        require_writable(backups_folder(settings), setting="BACKUP_DIR" if settings.backup_dir else "DATA_DIR")


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
    if is_on_server(settings):
        return await _server(settings)
    try:
        path = database_path(settings)
        await asyncio.to_thread(require_writable, path.parent, setting="DATABASE_URL")
        if not await asyncio.to_thread(path.exists):
            return [Finding("database", Grade.OK, f"{path} will be created at the first start")]
        if not await asyncio.to_thread(os.access, path, os.W_OK):
            return [Finding("database", Grade.WRONG, f"{path} cannot be written to", "Let this user write to it")]
        await read_undisturbed(path, partial(_read_all, path))
    except EaselError as error:
        return [_wrong("database", error)]
    return [Finding("database", Grade.OK, f"{path} can be read")]


async def _server(settings: Settings) -> list[Finding]:
    name = shown_database(settings)
    try:
        if await is_empty(settings):
            return [Finding("database", Grade.OK, f"{name} will get its tables at the first start")]
        await (await open_readable(settings)).close()
    except EaselError as error:
        return [_wrong("database", error)]
    return [Finding("database", Grade.OK, f"{name} can be read")]


async def _read_all(path: Path, alone: bool) -> None:
    await (await open_readonly(path, alone=alone)).close()
    await asyncio.to_thread(check_file, path, quick=True, alone=alone)


async def _bucket(settings: Settings) -> list[Finding]:
    """Try the bucket of results, and look for files that were left in the folder from before there was one."""
    if settings.artefacts_url is None:
        return []
    address = settings.artefacts_url
    try:
        keeps_deleted = await try_bucket(settings)
    except FilesUnreachable as error:
        return [_wrong("bucket", as_setting(error) or error)]
    except SettingsError as error:
        return [_wrong("bucket", error)]
    found = [Finding("bucket", Grade.OK, f"{address} stores, shows and deletes")]
    if keeps_deleted:
        what = f"{address} keeps old versions, so files that were taken down or erased are still there"
        fix = "Suspend its versioning, or let a lifecycle rule delete noncurrent versions (docs/operate.md)"
        found = [Finding("bucket", Grade.WARNING, what, fix)]
    if left := len(await _files_of_jobs(ArtefactFolder(settings.data_dir / ARTEFACTS))):
        what = f"{left} files are still in {settings.data_dir / ARTEFACTS}, where nothing shows or erases them"
        found.append(Finding("bucket", Grade.WARNING, what, "Move them as docs/operate.md describes"))
    return found


async def _files_of_jobs(store: ArtefactStore) -> list[StoredName]:
    return [one for one in await store.list_files() if one.name != MARK]


async def _store(settings: Settings) -> list[Finding]:
    """Look for files that no row of the database knows, as after a backup was restored."""
    place = settings.artefacts_url or str(settings.data_dir / ARTEFACTS)

    async def strays_of(database: Database) -> tuple[int, list[Path], int]:
        store = build_store(settings)
        # Listed first: a file that is stored meanwhile would not have its row yet.
        files = await _files_of_jobs(store)
        known, live = await database.read(file_rows.known_paths), await database.read(job_rows.live_ids)
        # The row of a file is written after the file, so those of a job in progress may still come.
        strays = [one.path for one in files if one.path.as_posix() not in known and one.name.split("-")[0] not in live]
        return len(files), strays, sum([await store.size(path) or 0 for path in strays])

    try:
        number, strays, size = await _read(settings, strays_of)
    except EaselError:  # there is no database yet, or another check has already reported the problem
        return []
    if not strays:
        return [Finding("files", Grade.OK, f"each of the {number} files in {place} belongs to a job")]
    size_mb = size / MEGABYTE
    what = f"{len(strays)} files in {place} ({size_mb:.1f} MB) belong to no job, for example {strays[0]}"
    fix = "They may be results from after a backup that was restored. Delete them when nobody asks for them any more"
    return [Finding("files", Grade.WARNING, what, fix)]


async def _read(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Read from a database that may be in use, and write nothing. Raises SettingsError or StorageError."""

    async def read(alone: bool) -> T:
        database = await (open_readable(settings) if is_on_server(settings) else open_readonly(path, alone=alone))
        try:
            return await work(database)
        finally:
            await database.close()

    if is_on_server(settings):
        return await read(False)
    path = database_path(settings)

    if not await asyncio.to_thread(path.exists):
        raise StorageError(problem=f"there is no database at {path}", fix="Start Easel once, or set DATABASE_URL")
    return await read_undisturbed(path, read)


async def _owners(settings: Settings) -> Mapping[str, str]:
    return await _read(settings, lambda database: database.read(owners))


async def _port(settings: Settings) -> list[Finding]:
    """Check the port for health and metrics, unless the bot is running, which then has it."""
    if not settings.http_port or await _is_running(settings):
        return []
    try:
        for socket in await listen(settings.http_host, settings.http_port):
            socket.close()
    except OSError as error:
        refused = _wrong("port", port_refused(settings, error))
        # It may be the sandbox's, which is stopped before the bot starts.
        return [replace(refused, grade=Grade.WARNING) if error.errno == errno.EADDRINUSE else refused]
    return []


async def _is_running(settings: Settings) -> bool:
    try:
        if is_on_server(settings):
            return await is_in_use(settings)
        return not await asyncio.to_thread(is_at_rest, database_path(settings))
    except EaselError:  # reported by the database check
        return False


async def _provider_of_database(settings: Settings) -> list[Finding]:
    return await _other_owner(settings, "provider", settings.provider_url, is_same)


async def _application_of_database(settings: Settings, application: int) -> list[Finding]:
    return await _other_owner(settings, "application", str(application), str.__eq__)


async def _other_owner(
    settings: Settings, kind: str, configured: str, agree: Callable[[str, str], bool]
) -> list[Finding]:
    """Report a database that belongs to another provider or application than the configured one."""
    try:
        owner = (await _owners(settings)).get(kind, configured)
    except EaselError:  # there is no database yet, or the database check has already reported the problem
        return []
    if agree(owner, configured):
        return []
    what = f"{shown_database(settings)} belongs to the {kind} {owner}, not to {configured}"
    return [Finding("database", Grade.WRONG, what, "Set DATABASE_URL to another file, or restore the setting")]


def _client(session: aiohttp.ClientSession, settings: Settings) -> ProviderClient:
    clock = SystemClock()
    return ProviderClient(
        session,
        base_url=settings.provider_url,
        key=provider_key(settings),
        clock=clock,
        server_clock=ServerClock(clock),
    )


async def _provider(settings: Settings) -> list[Finding]:
    if settings.provider_key is None:
        return []
    async with open_session() as session:
        client = _client(session, settings)
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


async def _webhooks(settings: Settings) -> list[Finding]:
    """Check whether the provider offers webhooks, and whether PUBLIC_URL leads to this bot while it runs."""
    if settings.public_url is None or settings.provider_key is None:
        return []
    running = await _is_running(settings)
    async with open_session() as session:
        return await webhook_findings(settings, _client(session, settings), running=running)


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
    foreign = await _application_of_database(settings, seen.application)
    more = [*([_not_in_home_guild(settings)] if homeless else []), *foreign]
    return [found, _shards(seen.gateway), *map(_guild, seen.guilds), *more]


def _shards(gateway: GatewayOffer) -> Finding:
    """Say how many shards the bot would hold, and whether Discord allows so many sessions to be started now."""
    hours, left = gateway.renewed_s / 3_600, gateway.starts_left
    what = f"Discord recommends {gateway.shards} shard(s), and allows {left:,} session starts in the next {hours:.0f} h"
    if left - UNUSED >= gateway.shards:
        return Finding("discord", Grade.OK, what)
    return Finding("discord", Grade.WARNING, what, "Start Easel after that time; until then, some shards have to wait")


async def _purchases(settings: Settings) -> list[Finding]:
    """Check that Discord sells what CREDIT_SKUS names, in a way in which it can be bought again."""
    if settings.discord_token is None or not settings.credit_skus:
        return []
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    try:
        skus = {sku.id: sku for sku in await inspect_skus(settings.discord_token.get_secret_value())}
    except SettingsError:  # the check of Discord has already reported the problem
        return []
    found = [one for sku in settings.credit_skus if (one := _sku(sku, skus.get(sku))) is not None]
    return found or [Finding("purchases", Grade.OK, f"Discord sells the {len(settings.credit_skus)} SKU(s)")]


def _sku(sku: int, found: InspectedSku | None) -> Finding | None:
    if found is None:
        what = f"CREDIT_SKUS names {sku}, which is not a SKU of this application"
        return Finding("purchases", Grade.WRONG, what, "Copy the id from the application's page of SKUs")
    if not found.is_consumable:
        what = f"CREDIT_SKUS names {sku}, which is not a consumable, so nobody could buy it twice"
        return Finding("purchases", Grade.WRONG, what, "Create a SKU of the type consumable")
    if not found.is_available:
        what = f"CREDIT_SKUS names {sku}, which cannot be bought yet"
        return Finding("purchases", Grade.WARNING, what, "Publish it on the application's page of SKUs")
    return None


async def _gateway(settings: Settings) -> list[Finding]:
    """Check the gateway, to which the bot only connects if it has a token."""
    if settings.discord_token is None:
        return []
    if (unset := unset_gateway(settings)) is not None:
        return [replace(_wrong("gateway", unset), grade=Grade.WARNING)]
    address = settings.discord_gateway_url or DISCORD_GATEWAY_URL
    try:
        await check_gateway(address)
    except SettingsError as error:
        return [_wrong("gateway", error)]
    return [Finding("gateway", Grade.OK, f"{address} answers")]


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
