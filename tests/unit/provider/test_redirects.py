"""Tests that a provider address that redirects is reported to the operator, and that the target never gets the key."""

import pytest

from bot.errors import OutcomeUnknown, ProviderMisconfigured
from bot.provider.probe import KeyState

BODY = {"input": {"prompt": "a fox"}}


def redirect(status, target):
    return f"HTTP/1.1 {status} Moved\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirect_is_reported_with_its_target(client, server, elsewhere, status):
    server.replies = [redirect(status, f"{elsewhere.url}/v1/predictions?key=hunter2")]
    for call in (client.create("/v1/predictions", BODY), client.fetch("abcdefgh"), client.recent(0)):
        with pytest.raises(ProviderMisconfigured, match=r"it redirects to http://127\.0\.0\.1") as error:
            await call
        assert str(elsewhere.port) in str(error.value)
        assert "hunter2" not in str(error.value)
    assert elsewhere.requests == []


async def test_redirect_after_which_a_run_may_exist_stays_unclear(client, server):
    server.replies = [redirect(303, "https://example.com/v1/predictions/abc")]
    with pytest.raises(OutcomeUnknown):
        await client.create("/v1/predictions", BODY)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://me:hunter2@other.example.com:8443/replicate", "https://other.example.com:8443/replicate"),
        ("/login", "/login"),
        ("//cdn.example.com/x", "https://cdn.example.com/x"),
    ],
)
async def test_target_is_shown_without_secrets(client, server, target, shown):
    server.replies = [redirect(301, target)]
    probe = await client.probe()
    assert probe.state is KeyState.UNREACHABLE
    assert probe.detail == f"HTTP 301: it redirects to {shown}"


@pytest.mark.parametrize("target", ["", "http://[broken"])
async def test_redirect_without_a_usable_target_does_not_crash(client, server, target):
    server.replies = [redirect(301, target)]
    assert (await client.probe()).state is KeyState.UNREACHABLE
