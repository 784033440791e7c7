import json
import logging

import pytest
import structlog

from bot.errors import Fenced
from bot.ops import log


@pytest.fixture(autouse=True)
def _restore_logging():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def configured(capsys, **changes):
    log.configure(**{"style": "json", "level": "INFO", "secrets": ["hunter2"], **changes})

    def records():
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return records


def test_log_record_contains_its_fields(capsys):
    records = configured(capsys)
    structlog.get_logger("easel").info("job.done", job="K7QF-2M", captured_mcr=75_000)
    (record,) = records()
    assert (record["event"], record["job"], record["captured_mcr"], record["level"]) == (
        "job.done",
        "K7QF-2M",
        75_000,
        "info",
    )


def test_known_secrets_are_hidden_everywhere(capsys):
    records = configured(capsys)
    structlog.get_logger("easel").warning("provider.refused hunter2", detail="key hunter2 is bad", token="abc")
    logging.getLogger("aiohttp").warning("sent %s", "hunter2")
    written = json.dumps(records())
    assert "hunter2" not in written
    assert "abc" not in written
    assert written.count("(hidden)") == 4


def test_secret_in_a_traceback_is_hidden(capsys):
    records = configured(capsys)
    try:
        int("hunter2")
    except ValueError:
        structlog.get_logger("easel").exception("broke")
    (record,) = records()
    assert "ValueError" in record["exception"]
    assert "hunter2" not in json.dumps(record)


def test_records_below_the_level_are_not_written(capsys):
    records = configured(capsys, level="WARNING")
    structlog.get_logger("easel").info("quiet")
    assert records() == []


def test_lost_connection_is_one_line_unless_details_are_wanted(capsys):
    def attempt():
        logger, error = logging.getLogger("discord.client"), OSError("Connect call failed")
        logger.error("Attempting a reconnect in %.2fs", 1.5, exc_info=error)

    records = configured(capsys)
    attempt()
    (record,) = records()
    assert record["event"] == "Attempting a reconnect in 1.50s: Connect call failed"
    assert (record["level"], "exception" in record) == ("warning", False)
    records = configured(capsys, level="DEBUG")
    attempt()
    (record,) = records()
    assert (record["level"], "OSError" in record["exception"]) == ("error", True)


def test_parts_of_a_process_that_was_ended_by_another_leave_no_tracebacks(capsys):
    records = configured(capsys)
    fenced = Fenced(problem="others have taken over", fix="Start again")
    logging.getLogger("bot.jobs").error("step %s failed", "collect", exc_info=fenced)
    (record,) = records()
    assert record["event"] == "step collect failed: others have taken over. Start again"
    assert (record["level"], "exception" in record) == ("warning", False)


@pytest.mark.parametrize(("level", "written"), [("INFO", ["warning"]), ("ERROR", [])])
def test_libraries_are_not_louder_than_the_level(capsys, level, written):
    records = configured(capsys, level=level)
    logging.getLogger("discord.state").info("routine")
    logging.getLogger("discord.state").warning("intents")
    assert [record["level"] for record in records()] == written
