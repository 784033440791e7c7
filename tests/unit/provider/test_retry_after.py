import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ProviderBusy
from bot.provider.client import ProviderClient
from bot.provider.retry_after import CAP_S, DEFAULT_S, retry_after_s
from tests.manual_clock import ManualClock
from tests.unit.provider.misbehaving import Misbehaving, http

NOW_MS = 1_700_000_000_000
IN_A_MINUTE = "Tue, 14 Nov 2023 22:14:20 GMT"
AGO = "Tue, 14 Nov 2023 22:00:00 GMT"


def wait_s(header: str | None = None, body: object = None, text: str = "") -> float:
    headers = {} if header is None else {"Retry-After": header}
    return retry_after_s(headers, body=body, text=text, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("header", "body", "text", "seconds"),
    [
        (None, None, "", DEFAULT_S),
        ("7", None, "", 7),
        ("2.5", None, "", 2.5),
        (IN_A_MINUTE, None, "", 60),
        (AGO, None, "", 0),
        (None, 9, "", 9),
        (None, 1.5, "", 1.5),
        (None, "12", "", 12),
        (None, None, "Request was throttled. Your rate limit resets in ~30s.", 30),
        (None, None, "rate limit reset in 3 seconds", 3),
        (None, None, "limited to 6 requests per minute. Your rate limit resets in ~9s.", 9),
        (None, None, "limited to 600 s of video", DEFAULT_S),
        ("60", 9, "resets in ~30s", 9),
        ("60", None, "resets in ~30s", 30),
        ("soon", None, "", DEFAULT_S),
        ("-5", None, "", 0),
        ("nan", None, "", DEFAULT_S),
        ("inf", None, "", DEFAULT_S),
        ("1e9", None, "", CAP_S),
        (None, True, "", DEFAULT_S),
        (None, {"s": 1}, "", DEFAULT_S),
        (None, 10**400, "", DEFAULT_S),
        ("Tue, 99 Nov 2023 22:14:20 GMT", None, "", DEFAULT_S),
    ],
)
def test_every_form_is_parsed(header: str | None, body: object, text: str, seconds: float) -> None:
    assert wait_s(header, body, text) == pytest.approx(seconds)


@given(st.none() | st.text(), st.none() | st.floats() | st.integers() | st.text(), st.text())
def test_wait_is_always_bounded(header: str | None, body: object, text: str) -> None:
    assert 0 <= wait_s(header, body, text) <= CAP_S


async def test_throttled_budget_stays_closed_for_the_stated_time(
    client: ProviderClient, server: Misbehaving, clock: ManualClock
) -> None:
    server.says(http(429, {"detail": "Request was throttled.", "retry_after": 9}))
    with pytest.raises(ProviderBusy) as caught:
        await client.create("/v1/predictions", {})
    assert caught.value.facts["retry_after_s"] == 9
    await clock.advance(8.9)
    assert (client.creates.available, client.reads.try_take()) == (0, True)
    await clock.advance(1.1)
    assert client.creates.available >= 1


async def test_date_is_compared_to_the_servers_clock(client: ProviderClient, server: Misbehaving) -> None:
    dates = {"Date": "Wed, 15 Nov 2023 10:00:00 GMT", "Retry-After": "Wed, 15 Nov 2023 10:00:20 GMT"}
    server.says(http(429, b"", headers=dates))
    with pytest.raises(ProviderBusy) as caught:
        await client.fetch("abc")
    assert caught.value.facts["retry_after_s"] == pytest.approx(20, abs=1)
