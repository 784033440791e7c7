"""Builds the small parts that depend on settings alone: limits, first credits, links, backups, keys."""

from collections.abc import Mapping

from bot.app.needed_settings import require_server_for_links
from bot.app.paths import KEY_FILE, backups_folder, database_path, require_writable
from bot.clock import Clock
from bot.errors import SettingsError
from bot.funding.new_guilds import FirstCredits
from bot.jobs.limits import JobLimits
from bot.media.provenance import credential_records
from bot.media.provenance.credential_records import SigningKey
from bot.money import milli
from bot.ops.scheduled_backups import ScheduledBackups, copy_by_process
from bot.settings import Settings
from bot.sizes import MEGABYTE
from bot.storage.secret_key import SecretKey
from bot.storage.signed_links import SignedLinks

NEW_GUILDS_PER_DAY = 10
"""How many new guilds get their first credits in one day, unless the operator sets an amount."""

DAY_MS = 24 * 60 * 60 * 1_000


def build_limits(settings: Settings) -> JobLimits:
    """Build the limits for jobs from the settings."""
    return JobLimits(
        running_per_guild=settings.running_per_guild,
        running_per_member=settings.running_per_member,
        result_max_bytes=settings.result_max_mb * MEGABYTE,
        keep_days=settings.keep_days,
    )


def build_first_credits(settings: Settings) -> FirstCredits:
    """Build the first credits of new guilds from the settings."""
    amount, per_day = settings.new_guild_credits, settings.new_guild_credits_per_day
    return FirstCredits(
        milli(amount),
        milli(NEW_GUILDS_PER_DAY * amount if per_day is None else per_day),
        settings.new_guild_least_members,
        settings.new_guild_least_age_days * DAY_MS,
    )


def build_secret_key(settings: Settings) -> SecretKey:
    """Return the operator's key, or one that is generated and kept in DATA_DIR.

    The folder must exist.
    """
    if settings.secret_key is not None:
        return SecretKey(settings.secret_key.get_secret_value().encode())
    return SecretKey.from_file(settings.data_dir / KEY_FILE)


def build_links(settings: Settings, secret_key: SecretKey, clock: Clock) -> SignedLinks | None:
    """Build the signed links if PUBLIC_URL is set. Raises SettingsError if no server would answer them."""
    require_server_for_links(settings)
    if settings.public_url is None:
        return None
    return SignedLinks(settings.public_url, secret_key.derive("easel file links"), clock)


def build_backups(settings: Settings, clock: Clock) -> ScheduledBackups | None:
    """Build the scheduled backups of the database; None if they are off. Raises SettingsError."""
    if not settings.backup_every:
        return None
    folder = backups_folder(settings)
    require_writable(folder, setting="BACKUP_DIR" if settings.backup_dir else "DATA_DIR")
    copy = copy_by_process(database_path(settings))
    return ScheduledBackups(copy, folder, clock, every_hours=settings.backup_every, keep=settings.backup_keep)


def build_signing(settings: Settings) -> SigningKey | None:
    """Load the operator's signing key for content credentials, if there is one. Blocking. Raises SettingsError."""
    certificate, key = settings.content_sign_cert, settings.content_sign_key
    if certificate is None and key is None:
        return None
    name = "CONTENT_SIGN_KEY" if key is None else "CONTENT_SIGN_CERT"
    if certificate is None or key is None:
        raise SettingsError(name=name, problem="is not set, but the other one is", fix="Set both, or neither")
    if not credential_records.is_installed():
        raise SettingsError(
            name=name,
            problem=f"needs the extra {credential_records.EXTRA}, which is not installed",
            fix=f'pip install "{credential_records.EXTRA}"',
        )
    from bot.media.provenance.signing_key import check_key  # noqa: PLC0415 - few operators have a key

    signing = SigningKey(certificate.absolute(), key.absolute())
    try:
        check_key(signing)
    except (OSError, ValueError) as error:
        raise SettingsError(name=name, problem=f"cannot be used: {error}", fix="Correct the two PEM files") from error
    return signing


def provider_secrets(settings: Settings) -> Mapping[str, str]:
    """Return the operator's keys that some models need as an input, by the input's name."""
    key = settings.openai_api_key
    return {"openai_api_key": key.get_secret_value()} if key else {}
