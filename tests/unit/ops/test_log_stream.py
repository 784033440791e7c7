import io
import json
import logging

import pytest
import structlog

from bot.ops.log_stream import REMEMBERED, SHOWN, WINDOW_S, Folder, LogStream


class Time:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


class FullDisk(io.StringIO):
    def write(self, _text):
        raise OSError(28, "No space left on device")


@pytest.fixture
def time():
    return Time()


def logger_to(stream, time):
    """Return a separate logger that writes JSON lines through a folding handler."""
    folder = Folder(time)
    handler = LogStream(stream, folder, json.dumps)
    render = structlog.processors.JSONRenderer()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                folder,
                render,
            ],
            foreign_pre_chain=[structlog.processors.TimeStamper(), structlog.stdlib.ExtraAdder()],
        )
    )
    logger = logging.Logger("test")  # noqa: LOG001 - not one of the process's loggers
    logger.addHandler(handler)
    return logger


def written(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_equal_lines_are_folded_into_a_count(time):
    stream = io.StringIO()
    logger = logger_to(stream, time)
    for _ in range(3_000):
        logger.error("accept failed on %s", 4)
    assert len(written(stream)) == SHOWN
    time.now_s = WINDOW_S
    logger.info("another")
    *_, summary, another = written(stream)
    assert (summary["event"], summary["left_out"]) == ("accept failed on 4", 3_000 - SHOWN)
    assert another["event"] == "another"


def test_lines_that_differ_only_in_their_ids_are_folded_into_one_without_them(time):
    stream = io.StringIO()
    logger = logger_to(stream, time)
    for number in range(SHOWN + 3):
        logger.warning("the provider is down", extra={"job": f"J{number}", "guild": "1", "interaction": str(number)})
    time.now_s += WINDOW_S
    logger.warning("another")
    lines = written(stream)
    assert [line["job"] for line in lines[:SHOWN]] == [f"J{number}" for number in range(SHOWN)]
    assert {name: lines[SHOWN].get(name) for name in ("left_out", "job", "guild", "interaction")} == {
        "left_out": 3, "job": None, "guild": None, "interaction": None
    }  # fmt: skip


def test_equal_tracebacks_are_folded(time, tmp_path):
    stream = io.StringIO()
    logger = logger_to(stream, time)
    for _ in range(100):
        try:
            (tmp_path / "absent").read_text()
        except OSError:
            logger.exception("accept failed")
    assert len(written(stream)) == SHOWN


def test_different_lines_are_all_written(time):
    stream = io.StringIO()
    logger = logger_to(stream, time)
    for number in range(1_000):
        logger.error("interaction %s failed", number)
    assert len(written(stream)) == 1_000


def test_lines_are_written_again_after_a_while(time):
    stream = io.StringIO()
    logger = logger_to(stream, time)
    for _ in range(4):
        logger.warning("slow")
        time.now_s += WINDOW_S
    assert [line["event"] for line in written(stream)] == ["slow"] * 4


def test_folder_remembers_a_limited_number_of_lines(time):
    folder = Folder(time)
    for number in range(REMEMBERED * 10):
        for _ in range(SHOWN):
            folder(None, "", {"event": number})
    assert len(folder._lines) == REMEMBERED


def test_count_is_written_when_the_program_ends(time):
    stream = io.StringIO()
    logger = logger_to(stream, time)
    for _ in range(SHOWN + 7):
        logger.warning("slow")
    logger.handlers[0].close()
    assert written(stream)[-1]["left_out"] == 7


def test_full_disk_is_not_an_error_for_the_caller(time, capsys):
    logger_to(FullDisk(), time).error("broke")
    assert capsys.readouterr().err == ""


def test_mistake_in_a_log_call_is_reported(time, capsys, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", True)
    logger_to(io.StringIO(), time).error("one %s", "two", "three")
    assert "not all arguments converted" in capsys.readouterr().err
