"""Tests of how webhooks are verified, and of how Easel finds out whether the provider sends any."""

import base64
import hashlib
import hmac
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import ServerClock
from bot.errors import InputRejected, ProviderDown, ProviderUnauthorized
from bot.provider.client import is_about_webhooks
from bot.provider.webhook_offer import AFTER_ERROR_S, ASK_S, LEAST_S, WebhookOffer
from bot.provider.webhooks import TOLERANCE_S, Refusal, WebhookKeys, WebhookRefused, is_webhook_key
from tests.idle_loop import settle
from tests.manual_clock import ManualClock
from tests.unit.provider.misbehaving import http

BODY = b'{"id": "abc", "status": "succeeded"}'
CREATE = "/v1/models/a/b/predictions"
ADDRESS = "https://easel.example/webhooks/provider"


def key(letter):
    return "whsec_" + base64.b64encode(letter.encode() * 24).decode()


def signature(secret, name, timestamp, body):
    """Sign as the provider's documentation describes, without the library."""
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    return (
        "v1,"
        + base64.b64encode(hmac.new(raw, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()
    )


def headers(clock, *, secret=None, ago_s=0, name="msg_1", body=BODY, changes: Mapping[str, str | None] | None = None):
    timestamp = str(clock.now_ms() // 1_000 - ago_s)
    signed = signature(secret or key("a"), name, timestamp, body)
    made = {"webhook-id": name, "webhook-timestamp": timestamp, "webhook-signature": signed}
    return {name: value for name, value in {**made, **(changes or {})}.items() if value is not None}


@pytest.fixture
def server_clock(clock):
    return ServerClock(clock)


@pytest.fixture
def keys(server_clock):
    keys = WebhookKeys(server_clock)
    keys.replace([key("a")])
    return keys


def outcome(keys, sent, body=BODY):
    try:
        keys.verify(keys.envelope(sent), body)
    except WebhookRefused as refused:
        return refused.why
    return None


def test_webhook_counts_only_with_the_body_the_time_and_the_id_that_were_signed(keys, clock):
    sent = headers(clock)
    assert outcome(keys, sent) is None
    assert outcome(keys, sent, BODY + b" ") is Refusal.SIGNATURE
    assert outcome(keys, sent | {"webhook-id": "msg_2"}) is Refusal.SIGNATURE
    assert outcome(keys, sent | {"webhook-timestamp": str(int(sent["webhook-timestamp"]) + 1)}) is Refusal.SIGNATURE
    assert outcome(keys, headers(clock, secret=key("b"))) is Refusal.SIGNATURE
    assert outcome(keys, headers(clock, body=b"\xff"), b"\xff") is Refusal.SIGNATURE


def test_time_of_a_webhook_may_be_five_minutes_off_by_the_providers_clock(keys, clock, server_clock):
    server_clock._offset_ms = 3_600_000  # this machine is an hour behind
    hour = 3_600
    assert outcome(keys, headers(clock, ago_s=TOLERANCE_S - hour)) is None
    assert outcome(keys, headers(clock, ago_s=TOLERANCE_S + 1 - hour)) is Refusal.TIME
    assert outcome(keys, headers(clock, ago_s=-TOLERANCE_S - hour)) is None
    assert outcome(keys, headers(clock, ago_s=-TOLERANCE_S - 1 - hour)) is Refusal.TIME
    assert outcome(keys, headers(clock)) is Refusal.TIME


async def test_webhook_that_is_sent_again_later_is_refused(keys, clock):
    sent = headers(clock)
    await clock.advance(TOLERANCE_S + 1)
    assert outcome(keys, sent) is Refusal.TIME


def test_each_of_two_keys_and_of_several_signatures_counts(keys, clock):
    keys.replace([key("b"), key("a"), key("c")])
    timestamp = str(clock.now_ms() // 1_000)
    both = " ".join(["v1a,AAAA", "v1,AAAA", signature(key("a"), "msg_1", timestamp, BODY)])
    assert outcome(keys, headers(clock, secret=key("b"))) is None
    assert outcome(keys, headers(clock, changes={"webhook-signature": both})) is None
    assert outcome(keys, headers(clock, secret=key("c"))) is Refusal.SIGNATURE


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", " ", "nan", "1e9", "-1", "\ud800", "v1", "x" * 9_000, "v1,a " * 9])
def test_malformed_headers_are_refused(keys, clock, name, value):
    if name == "webhook-id" and value in {"nan", "1e9", "-1", "v1"}:
        assert outcome(keys, headers(clock, changes={name: value})) is Refusal.SIGNATURE
    else:
        assert outcome(keys, headers(clock, changes={name: value})) is Refusal.HEADERS


@settings(max_examples=30)
@given(st.text(max_size=40), st.binary(max_size=60))
def test_invalid_signature_of_any_content_is_refused(text, body):
    clock = ManualClock()
    keys = WebhookKeys(ServerClock(clock))
    keys.replace([key("a")])
    assert outcome(keys, headers(clock, changes={"webhook-signature": f"v1,{text}"}), body) is not None


def test_nothing_is_accepted_without_a_key(keys, clock):
    keys.replace([])
    assert not keys.known
    assert outcome(keys, headers(clock)) is Refusal.SIGNATURE


def test_key_has_its_prefix_and_enough_bytes():
    assert is_webhook_key(key("a"))
    assert is_webhook_key(key("a").rstrip("="))
    wrong = ["", "whsec_", key("a").removeprefix("whsec_"), "whsec_AAAA", "whsec_" + "!" * 40, "whsec_" + "é" * 40]
    assert [one for one in wrong if is_webhook_key(one)] == []


class Source:
    """Returns the keys in `answers`, one after the other, and the last one from then on."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    async def webhook_key(self):
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Scene:
    def __init__(self, clock, keys, *answers, given=()):
        keys.replace([])
        self.source = Source(*answers)
        self.offer = WebhookOffer(ADDRESS, self.source, keys, clock, given=given)


@pytest.fixture
async def scene(clock, keys):
    made = []

    async def build(*answers, **more):
        scene = Scene(clock, keys, *answers, **more)
        made.append(scene.offer)
        scene.offer.start()
        await settle()
        return scene

    yield build
    for offer in made:
        await offer.stop()


async def test_runs_have_a_webhook_while_the_provider_returns_its_key(scene, keys, clock, caplog):
    caplog.set_level("INFO")
    scene = await scene(key("a"), None)
    assert scene.offer.address == ADDRESS
    assert outcome(keys, headers(clock)) is None
    await clock.advance(ASK_S)
    assert scene.offer.address is None
    assert scene.offer.off == "the provider does not offer them"
    assert not keys.known
    assert key("a") not in caplog.text
    assert len(caplog.records) == 2


@pytest.mark.parametrize("answer", [None, ProviderUnauthorized(detail="no")])
async def test_provider_without_webhooks_is_asked_once_an_hour_and_gets_none(scene, clock, answer, caplog):
    caplog.set_level("INFO")
    scene = await scene(answer)
    await clock.advance(2 * ASK_S + 1)
    assert scene.source.asked == 3
    assert scene.offer.address is None
    assert [record.message for record in caplog.records if "without webhooks" in record.message] == [
        f"runs are created without webhooks: {scene.offer.off}"
    ]


async def test_provider_that_cannot_be_reached_is_asked_again_soon(scene, clock):
    scene = await scene(ProviderDown(detail="down"), key("a"))
    assert scene.offer.asked.is_set()
    assert scene.offer.address is None
    await clock.advance(AFTER_ERROR_S)
    assert scene.offer.address == ADDRESS


async def test_outage_of_the_provider_does_not_end_the_use_of_webhooks(scene, keys, clock):
    scene = await scene(key("a"), ProviderDown(detail="down"))
    await clock.advance(ASK_S)
    assert scene.source.asked == 2
    assert scene.offer.address == ADDRESS
    assert outcome(keys, headers(clock)) is None


async def test_replaced_key_is_learned_from_an_unknown_signature_and_the_old_one_stays_valid(scene, keys, clock):
    scene = await scene(key("a"), key("b"))
    await clock.advance(LEAST_S)
    scene.offer.doubt()
    await settle()
    assert outcome(keys, headers(clock, secret=key("b"))) is None
    assert outcome(keys, headers(clock)) is None
    await clock.advance(ASK_S)
    assert outcome(keys, headers(clock, secret=key("b"))) is None
    assert outcome(keys, headers(clock)) is Refusal.SIGNATURE


async def test_many_unknown_signatures_cause_few_requests_to_the_provider(scene, clock):
    scene = await scene(key("a"))
    for _ in range(100):
        scene.offer.doubt()
        await clock.advance(LEAST_S / 50)
    assert scene.source.asked <= 3


async def test_configured_keys_are_used_without_a_request(scene, keys, clock):
    scene = await scene(None, given=[key("b"), key("a")])
    assert scene.source.asked == 0
    assert scene.offer.address == ADDRESS
    assert outcome(keys, headers(clock)) is None


async def test_refused_webhook_ends_the_use_of_webhooks_for_good(scene, clock):
    scene = await scene(key("a"))
    scene.offer.refused("webhook must be an HTTPS URL")
    await clock.advance(2 * ASK_S)
    assert scene.offer.address is None
    assert scene.offer.off == "the provider refuses requests with them"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (http(200, {"key": key("a")}), key("a")),
        (http(200, {"key": "hk-something-else"}), None),
        (http(200, {"error": {"message": "no such thing"}}), None),
        (http(200, "<html>Welcome</html>"), None),
        (http(404, {"error": {"message": "Invalid URL (GET /v1/webhooks/default/secret)"}}), None),
        (http(405), None),
    ],
)
async def test_key_is_read_from_the_provider_and_absent_elsewhere(client, server, reply, expected):
    server.replies = [reply]
    assert await client.webhook_key() == expected


async def test_create_requests_a_webhook_only_with_an_address(client, server):
    made = {"id": "abc", "status": "starting", "input": {}}
    server.replies = [http(201, made)]
    await client.create(CREATE, {"input": {}})
    await client.create(CREATE, {"input": {}}, webhook=ADDRESS)
    without, with_one = (request.json for request in server.requests)
    assert without == {"input": {}}
    assert with_one == {"input": {}, "webhook": ADDRESS, "webhook_events_filter": ["completed"]}


HOOK = "a webhook is no prompt"


@pytest.mark.parametrize(
    ("prompt", "body", "is_about"),
    [
        (HOOK, {"detail": "- webhook must be an HTTPS URL\n", "invalid_fields": [{"field": "webhook"}]}, True),
        ("x", {"detail": "- additional property webhook_events_filter is not allowed\n", "status": 422}, True),
        ("x", {"detail": "- input.prompt: prompt is required\n", "status": 422}, False),
        ("x", {"error": {"message": f"bad prompt in a request with {ADDRESS}"}}, False),
        (HOOK, {"detail": f"- input.prompt: {HOOK}"}, False),
        ("Webhook", {"detail": "- input.prompt: 'webhook' is not allowed\n", "status": 422}, False),
    ],
)
async def test_create_refused_because_of_its_webhook_is_distinguished_from_one_refused_because_of_its_inputs(
    client, server, prompt, body, is_about
):
    server.replies = [http(422, body)]
    with pytest.raises(InputRejected) as refused:
        await client.create(CREATE, {"input": {"prompt": prompt}}, webhook=ADDRESS)
    assert is_about_webhooks(refused.value) is is_about
