"""Tests that a test run removes the PostgreSQL servers of runs that were killed, and no others."""

import os
import subprocess
import sys

import psutil
import pytest

from tests.postgres_server import OWNER, PREFIX, remove_abandoned


@pytest.fixture
def ended():
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def folder_of(owner, above):
    folder = above / f"{PREFIX}{owner}"
    folder.mkdir()
    (above / f"{folder.name}{OWNER}").write_text(str(owner))
    return folder


def test_server_of_a_killed_run_is_stopped_and_deleted(tmp_path, ended):
    folder = folder_of(ended, tmp_path)
    command = [sys.executable, "-c", "input()", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as server:
        remove_abandoned(tmp_path)
        assert not psutil.pid_exists(server.pid)
    assert list(tmp_path.iterdir()) == []


def test_server_of_a_running_test_process_is_kept(tmp_path):
    folder = folder_of(os.getpid(), tmp_path)
    remove_abandoned(tmp_path)
    assert folder.exists()


def test_server_whose_owner_is_not_known_yet_is_kept(tmp_path):
    folder = folder_of("", tmp_path)
    remove_abandoned(tmp_path)
    assert folder.exists()
