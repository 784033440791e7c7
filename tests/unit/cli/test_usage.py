import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMANDS = ["run", "demo", "check", "migrate", "models", "quote", "ledger", "ledger verify", "backup", "sync"]
SCHNELL = "black-forest-labs/flux-schnell"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help(easel, command, flag):
    ended = easel(*command.split(), flag)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: easel {command}")


def test_help_lists_every_command(easel):
    out = easel("--help").out
    assert all(f"\n  {command.split()[0]} " in out for command in COMMANDS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "Missing command. Try: easel --help"),
        ("ledger", "Missing command. Try: easel ledger --help"),
        ("paint", "No such command 'paint'"),
        ("run --quickly", "No such option '--quickly'"),
        ("run --port 65536", "65536 is not in the range"),
        ("run --port x", "'x' is not a valid integer"),
        ("run --speed 0", "must be a number above 0, not 0.0"),
        ("run --speed -2", "must be a number above 0, not -2.0"),
        ("run --speed nan", "must be a number above 0, not nan"),
        ("run --speed inf", "must be a number above 0, not inf"),
        ("drain --wait nan", "must be a number of seconds, not nan. Try: easel drain --help"),
        ("drain --process", "Option '--process' requires an argument. Try: easel drain --help"),
        ("ledger verify --nonsense", "No such option '--nonsense'. Try: easel ledger verify --help"),
        ("drain --process=", "'--process': is empty. Try: easel drain --help"),
        ("models all", "unexpected extra argument (all). Try:"),
        ("quote", "Missing argument 'MODEL'"),
        (f"quote {SCHNELL} fog", "'fog' is not key=value. Try: easel quote --help"),
        (f"quote {SCHNELL} prompt=fog --count many", "'many' is not a valid integer"),
        ("backup", "Missing argument 'FILE'"),
        ("sync --guild atelier", "'atelier' is not a valid integer"),
    ],
)
def test_wrong_usage_is_reported_in_one_line_with_a_hint_to_help(easel, words, expected):
    assert easel(*words.split()).wrong_usage(expected, "Try: easel")


@pytest.mark.parametrize(
    ("words", "unneeded"),
    [
        (["--help"], {"discord", "aiohttp", "fluent", "cryptography", "pydantic", "structlog"}),
        (["models"], {"discord", "aiohttp", "fluent", "cryptography"}),
        (["ledger", "verify"], {"discord", "aiohttp", "fluent", "cryptography"}),
    ],
)
def test_command_loads_only_libraries_it_needs(tmp_path, words, unneeded):
    code = (
        "import atexit, sys; from bot.cli import arguments;"
        "atexit.register(lambda: print('loaded', *sys.modules)); arguments.main()"
    )
    command = [sys.executable, "-c", code, *words]
    ended = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    loaded = ended.stdout.splitlines()[-1].split()
    assert loaded[0] == "loaded"
    assert unneeded & set(loaded) == set()
