"""Tests of what `/recipe show` says about a result's content credentials."""

import pytest

from bot.media.provenance.content_credentials import read_credentials
from tests.unit.media.provenance.signers import sign_file, signer
from tests.wire.stage import is_ready, short_id

pytest.importorskip("c2pa", reason="the extra easel[c2pa] is not installed")


async def a_picture(stage):
    return await stage.message_of(await stage.command("mira", "imagine", prompt="a lighthouse"), is_ready)


def stored(stage):
    return next(path for path in (stage.folder).rglob("*-1.*") if path.is_file())


async def recipe_of(stage, message):
    return await stage.text(await stage.command("mira", "recipe show", id=short_id(message)))


async def test_recipe_says_whether_content_credentials_are_valid(stage):
    message = await a_picture(stage)
    assert "**content credentials**: none" in await recipe_of(stage, message)
    path = stored(stage)
    media = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}[path.suffix[1:]]
    sign_file(path, media, signer("Provider *Inc*"))
    assert r"**content credentials**: valid, signed by Provider \*Inc\*" in await recipe_of(stage, message)
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)
    assert "**content credentials**: not valid" in await recipe_of(stage, message)


async def test_result_is_signed_with_the_operators_certificate(stage, tmp_path):
    key = signer("Operator Ltd").files(tmp_path)
    await stage.restart_bot(content_sign_cert=key.certificate, content_sign_key=key.key)
    message = await a_picture(stage)
    assert "**content credentials**: valid, signed by Operator Ltd" in await recipe_of(stage, message)
    assert read_credentials(stored(stage)).signer == "Operator Ltd"
