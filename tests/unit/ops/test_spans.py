import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.ops.spans import is_wanted, read_env_file, start_tracing
from bot.tracing import NoTracer

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        (ENDPOINT | {"OTEL_SDK_DISABLED": "True"}, False),
        (ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_switched_on_by_the_standard_variables(environment, wanted):
    assert is_wanted(environment) is wanted


def test_nothing_is_imported_unless_traces_are_wanted():
    program = "import sys, bot.jobs.dependencies, bot.ops.spans as spans; spans.start_tracing(); print(*sys.modules)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    root = Path(__file__).parents[3]
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "opentelemetry" not in loaded


def test_missing_extra_is_reported_and_nothing_is_measured(monkeypatch, caplog):
    monkeypatch.setenv(*next(iter(ENDPOINT.items())))
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert isinstance(start_tracing(), NoTracer)
    assert "pip install 'easel[otel]'" in caplog.text


def test_variables_may_be_in_the_env_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text('OTEL_SERVICE_NAME="paint"\nDISCORD_TOKEN=x\nOTEL_X=file\n')
    for name in ("OTEL_SERVICE_NAME", "DISCORD_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OTEL_X", "environment")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    read_env_file()
    assert os.environ["OTEL_SERVICE_NAME"] == "paint"
    assert os.environ["OTEL_X"] == "environment"
    assert "DISCORD_TOKEN" not in os.environ
