"""The sandbox has its own settings for everything that must not touch the operator's real bot."""

from pathlib import Path

from bot.cli.sandbox_world import World, settings_for
from bot.settings import defaults

WORLD = World("http://discord", "token", 1, 2, {"olga": 3}, "http://provider", "key")
SHARED = {
    "http_host", "http_port", "log_format", "log_level", "running_per_guild", "running_per_member", "result_max_mb",
    "keep_days", "forget_guild_days", "backup_keep", "catalogue_file", "content_sign_cert", "content_sign_key",
    "credit_skus", "new_guild_credits_per_day", "new_guild_least_members", "new_guild_least_age_days",
}  # fmt: skip
"""The operator's settings that the sandbox uses: looks, limits and files that it only reads."""


def test_sandbox_writes_no_backup_of_its_play_money_among_real_ones():
    settings = settings_for(WORLD, Path("sandbox"), defaults(backup_every=24, backup_dir=Path("backups")))
    assert (settings.backup_every, settings.backup_dir) == (0, None)


def test_every_setting_is_either_shared_or_replaced():
    real = defaults(**{name: object() for name in type(defaults()).model_fields})
    sandbox = settings_for(WORLD, Path("sandbox"), real)
    kept = {name for name in type(real).model_fields if getattr(sandbox, name) is getattr(real, name)}
    assert kept == SHARED
