"""Tests of a restart: with a state folder, the sandbox's key, predictions and files are the same afterwards."""

from tests.sandbox.provider.conftest import VEO, photo, running

FILL = "/v1/models/black-forest-labs/flux-fill-pro/predictions"


async def test_finished_prediction_and_its_file_survive_a_restart(tmp_path):
    async with running(state=tmp_path) as before:
        made = await before.made({"prompt": "a boat"})
        _, data, _ = await before.file(made["output"][0])
    async with running(state=tmp_path) as after:
        assert after.key == before.key
        again = (await after.get(made["id"])).body
        path = made["output"][0].removeprefix(before.url)
        assert again["output"] == [after.url + path]
        assert again | {"output": 0} == made | {"output": 0}
        assert (await after.file(after.url + path))[:2] == (200, data)
        assert [each["id"] for each in await after.control("predictions")] == [made["id"]]


async def test_outputs_are_drawn_again_from_input_files_that_are_gone(tmp_path, files):
    files.served["photo.png"] = photo((300, 280))
    given = {"image": files("photo.png"), "mask": files("mask.png"), "prompt": "x"}
    async with running(state=tmp_path) as before:
        made = await before.made(given, path=FILL)
        _, data, _ = await before.file(made["output"])
    files.served.clear()
    async with running(state=tmp_path) as after:
        assert (await after.file(made["output"].replace(before.url, after.url)))[1] == data


async def test_running_prediction_continues_after_a_restart(tmp_path):
    async with running(state=tmp_path) as before:
        created = await before.create({"prompt": "a boat"}, path=VEO)
        before.sandbox.clock.advance(20)
        assert (await before.get(created.body["id"])).body["status"] == "processing"
    async with running(state=tmp_path) as after:
        started = (await after.get(created.body["id"])).body
        assert started["status"] == "processing"
        ended = await after.ended(created.body["id"])
        assert (ended["status"], ended["started_at"]) == ("succeeded", started["started_at"])


async def test_cancelled_and_expired_predictions_are_unchanged_by_a_restart(tmp_path):
    async with running(state=tmp_path) as before:
        cancelled = (await before.create({"prompt": "x"}, path=VEO)).body["id"]
        await before.call("POST", f"/v1/predictions/{cancelled}/cancel")
        expired = (await before.made({"prompt": "x"}))["id"]
        before.sandbox.clock.advance(4_000)
    async with running(state=tmp_path) as after:
        after.sandbox.clock.advance(4_000)
        assert (await after.get(cancelled)).body["status"] == "canceled"
        assert (await after.get(expired)).body["data_removed"] is True


async def test_new_predictions_after_a_restart_have_new_ids(tmp_path):
    ids = set()
    for _ in range(2):
        async with running(state=tmp_path, seed=1) as provider:
            ids |= {(await provider.create({"prompt": "x"})).body["id"] for _ in range(3)}
    assert len(ids) == 6


async def test_sandbox_without_a_folder_keeps_nothing():
    async with running() as before:
        created = await before.create({"prompt": "x"})
    async with running() as after:
        assert (await after.get(created.body["id"])).status == 404
