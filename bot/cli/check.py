"""`easel check`: checks of settings, catalogue, database, provider and Discord, with a fix for each problem."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import click

from bot.cli.database_checks import check_bucket, check_database, check_files, check_port, check_provider_of_database
from bot.cli.discord_checks import check_discord, check_own_gateway, check_purchases
from bot.cli.findings import Check, Finding, Grade, examine
from bot.cli.provider_checks import check_provider, check_webhooks
from bot.cli.settings_checks import check_catalogue, check_settings
from bot.errors import SettingsError
from bot.settings import Settings

BUCKET_SETTINGS = {
    "artefacts_url",
    *("aws_endpoint_url", "aws_region", "aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
}


async def check(settings: Settings, faults: Mapping[str, SettingsError]) -> int:
    """Print the findings of all checks, each as soon as it is known; return 1 if something is wrong, otherwise 0.

    Writes nothing but a small object to the bucket of ARTEFACTS_URL, which is deleted again. `faults` are the errors of
    settings by field; `settings` has the defaults of these fields.
    """
    findings = await examine(all_checks(settings, faults), lambda finding: click.echo(finding.line()))
    return int(any(finding.grade is Grade.WRONG for finding in findings))


def all_checks(settings: Settings, faults: Mapping[str, SettingsError] | None = None) -> list[Check]:
    """Return all checks, in the order in which a new operator encounters the problems.

    A check that needs an invalid setting only reports that: with the default in its place, a key might be sent to the
    wrong host.
    """
    faults = faults or {}
    parts: list[tuple[str, Callable[[Settings], Awaitable[list[Finding]]], set[str]]] = [
        ("catalogue", check_catalogue, {"catalogue_file"}),
        ("database", check_database, {"database_url"}),
        ("bucket", check_bucket, BUCKET_SETTINGS),
        ("files", check_files, {"database_url", "data_dir", *BUCKET_SETTINGS}),
        ("port", check_port, {"http_host", "http_port", "database_url"}),
        ("provider", check_provider, {"provider_url", "provider_key"}),
        ("webhooks", check_webhooks, {"public_url", "provider_url", "provider_key", "provider_webhook_keys"}),
        ("provider's database", check_provider_of_database, {"provider_url", "database_url"}),
        ("discord", check_discord, {"discord_token", "discord_api_url", "database_url"}),
        ("purchases", check_purchases, {"discord_token", "discord_api_url", "credit_skus"}),
        ("gateway", check_own_gateway, {"discord_token", "discord_api_url", "discord_gateway_url"}),
    ]
    checks: list[Check] = [partial(check_settings, settings, faults)]
    for part, check_part, needs in parts:
        wrong = sorted(needs & faults.keys())
        checks.append(partial(_left_out, part, wrong) if wrong else partial(check_part, settings))
    return checks


async def _left_out(part: str, wrong: Sequence[str]) -> list[Finding]:
    names = " and ".join(name.upper() for name in wrong)
    return [Finding(part, Grade.WARNING, f"not checked, because of {names}", "Correct that first, then check again")]
