"""Tests of the command line as a process, with the terminals, pipes and disks that machines really have."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.patience import PATIENCE_S
from tests.unit.cli.damage import sound

ROOT = Path(__file__).parents[3]
FULL = Path("/dev/full")


def easel(folder, *words, redirect="", python="", **environment):
    """Run the command line in a shell, with its output redirected; return the finished process."""
    own = {name.upper() for name in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name not in own}
    line = f'exec "$0" {python} -m bot "$@" {redirect}'
    return subprocess.run(
        ["sh", "-c", line, sys.executable, *words],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.parametrize("words", [["ledger", "--help"], ["models"]])
def test_optimizing_python_changes_nothing(tmp_path, words):
    usual = easel(tmp_path, *words)
    assert usual.returncode == 0
    assert "  " in usual.stdout
    for optimized in (
        easel(tmp_path, *words, PYTHONOPTIMIZE="2"),
        easel(tmp_path, *words, python="-OO"),
        easel(tmp_path, *words, PYTHONOPTIMIZE="1"),
    ):
        assert (optimized.returncode, optimized.stdout, optimized.stderr) == (0, usual.stdout, "")


def test_optimized_command_imports_nothing_from_the_working_directory(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "easel.py").write_text("from bot.__main__ import main\n\nmain()\n")
    (tmp_path / "bot.py").write_text("raise SystemExit('another bot')\n")
    ended = subprocess.run(
        [sys.executable, "-OO", "bin/easel.py", "ledger", "--help"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Inspect the credit ledger" in ended.stdout


def test_terminal_without_unicode_prints_a_stand_in(tmp_path):
    (tmp_path / "数据").mkdir()
    address = f"sqlite:///数据/{sound(tmp_path).partition('///')[2]}"
    (tmp_path / "ledger.db").rename(tmp_path / "数据" / "ledger.db")
    ended = easel(tmp_path, "migrate", DATABASE_URL=address, PYTHONIOENCODING="latin-1", LOG_LEVEL="ERROR")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "??/ledger.db is up to date.\n", "")


def test_error_is_printed_on_a_terminal_without_unicode(tmp_path):
    ended = easel(tmp_path, "ledger", "verify", DATABASE_URL="sqlite:///数据.db", PYTHONIOENCODING="ascii")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("easel: there is no database at ??.db")


@pytest.mark.parametrize("words", [["models"], ["models", "--json"], ["--help"], ["ledger", "verify"]])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_full_disk_is_reported_in_one_line(tmp_path, words, buffered):
    if not FULL.exists():
        pytest.skip("there is no /dev/full")
    address = sound(tmp_path)
    ended = easel(tmp_path, *words, redirect="> /dev/full", DATABASE_URL=address, PYTHONUNBUFFERED=buffered)
    assert ended.returncode == 1
    assert ended.stderr.startswith("easel: ")
    assert "No space left on device" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("buffered", ["", "1"])
def test_full_disk_for_the_errors_does_not_change_the_exit_code(tmp_path, buffered):
    if not FULL.exists():
        pytest.skip("there is no /dev/full")
    for words, code in ((["absent"], 2), (["ledger", "verify"], 1), (["models"], 0)):
        assert easel(tmp_path, *words, redirect="2> /dev/full", PYTHONUNBUFFERED=buffered).returncode == code


@pytest.mark.parametrize("words", [["models"], ["--help"]])
def test_reader_that_stops_early_ends_the_output_quietly(tmp_path, words):
    ended = easel(tmp_path, *words, redirect="| true")
    assert ended.stderr == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_end_quietly(tmp_path, closed):
    address = sound(tmp_path)
    ended = easel(tmp_path, "ledger", "verify", redirect=closed, DATABASE_URL=address)
    assert (ended.returncode, ended.stderr) == (0, "")
    failed = easel(tmp_path, "migrate", redirect=closed, DATABASE_URL="sqlite:////dev/null/x.db")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr


def test_database_never_gets_the_number_of_a_closed_stream(tmp_path):
    address = sound(tmp_path)
    for _ in range(2):
        ended = easel(tmp_path, "migrate", redirect="<&- >&- 2>&-", DATABASE_URL=address, LOG_LEVEL="DEBUG")
        assert ended.returncode == 0
    assert easel(tmp_path, "ledger", "verify", DATABASE_URL=address).stdout == "The ledger is in order.\n"
