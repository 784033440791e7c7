from typing import Any

import discord
import pytest

from bot.chat.discord.outages import LONGEST_ASKED_S, retry_after_s


class Response:
    """The part of a response that discord.py's errors read."""

    status = 429
    reason = "Too Many Requests"

    def __init__(self, asked):
        self.headers = {} if asked is None else {"Retry-After": asked}


def refused(asked):
    response: Any = Response(asked)
    return discord.HTTPException(response, "slow down")


@pytest.mark.parametrize(
    ("asked", "waited_s"),
    [
        ("3", 3),
        ("0.5", 0.5),
        (None, 0),
        ("", 0),
        ("-5", 0),
        ("nan", 0),
        ("soon", 0),
        ("Sun, 29 Nov 2026 00:00:00 GMT", 0),
        ("1764374400000", LONGEST_ASKED_S),
        ("1e300", LONGEST_ASKED_S),
        ("inf", LONGEST_ASKED_S),
    ],
)
def test_wrong_header_never_stops_calls_for_longer_than_an_hour(asked, waited_s):
    assert retry_after_s(refused(asked)) == waited_s


@pytest.mark.parametrize(
    ("asked_s", "waited_s"), [(40.0, 40.0), (1e9, LONGEST_ASKED_S), (float("inf"), LONGEST_ASKED_S)]
)
def test_wrong_limit_of_the_library_never_stops_calls_for_longer_than_an_hour(asked_s, waited_s):
    assert retry_after_s(discord.RateLimited(asked_s)) == waited_s


def test_error_without_an_answer_causes_no_pause():
    assert retry_after_s(TimeoutError()) == 0
