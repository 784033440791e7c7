"""The files with which Easel is deployed and monitored: a systemd unit, compose.yaml for containers, alert rules."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.cli.stop_signals import MOST_S
from bot.settings import Settings, load
from tests.present import present

ROOT = Path(__file__).parents[3]
UNIT = (ROOT / "ops" / "easel.service").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
SEVERAL = (ROOT / "compose.postgres.yaml").read_text()
ALERTS = (ROOT / "ops" / "alerts.yaml").read_text()
ALERT_TESTS = (ROOT / "ops" / "alerts.test.yaml").read_text()
GUIDE = (ROOT / "docs" / "operate.md").read_text()
FOREIGN = {"PYTHONUNBUFFERED", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}
SLACK_S = 5


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (UNIT, r"(?m)^Environment=([A-Z_]+)="),
        (COMPOSE, r"(?m)^      ([A-Z_]+):"),
        (SEVERAL, r"(?m)^ {4,6}([A-Z_]+):"),
    ],
)
def test_deployment_files_set_existing_settings_only(text, pattern):
    named = {*re.findall(pattern, text)}
    assert named
    assert {name.lower() for name in named - FOREIGN} <= Settings.model_fields.keys()


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (UNIT, r"(?m)^Environment=([A-Z_]+)=(.*)$"),
        (COMPOSE, r"(?m)^      ([A-Z_]+): (.*)$"),
        (SEVERAL, r"(?m)^ {4,6}([A-Z_]+): (.*)$"),
    ],
)
def test_settings_of_a_deployment_win_over_an_env_file_with_all_defaults(text, pattern, monkeypatch, tmp_path):
    """Operators begin with `cp .env.example .env`, and `env_file` overrides the settings in a container's image."""
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text())
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in re.findall(pattern, text):
        monkeypatch.setenv(name, re.sub(r"\$\{.*\}", "password", value))
    found = load()
    assert found.data_dir.is_absolute()
    assert found.database_url != Settings.model_fields["database_url"].default
    assert found.backup_every == (0 if "postgres" in found.database_url else 24)
    if text is not UNIT:  # a published port does not reach 127.0.0.1 in the container
        assert (found.http_host, found.http_port) == ("0.0.0.0", 8080)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (UNIT, r"TimeoutStopSec=(\d+)"),
        (COMPOSE, r"stop_grace_period: (\d+)s"),
        (SEVERAL, r"stop_grace_period: (\d+)s"),
    ],
)
def test_supervisors_wait_longer_than_a_stop_takes(text, pattern):
    stated = re.findall(pattern, text)
    assert min(map(int, stated)) >= MOST_S + SLACK_S


def test_compose_with_postgresql_starts_one_gateway_process_and_two_workers():
    assert re.findall(r"(?m)^ +ROLE: (\w+)$", SEVERAL) == ["worker", "gateway"]  # the default, and the exception
    assert re.findall(r"replicas: (\d+)", SEVERAL) == ["2"]
    assert re.findall(r"(?m)^  (\w+):$", SEVERAL.partition("services:")[2]) == [
        "gateway",
        "worker",
        "postgres",
        "data",
        "database",
    ]
    assert "- 127.0.0.1:8080:8080\n" in SEVERAL


def test_compose_container_publishes_its_port_to_this_machine_only():
    (port,) = re.findall(r"EXPOSE (\d+)", (ROOT / "Dockerfile").read_text())
    assert f"- 127.0.0.1:{port}:{port}\n" in COMPOSE
    assert "- data:/data\n" in COMPOSE


def test_systemd_accepts_the_unit(tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    here = tmp_path / "easel.service"
    here.write_text(UNIT.replace("/opt/easel/.venv/bin/easel", sys.executable))
    ended = subprocess.run([program, "verify", here], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def image_check() -> Any:
    """Load the program of `make image-check`, which is in no package."""
    found = present(importlib.util.spec_from_file_location("image_check", ROOT / "ops" / "image_check.py"))
    module = sys.modules[found.name] = importlib.util.module_from_spec(found)
    present(found.loader).exec_module(module)
    return module


@pytest.mark.parametrize("check", [("check", "rules", "alerts.yaml"), ("test", "rules", "alerts.test.yaml")])
def test_prometheus_accepts_the_alerts_and_they_fire_when_they_should(check):
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    ended = subprocess.run([program, *check], cwd=ROOT / "ops", capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_each_alert_has_a_test_in_which_it_fires():
    fired = re.findall(r"(?m)^ +alertname: (\w+)\n +exp_alerts:$", ALERT_TESTS)
    assert {*fired} == {*re.findall(r"alert: (\w+)", ALERTS)}


def test_guide_has_a_section_for_each_alert_and_no_other():
    assert re.findall(r"(?m)^### (Easel\w+)$", GUIDE) == re.findall(r"alert: (\w+)", ALERTS)


def test_image_can_be_built_and_checked_without_docker():
    """`make image-check` reads from the Dockerfile what to build and how to run it."""
    image = image_check().Image.read((ROOT / "Dockerfile").read_text())
    sources = {source for names, _ in image.copied for source in names}
    assert {"requirements/runtime.txt", "pyproject.toml", "bot", "cogs", "sandbox"} <= sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert ["venv" in step for step in image.steps] == [True, True]
    assert image.environment["DATA_DIR"] == "/data"
    assert image.entry == ("/venv/bin/python", "-m", "bot")
    assert image.health == ("/venv/bin/python", "-m", "bot.ops.healthcheck")
    assert image.user > 0
