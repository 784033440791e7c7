"""The parts of `easel check` about settings and the catalogue."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from bot.app.configured_catalogue import open_catalogue
from bot.app.configured_parts import build_secret_key, build_signing
from bot.app.databases import refuse_scheduled_copies
from bot.app.needed_settings import (
    discord_token,
    provider_key,
    require_server_for_links,
    sent_in_clear,
)
from bot.app.paths import KEY_FILE, backups_folder, require_writable
from bot.app.shared_database import require_shareable
from bot.cli.findings import Finding, Grade
from bot.errors import EaselError, SettingsError
from bot.settings import Settings, misspelt
from bot.storage.secret_key import SecretKey


async def check_settings(settings: Settings, faults: Mapping[str, SettingsError]) -> list[Finding]:
    """Check that everything required is set, that no setting lacks another that it needs, or exposes a secret."""
    findings = [Finding.of_error("settings", fault) for fault in faults.values()]
    needs = {"discord_token": discord_token, "provider_key": provider_key, "data_dir": _data_dir}
    needs |= {"content_sign_key": build_signing, "http_port": require_server_for_links, "secret_key": _secret_key}
    needs |= {"backup_every": refuse_scheduled_copies, "role": require_shareable}
    for name, need in needs.items():
        try:
            if name not in faults:
                await asyncio.to_thread(need, settings)
        except SettingsError as error:
            findings.append(Finding.of_error("settings", error))
    findings += [replace(Finding.of_error("settings", one), grade=Grade.WARNING) for one in sent_in_clear(settings)]
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
        build_secret_key(settings)
    else:
        SecretKey.check_file(settings.data_dir / KEY_FILE)


async def check_catalogue(settings: Settings) -> list[Finding]:
    """Check that the catalogue can be loaded with the operator's changes."""
    try:
        models = (await asyncio.to_thread(open_catalogue, settings)).models()
    except EaselError as error:
        return [Finding.of_error("catalogue", error)]
    enabled = sum(model.enabled for model in models)
    return [Finding("catalogue", Grade.OK, f"{len(models)} models, {enabled} switched on")]
