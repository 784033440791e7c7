"""The commands and options of `easel`, and the conversion of errors to messages and exit codes.

A command imports what it needs when it runs: loading the whole bot takes most of a second, for which `easel --help` and
`easel models` should not have to wait.
"""

import asyncio
import contextlib
import json
import math
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from bot.cli import garbage_collection, standard_streams
from bot.errors import EaselError, InvalidOrder, UnknownModel
from bot.process_roles import ProcessRole

if TYPE_CHECKING:
    from bot.cli.sandbox_world import Sandboxes
    from bot.settings import Settings

WRONG_USAGE = 2
INTERRUPTED = 130
LARGEST_ID = 2**63 - 1


def _above_zero(_context: click.Context, _option: click.Parameter, value: float) -> float:
    if not 0 < value < math.inf:
        raise click.BadParameter(f"must be a number above 0, not {value}.")
    return value


def _no_nan(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Refuse "nan", which is inside every range and would wait for a time that never comes."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("must be a number of seconds, not nan.")
    return value


def _not_empty(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Refuse an empty string, such as the value of a variable that is not set: it would match every name."""
    if value is not None and not value.strip():
        raise click.BadParameter("is empty.")
    return value


def _at_home(_context: click.Context, _option: click.Parameter, value: Path) -> Path:
    """Expand a leading `~`: shells do so only outside quotes, and not after `--out=`."""
    try:
        return value.expanduser()
    except RuntimeError as error:
        raise click.BadParameter(f"{value} refers to an unknown home folder.") from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
def easel() -> None:
    """Easel is a Discord bot that makes pictures, videos and music, paid for from a credit ledger."""


@easel.command("run")
@click.option(
    "--sandbox/--no-sandbox",
    default=None,
    help="Use the built-in sandbox, or never use it. Default: use it if DISCORD_TOKEN is not set.",
)
@click.option("--fresh", is_flag=True, help="Reset the sandbox before starting.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port of the sandbox's web page (0: any free port).",
)
@click.option(
    "--speed",
    callback=_above_zero,
    default=10.0,
    show_default=True,
    help="How many times faster than real ones the sandbox's models run.",
)
@click.option("--postgres", is_flag=True, help="Give the sandbox a PostgreSQL server of its own.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in ProcessRole]),
    help="What this process does, if several share a PostgreSQL database. Default: ROLE, or all.",
)
def run_command(
    *, sandbox: bool | None, fresh: bool, port: int, speed: float, postgres: bool, role: str | None
) -> None:
    """Start the bot. Without DISCORD_TOKEN it uses the built-in sandbox."""
    with garbage_collection.nothing_collected():
        from bot.cli import run

    settings = _prepare(**({} if role is None else {"role": role}))
    if sandbox is None:
        sandbox = settings.discord_token is None and not settings.role.is_shared
    if sandbox and settings.role.is_shared:
        raise click.UsageError(f"The sandbox's bot is one process, so it cannot be a {settings.role}.")
    if sandbox:
        chosen = run.SandboxOptions(fresh=fresh, port=port, speed=speed, postgres=postgres)
        _finish(run.run_sandbox(settings, _sandboxes, chosen), last_words=run.KILLED)
    elif postgres:
        raise click.UsageError("--postgres is for the sandbox. Elsewhere, set DATABASE_URL to your server's address.")
    else:
        _finish(run.run(settings), last_words=run.KILLED)


@easel.command("demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    callback=_at_home,
    default=Path("out/demo"),
    show_default=True,
    help="Folder for the pictures and the transcript.",
)
def demo_command(*, out: Path) -> None:
    """Run a scripted demo in the sandbox.

    Saves its media and a transcript.
    """
    from bot.cli.demo.command import demo
    from bot.ops import log
    from bot.settings import defaults

    log.configure(style="console", level="ERROR", secrets=[])
    _finish(demo(defaults(http_port=0), _sandboxes, out))


@easel.command("check")
def check_command() -> None:
    """Check the configuration and connections.

    Checks settings, models, database, provider and Discord, and says how to fix what is wrong.
    """
    from bot.cli import check
    from bot.settings import load_with_faults

    settings, faults = load_with_faults()
    _configure_log(settings, level="ERROR")
    _finish(check.check(settings, faults))


@easel.command("migrate")
def migrate_command() -> None:
    """Update the database schema.

    The bot must not be running.
    """
    from bot.cli import database

    _finish(database.migrate(_prepare()))


@easel.command("models")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def models_command(*, as_json: bool) -> None:
    """List all models with their prices."""
    from bot.cli import models

    click.echo(models.models(_prepare(), as_json=as_json))


@easel.command("quote")
@click.argument("model")
@click.argument("inputs", metavar="[KEY=VALUE]...", nargs=-1)
@click.option("--count", default=1, show_default=True, help="Number of pictures.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def quote_command(*, model: str, inputs: tuple[str, ...], count: int, as_json: bool) -> None:
    """Show the price and requests of a run.

    Nothing is sent. KEY is the name of one of the inputs of MODEL.
    """
    from bot.cli import models
    from bot.cli.model_listing import WrongUsage

    try:
        click.echo(models.quote(_prepare(), model, inputs, count=count, as_json=as_json))
    except WrongUsage as wrong:
        raise click.UsageError(str(wrong)) from wrong
    except UnknownModel as unknown:
        raise click.ClickException(f"{unknown}; `easel models` lists them") from unknown
    except InvalidOrder as invalid:
        missing = invalid.facts.get("reason") == "needed"
        advice = f"; add {invalid.facts['option']}=…" if missing else ""
        raise click.ClickException(f"{invalid}{advice}") from invalid


@easel.group(no_args_is_help=False)
def ledger() -> None:
    """Inspect the credit ledger."""


@ledger.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_command(*, as_json: bool) -> None:
    """Check every invariant of the ledger.

    Lists the rows that violate one; the exit code is then 1.
    """
    from bot.cli import database

    problems = asyncio.run(database.verify(_prepare()))
    if as_json:
        click.echo(json.dumps([database.as_row(problem) for problem in problems], indent=2))
    elif problems:
        for problem in problems:
            click.echo(database.as_line(problem))
    else:
        click.echo("The ledger is in order.")
    sys.exit(bool(problems))


@easel.command("backup")
@click.argument("file", type=click.Path(path_type=Path), callback=_at_home)
def backup_command(*, file: Path) -> None:
    """Copy the database to FILE.

    The bot may be running. The copy is verified.
    """
    from bot.cli import database

    _finish(database.backup(_prepare(), file))


@easel.command("restore")
@click.argument("file", type=click.Path(path_type=Path), callback=_at_home)
def restore_command(*, file: Path) -> None:
    """Replace the database with the backup FILE.

    The bot must not be running. The backup is verified first, and the database that was there is kept next to it.
    """
    from bot.cli import database

    _finish(database.restore(_prepare(), file))


@easel.command("drain")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    callback=_no_nan,
    is_flag=False,
    flag_value=math.inf,
    metavar="[SECONDS]",
    help="Wait until nothing is in flight, for this long at most. The exit code is 3 if it takes longer.",
)
@click.option("--undo", is_flag=True, help="Accept new orders again.")
@click.option("--status", is_flag=True, help="Only show the state.")
@click.option(
    "--process",
    metavar="NAME",
    callback=_not_empty,
    help="Make only one of several gateway processes pass on its shards, before it is stopped. NAME is a part of its"
    " name, which --status shows.",
)
def drain_command(*, wait_s: float | None, undo: bool, status: bool, process: str | None) -> None:
    """Make the running bot refuse new orders.

    Accepted orders continue, and all other commands work. A restart ends the drain of a single process. Several
    processes all drain, including those that start later, until --undo.
    """
    from bot.cli.drain import drain

    if undo + status + (wait_s is not None) > 1:
        raise click.UsageError("Give only one of --wait, --undo and --status.")
    method = "DELETE" if undo else "GET" if status else "POST"
    _finish(drain(_prepare(level="WARNING"), method=method, wait_s=wait_s, process=process))


@easel.command("migrate-data")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def migrate_data_command(*, source: str, target: str) -> None:
    """Move a bot from a SQLite file to PostgreSQL.

    FROM and TO are written like DATABASE_URL. The bot must not be running, and TO must be empty. The ledger is checked
    on both sides. Afterwards, FROM is renamed to NAME.moved, so that no bot starts with it by mistake; otherwise it
    is not changed. An interrupted move has stored nothing and can be started again.
    """
    from bot.cli import migrate_data

    _finish(migrate_data.migrate_data(_prepare(), source, target))


@easel.command("sync")
@click.option("--guild", type=click.IntRange(1, LARGEST_ID), help="Only the commands of the server with this id.")
@click.option("--yes", is_flag=True, help="Register without asking.")
@click.option("--dry-run", is_flag=True, help="Only show the differences, even while the bot is running.")
def sync_command(*, guild: int | None, yes: bool, dry_run: bool) -> None:
    """Register the slash commands with Discord.

    First shows how they differ from those registered there. The bot does this automatically at each start. The exit
    code is 0 if Discord has the current commands in the end, otherwise 1.
    """
    from bot.cli import sync

    if yes and dry_run:
        raise click.UsageError("Give either --yes or --dry-run, not both.")
    settings = _prepare(level="WARNING")
    scopes = asyncio.run(sync.compare(settings, guild, throwaway_data=dry_run))
    for line in sync.describe(scopes):
        click.echo(line)
    if dry_run or not any(scope.changes for scope in scopes):
        sys.exit(any(scope.changes for scope in scopes))
    if not yes:
        _ask_to_register()
    asyncio.run(sync.register(settings, scopes))
    click.echo("Registered.")


def _ask_to_register() -> None:
    if not sys.stdin.isatty():
        raise click.ClickException("Nothing was registered: there is no terminal to confirm it on. Add --yes.")
    if not click.confirm("Register these changes with Discord?"):
        raise click.ClickException("Nothing was registered.")


def _sandboxes(
    *, world: Path | None, speed: float, restart_bot: Callable[[], Awaitable[None]] | None = None
) -> "Sandboxes":
    """Build both sandboxes on one clock."""
    from bot.cli.sandbox_world import Sandboxes
    from sandbox.clock import SandboxClock
    from sandbox.discord.server import DiscordSandbox
    from sandbox.provider.server import ProviderSandbox

    clock = SandboxClock()
    runs = world / "provider" if world else None
    provider = ProviderSandbox(clock, speed=speed, state=runs)
    discord = DiscordSandbox(clock, world=world, restart_bot=restart_bot)
    return Sandboxes(discord=discord, provider=provider, clock=clock)


def _prepare(*, level: str | None = None, **overrides: object) -> "Settings":
    from bot.settings import load

    settings = load(**overrides)
    _configure_log(settings, level=level)
    return settings


def _configure_log(settings: "Settings", *, level: str | None) -> None:
    from bot.ops import log

    keys = (settings.discord_token, settings.provider_key, settings.openai_api_key, settings.secret_key)
    secrets = [key.get_secret_value() for key in (*keys, *settings.provider_webhook_keys) if key is not None]
    log.configure(style=settings.log_format, level=level or settings.log_level, secrets=secrets)


def _finish(work: Coroutine[Any, Any, int], *, last_words: str = "") -> NoReturn:
    """Run a command to its end; `last_words` are printed if a second Ctrl-C ends it at once."""
    from bot.cli.stop_signals import until_asked_to_stop

    try:
        sys.exit(asyncio.run(until_asked_to_stop(work, last_words=last_words)))
    except KeyboardInterrupt:
        if last_words:
            click.echo(last_words)
        raise


def main() -> None:
    """Run the command line: errors are one line on stderr; exit code 2 means wrong usage, 1 any other problem."""
    standard_streams.prepare()
    os.umask(0o077)  # libraries may create files too
    code, problem = 0, ""
    try:
        code = int(easel.main(prog_name="easel", standalone_mode=False) or 0)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except (click.ClickException, EaselError, OSError) as error:
        code, problem = WRONG_USAGE if isinstance(error, click.UsageError) else 1, _problem(error)
    if problem:
        from rich.console import Console

        with contextlib.suppress(OSError):  # there is no other place to report it
            Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False).print(f"easel: {problem}")
    sys.exit(standard_streams.finish(code))


def _problem(error: Exception) -> str:
    if isinstance(error, click.UsageError):
        return _usage(error)
    if isinstance(error, click.ClickException):
        return _one_line(error.format_message())
    if isinstance(error, BrokenPipeError):  # the reader of the output, such as `head`, has read enough
        return ""
    if isinstance(error, OSError) and error.filename is None:
        return f"the output cannot be written: {error.strerror}"
    return _one_line(error)


def _usage(wrong: click.UsageError) -> str:
    path = wrong.ctx.command_path if wrong.ctx else _path_of(sys.argv[1:])
    message = _one_line(wrong.format_message())
    end = "" if message.endswith((".", "?")) else "."
    return f"{message}{end} Try: {path} --help"


def _path_of(words: Sequence[str]) -> str:
    """Return the command that these words name. Click does not name it if an option lacks its value."""
    path, command = ["easel"], cast("click.Command", easel)
    for word in words:
        if isinstance(command, click.Group) and (found := command.commands.get(word)) is not None:
            path.append(word)
            command = found
    return " ".join(path)


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
