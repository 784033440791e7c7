"""Starts one server: `python -m sandbox discord|provider|postgres …`. Prints one line of JSON when it is ready."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Protocol

from sandbox.clock import SandboxClock
from sandbox.postgres_server import PostgresServer, PostgresUnavailable
from sandbox.provider.server import GATEWAY, Detail, Differences, Limits, ProviderAccount, ProviderSandbox

Start = Callable[[], Awaitable[Mapping[str, object]]]
"""Starts a server and returns the fields of the ready line."""
Stop = Callable[[], Awaitable[None]]


class Server(Protocol):
    """A server with a port, which can be started and stopped."""

    async def start(self, port: int = 0) -> Mapping[str, object]:
        """Start listening and return the fields of the ready line."""
        ...

    async def stop(self) -> None:
        """Stop listening."""
        ...


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    top = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    kinds = top.add_subparsers(dest="kind", required=True)
    discord = kinds.add_parser("discord", help="the stand-in for Discord")
    discord.add_argument("--record", type=_path, metavar="FILE", help="write every exchange to this file of JSON lines")
    discord.add_argument("--shards", type=_rate, metavar="N", help="shards to recommend (one per 1,000 guilds)")
    discord.add_argument("--max-concurrency", type=_rate, default=1, metavar="N", help="sessions to start at once (1)")
    discord.add_argument("--starts", type=_rate, default=1_000, metavar="N", help="session starts in 24 hours (1000)")
    provider = kinds.add_parser("provider", help="the stand-in for the hosted models")
    provider.add_argument("--speed", type=_speed, default=1.0, help="divide start-up and run times by this (1)")
    provider.add_argument("--seed", type=int, help="make durations, ids and seeds repeatable")
    provider.add_argument("--key", help="the key to accept (by default a new one each time)")
    provider.add_argument("--budget", type=Decimal, metavar="USD", help="what the key may spend (unlimited by default)")
    provider.add_argument(
        "--plain", action="store_true", help="files of one colour, without drawing: to measure clients"
    )
    provider.add_argument("--creates", type=_rate, metavar="N", default=Limits().create, help="creates a minute (600)")
    provider.add_argument("--low-credit", action="store_true", help="6 creates a minute, one at a time")
    provider.add_argument("--gateway", action="store_true", help="behave like a gateway: errors, missing calls, path")
    provider.add_argument("--errors-as-200", action="store_true", help="with --gateway: errors come with status 200")
    for each in (discord, provider):
        each.add_argument("--state", type=_path, metavar="DIR", help="keep the state in this folder across restarts")
        each.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, picks a free one")
    postgres = kinds.add_parser("postgres", help="a PostgreSQL server, for a bot of several processes")
    postgres.add_argument(
        "--state", type=_path, required=True, metavar="DIR", help="keep the database in this folder across restarts"
    )
    return top


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()  # shells expand ~ too, but not in `--state=~/…`
    except RuntimeError as error:
        raise argparse.ArgumentTypeError("it has a home folder that is not known") from error


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError("the speed must be above 0")
    return speed


def _rate(text: str) -> int:
    rate = int(text)
    if rate < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return rate


def build(args: argparse.Namespace) -> tuple[Start, Stop]:
    """Build the server named on the command line, and return the functions that start and stop it."""
    if args.kind == "postgres":
        database = PostgresServer(args.state)
        return database.start, database.stop
    server = _discord(args) if args.kind == "discord" else _provider(args)
    return partial(server.start, args.port), server.stop


def _discord(args: argparse.Namespace) -> Server:
    from sandbox.discord.gateway.session_starts import GatewayLimits  # noqa: PLC0415 - as below
    from sandbox.discord.server import DiscordSandbox  # noqa: PLC0415 - the provider starts without it

    limits = GatewayLimits(shards=args.shards, max_concurrency=args.max_concurrency, starts=args.starts)
    return DiscordSandbox(SandboxClock(), record=args.record, world=args.state, gateway=limits)


def _provider(args: argparse.Namespace) -> Server:
    differences = GATEWAY if args.gateway else Differences()
    if args.errors_as_200:
        differences = Differences(prefix=GATEWAY.prefix, one_api_errors=True, errors_as_200=True)
    limits = Limits(create=6, create_burst=1) if args.low_credit else Limits(create=args.creates)
    return ProviderSandbox(
        speed=args.speed,
        differences=differences,
        account=ProviderAccount(args.budget, limits),
        seed=args.seed,
        key=args.key,
        state=args.state,
        detail=Detail.PLAIN if args.plain else Detail.FULL,
    )


async def serve(start: Start, stop: Stop) -> None:
    """Run until SIGTERM or SIGINT."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ending.set)
    try:
        sys.stdout.write(json.dumps(await start()) + "\n")
        sys.stdout.flush()
        await ending.wait()
    finally:
        await stop()


def main() -> int:
    """Start the server named on the command line."""
    args = parser().parse_args()
    try:
        asyncio.run(serve(*build(args)))
    except (OSError, PostgresUnavailable) as error:
        sys.stderr.write(f"the sandbox could not start: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
