"""Tests that a collector gets spans of each order with its ids but no prompt, and that a broken one delays nothing."""

import importlib.util

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.wire.stage import is_ready, short_id

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("opentelemetry.exporter.otlp.proto.http") is None, reason="easel[otel] is not installed"
)

PROMPT = "a violet lighthouse"


class Collector:
    """Receives OTLP over HTTP, and keeps the spans."""

    def __init__(self):
        self.spans = []
        self.services = set()
        self.bodies = b""

    async def receive(self, request):
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415
            ExportTraceServiceRequest,
            ExportTraceServiceResponse,
        )

        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip":
            body = __import__("gzip").decompress(body)
        self.bodies += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services |= {
                one.value.string_value for one in resource.resource.attributes if one.key == "service.name"
            }
            for scope in resource.scope_spans:
                self.spans += scope.spans
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    def server(self):
        app = web.Application()
        app.router.add_post("/v1/traces", self.receive)
        return TestServer(app)


def attributes(span):
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


async def test_order_becomes_spans_with_the_ids_of_the_log(stage, monkeypatch):
    collector = Collector()
    async with collector.server() as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", str(server.make_url("/")))
        await stage.restart_bot()
        card = await stage.message_of(await stage.command("mira", "imagine", prompt=PROMPT), is_ready)
        job = (await stage.app.jobs.find(stage.world.guild, short_id(card))).job
        await stage.app.stop()  # exports the remaining spans
        monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
        await stage.start_bot()
    ours = [span for span in collector.spans if attributes(span).get("easel.job") == job.id]
    provider = "POST 127.0.0.1"
    expected = {"interaction application_command", "accept order", "job submit", "job collect", "job deliver", provider}
    assert expected <= {span.name for span in ours}
    ids = {"easel.job": job.id, "easel.guild": str(job.guild), "easel.interaction": str(job.order_key)}
    for span in ours:
        assert ids.items() <= attributes(span).items(), span.name
    by_id = {span.span_id: span.name for span in collector.spans}
    parents = {span.name: by_id.get(span.parent_span_id) for span in ours}
    assert parents["accept order"] == "interaction application_command"
    assert parents[provider] == "job submit"
    assert parents["job submit"] is None
    assert PROMPT.encode() not in collector.bodies
    assert job.token.encode() not in collector.bodies
    assert collector.services == {"easel"}


async def test_collector_that_does_not_exist_neither_stops_nor_delays_the_bot(
    stage, monkeypatch, unused_tcp_port, caplog
):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{unused_tcp_port}")
    await stage.restart_bot()
    await stage.message_of(await stage.command("mira", "imagine", prompt=PROMPT), is_ready)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
    await stage.restart_bot()
    assert [one.name for one in caplog.records if one.name.startswith("opentelemetry")] == []
