"""Tests of the routes for models and their versions."""

import pytest

from sandbox.provider.model_schemas import Models

MODELS = Models.load().all


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_version_has_the_schema_of_its_input(provider, model):
    answer = await provider.call("GET", f"/v1/models/{model.id}/versions/{model.version}")
    assert (answer.status, answer.body["id"]) == (200, model.version)
    schema = answer.body["openapi_schema"]["components"]["schemas"]["Input"]
    assert set(schema["properties"]) == set(model.inputs)
    assert schema.get("required", []) == [name for name, field in model.inputs.items() if field.required]


async def test_model_names_its_owner_and_its_latest_version(provider):
    answer = await provider.call("GET", "/v1/models/cjwbw/rembg")
    assert (answer.body["owner"], answer.body["name"]) == ("cjwbw", "rembg")
    assert answer.body["latest_version"]["id"].startswith("fb8af171")


@pytest.mark.parametrize("path", ["nobody/nothing", "nobody/nothing/versions/x", "cjwbw/rembg/versions/" + "0" * 64])
async def test_unknown_model_or_version_is_not_found(provider, path):
    answer = await provider.call("GET", f"/v1/models/{path}")
    assert (answer.status, answer.body["detail"]) == (404, "The requested resource could not be found.")


async def test_model_is_shown_only_with_a_valid_key(provider):
    answer = await provider.call("GET", "/v1/models/cjwbw/rembg/versions/x", key="wrong")
    assert (answer.status, answer.body["title"]) == (401, "Unauthenticated")
