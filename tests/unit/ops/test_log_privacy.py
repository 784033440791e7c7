import logging

import pytest

from bot.ops.log_privacy import HIDDEN, Redactor, without_payloads

TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTpBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWg"


@pytest.mark.parametrize(
    "text",
    [
        f"POST https://discord.com/api/v10/webhooks/123/{TOKEN}/messages/@original has failed",
        f"/api/v10/interactions/456/{TOKEN}/callback",
        f"{{'token': '{TOKEN}', 'version': 1}}",
        f'{{"id": "1", "token":"{TOKEN}"}}',
        '{"token": "of another \\" form"}',
        "url=/webhooks/123/short-token?wait=true",
        f"Bot {'x' * 24}.abc",
        "https://cdn.discordapp.com/a.png?ex=1&is=2&hm=0123456789abcdef0123",
        "signed with whsec_0123456789abcdef0123/+==",
        "cannot use postgresql://easel:short-token@host/easel",
    ],
)
def test_tokens_are_hidden_by_their_form(text):
    shown = str(Redactor([])(None, "", {"event": text})["event"])
    assert HIDDEN in shown
    for secret in (TOKEN, "another", "short-token", "x" * 24, "0123456789abcdef"):
        assert secret not in shown


@pytest.mark.parametrize(
    "value", [{"token": "abc"}, [{"inner": {"prompt": "abc"}}], ("hunter2 abc",), ValueError("hunter2 abc")]
)
def test_secrets_are_hidden_in_fields_of_any_type(value):
    shown = str(Redactor(["hunter2 abc"])(None, "", {"event": "x", "field": value}))
    assert "abc" not in shown


def test_arguments_of_asyncio_callbacks_are_hidden():
    event = {"logger": "asyncio", "event": "Executing <Handle feed(b'{\"t\":\"a fox') name='jobs.poll'> took 1 s"}
    assert Redactor([])(None, "", event)["event"] == "Executing <Handle feed('…') name='jobs.poll'> took 1 s"


@pytest.mark.parametrize("payload", ["a fox", b"fox", {"content": "fox"}, ["fox"], '{"x": "fox"}'])
def test_payloads_in_the_arguments_of_libraries_are_hidden(payload):
    record = logging.LogRecord("discord.http", logging.DEBUG, "", 1, "%s with %s", ("/channels/1", payload), None)
    shown = without_payloads(record).getMessage()
    assert shown.startswith("/channels/1 with (")
    assert "fox" not in shown


def test_arguments_of_easels_own_records_are_kept():
    record = logging.LogRecord("bot.jobs", logging.INFO, "", 1, "%s", ("the disk is full",), None)
    assert without_payloads(record).getMessage() == "the disk is full"
