"""Tests of the operator's override file: what it can change, and how its mistakes are reported."""

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import FileRole, Task
from bot.errors import InvalidOrder, ModelDisabled, SettingsError, Unpriced
from tests.unit.catalogue.orders import a_file, an_order

SCHNELL = "black-forest-labs/flux-schnell"
NEW_MODEL = """
[models."acme/painter"]
tasks = ["imagine"]
usd = "0.001"
per = "image"
typical_s = 2
output = { media = "image/png" }
inputs.text = { type = "string", required = true, from = "prompt" }
inputs.shape = { type = "string", enum = ["1:1", "2:1"], from = "aspect" }
"""


@pytest.fixture
def loaded(tmp_path):
    """Return a function that loads the catalogue with the given text as the operator's file."""

    def load(text, **options):
        path = tmp_path / "own.toml"
        path.write_text(text, "utf-8")
        return Catalogue.load(path, **options)

    return load


def price(catalogue, model=SCHNELL, **options):
    return catalogue.plan(an_order(model, prompt="x", **options)).quote.milli_credits


def test_only_the_built_in_catalogue_is_shared(loaded):
    assert Catalogue.load() is Catalogue.load()
    assert Catalogue.load() is not Catalogue.load(openai_key=True)
    assert loaded("") is not loaded("")


def test_empty_override_file_changes_nothing(loaded):
    assert loaded("").models() == Catalogue.load().models()


def test_override_changes_a_price(loaded):
    assert price(loaded(f'[models."{SCHNELL}"]\nusd = "0.004"')) == 100_000


def test_changing_a_model_does_not_change_models_that_copy_it(loaded):
    catalogue = loaded('[models."black-forest-labs/flux-kontext-pro"]\nenabled = false')
    assert not catalogue.get("black-forest-labs/flux-kontext-pro").enabled
    assert catalogue.get("black-forest-labs/flux-kontext-max").enabled


@pytest.mark.parametrize("percent", ["20", '"20"', "20.0"])
def test_margin_applies_to_every_price(loaded, percent):
    catalogue = loaded(f"margin_percent = {percent}")
    assert price(catalogue) == 90_000
    assert price(catalogue, "stability-ai/sdxl", count=3) == 567_000


def test_fractional_margin_is_rounded_up_once_per_order(loaded):
    catalogue = loaded('margin_percent = "0.001"')
    assert price(catalogue, count=1) == 75_001
    assert price(catalogue, count=4) == 300_003


def test_model_margin_replaces_the_global_margin(loaded):
    catalogue = loaded(f'margin_percent = 20\n[models."{SCHNELL}"]\nmargin_percent = 0')
    assert price(catalogue) == 75_000


def rembg_plan(catalogue):
    return catalogue.plan(an_order("cjwbw/rembg", Task.REMOVEBG, files=(a_file(FileRole.IMAGE),)))


def test_pinned_version_changes_the_route(loaded):
    version = "ab" * 32
    plan = rembg_plan(loaded(f'[models."cjwbw/rembg"]\nversion = "{version}"'))
    assert (plan.requests[0].path, plan.requests[0].body["version"]) == ("/v1/predictions", version)


def test_empty_version_unpins_a_model(loaded):
    plan = rembg_plan(loaded('[models."cjwbw/rembg"]\nversion = ""'))
    assert (plan.requests[0].path, plan.version) == ("/v1/models/cjwbw/rembg/predictions", None)
    assert "version" not in plan.requests[0].body


def test_built_in_version_is_the_last_public_one(catalogue):
    plan = rembg_plan(catalogue)
    assert plan.version == "fb8af171cfa1616ddcf1242c093f9c46bcada5ad4cf6f2fbe8b81b330ec5c003"
    removal = catalogue.get("sujaykhandekar/object-removal")
    assert removal.version == "153b0087c2576ad30d8cbddb35275b387d1a6bf986bda5499948f843f6460faf"


def test_disabled_model_is_refused_and_listed_but_not_offered(loaded):
    catalogue = loaded(f'[models."{SCHNELL}"]\nenabled = false')
    with pytest.raises(ModelDisabled, match="has not turned it on"):
        price(catalogue)
    assert catalogue.default(Task.IMAGINE).id != SCHNELL
    assert SCHNELL in [model.id for model in catalogue.models()]


def test_override_adds_a_new_model(loaded):
    catalogue = loaded(NEW_MODEL)
    (request,) = catalogue.plan(an_order("acme/painter", prompt="x", aspect="2:1")).requests
    assert request.path == "/v1/models/acme/painter/predictions"
    assert request.body == {"input": {"text": "x", "shape": "2:1"}}
    assert price(catalogue, "acme/painter", count=2) == 50_000
    built_in = {model.id for model in Catalogue.load().models()}
    assert {model.id for model in catalogue.models()} == built_in | {"acme/painter"}


def test_new_model_can_copy_another_one(loaded):
    catalogue = loaded(f'[models."acme/faster"]\nlike = "{SCHNELL}"\nusd = 0.002')
    assert price(catalogue, "acme/faster", count=2) == 100_000
    assert catalogue.get("acme/faster").aspects == catalogue.get(SCHNELL).aspects


def test_copy_of_a_model_that_is_called_by_version_needs_its_own_version(loaded):
    copy = '[models."acme/sdxl"]\nlike = "stability-ai/sdxl"\nusd = "0.002"\n'
    with pytest.raises(SettingsError, match=r"version: is missing, because stability-ai/sdxl .*64 characters"):
        loaded(copy)
    assert loaded(f'{copy}version = "{"a" * 64}"').get("acme/sdxl").version == "a" * 64
    assert loaded(f'{copy}version = ""').get("acme/sdxl").version is None


def test_override_can_price_another_combination(loaded):
    rows = '[{ duration = 6, resolution = "768p" }, { duration = 10, resolution = "768p", usd = "0.56" }]'
    catalogue = loaded(f'[models."minimax/hailuo-02"]\npriced = {rows}')
    assert catalogue.get("minimax/hailuo-02").seconds_choices == (6, 10)
    order = an_order("minimax/hailuo-02", Task.VIDEO, prompt="x", seconds=10)
    assert catalogue.plan(order).quote.milli_credits == 14_000_000
    with pytest.raises(Unpriced, match="duration 6, resolution 768p; duration 10, resolution 768p"):
        catalogue.plan(an_order("minimax/hailuo-02", Task.VIDEO, prompt="x", resolution="1080p"))


def test_loras_are_offered_by_name_only(loaded):
    catalogue = loaded('[models."lucataco/flux-schnell-lora".loras]\nfrosting = "alvdansen/frosting_lane_flux"')
    model = "lucataco/flux-schnell-lora"
    (request,) = catalogue.plan(an_order(model, prompt="x", lora="frosting")).requests
    assert request.body["input"]["hf_lora"] == "alvdansen/frosting_lane_flux"
    assert catalogue.get(model).choices("lora") == ("frosting",)
    with pytest.raises(InvalidOrder, match="lora must be one of: frosting"):
        catalogue.plan(an_order(model, prompt="x", lora="evil/weights"))


def test_override_changes_the_default_models_of_a_task(loaded):
    catalogue = loaded('[defaults]\nimagine = ["google/imagen-4-fast"]')
    assert catalogue.default(Task.IMAGINE).id == "google/imagen-4-fast"
    assert catalogue.default(Task.REMOVEBG).id == "lucataco/remove-bg"


@pytest.mark.parametrize(
    ("text", "where", "problem", "fix"),
    [
        ('[models."google/veo-2"]\nusd = "free"', "google/veo-2: usd", "'free'", 'usd = "0.04"'),
        ('[models."google/veo-2"]\nusd = 0', "google/veo-2: usd", "more than 0", 'usd = "0.04"'),
        ('[models."google/veo-2"]\nusd = true', "google/veo-2: usd", "True", 'usd = "0.04"'),
        ("margin_percent = -5", "margin_percent", "from 0 to 1000", "margin_percent = 20"),
        ('[models."google/veo-2"]\nmargin_percent = "x"', "google/veo-2: margin_percent", "'x'", "margin_percent = 20"),
        ('[models."google/veo-2"]\nversion = "latest"', "google/veo-2: version", "'latest'", "64 characters"),
        ('[models."google/veo-2"]\nenabled = "maybe"', "google/veo-2: enabled", "'maybe'", "true or false"),
        ('[models."google/veo-2"]\nprice = 1', "google/veo-2: price", "is not a field", "Correct its name"),
        ('[models."google/veo-2"]\nenabeld = false', "google/veo-2: enabeld", "did you mean enabled?", "its name"),
        ('[models."google/veo2"]\nusd = 1', "google/veo2: tasks", "did you mean google/veo-2?", "Correct the id"),
        (NEW_MODEL + 'inputs.x = { type = "string", required = true }', "x.from", "is missing", 'from = "prompt"'),
        (NEW_MODEL + 'inputs.x = { type = "string", enum = "flux_aspect" }', "x.enum", "mean flux_aspects?", "x.enum"),
        (NEW_MODEL + 'inputs.x = { type = "integer", minimum = 1 }', "x.minimum", "did you mean min?", "its name"),
        (NEW_MODEL + 'inputs.x = { type = "uri", from = "image" }', "x.from", "'image'", 'from = ["image"]'),
        (NEW_MODEL.replace("image/png", "png"), "acme/painter: output.media", "such as image/png", "output.media"),
        ('[defaults]\nimagine = "google/veo-2"', "defaults.imagine", "must be a list", "Correct defaults.imagine"),
        ("[models.acme.faster]\nusd = 1", "models.acme", "not the id of a model", '[models."acme/faster"]'),
        ('[models.acme]\nlike = "google/veo-2"', "models.acme", "not the id of a model", '[models."acme/faster"]'),
        ('[models."acme/.."]\nlike = "google/veo-2"', "models.acme/..", "not the id of a model", "owner/name in"),
        ('[models."acme/a?b"]\nlike = "google/veo-2"', "models.acme/a?b", "not the id of a model", "owner/name in"),
        ('[models."a/b"]\nlike = "google/veo2"', "a/b: like", "did you mean google/veo-2?", "Correct like of a/b"),
        ('[models."google/veo-2"]\nper = "hour"', "google/veo-2: per", "'hour'", "Correct per of google/veo-2"),
        ('[models."google/veo-2"]\ntasks = ["fly"]', "google/veo-2: tasks.0", "'fly'", "Correct tasks.0"),
        ('models = 5', "models", "5, not a table", "table for models"),
        ('[models]\n"google/veo-2" = 5', "google/veo-2", "5, not a table", "table for google/veo-2"),
        ('[defaults]\nimagine = ["google/veo-2"]', "defaults.imagine", "not a model for imagine", "defaults.imagine"),
        ("[defaults]\nfly = []", "defaults.fly", "fly", "defaults.fly"),
        ("colour = 1", "colour", "is not a field", "Correct its name"),
        (NEW_MODEL.replace('usd = "0.001"', ""), "acme/painter: usd", "is missing", "Add usd"),
        (NEW_MODEL.replace('"string", req', '"text", req'), "acme/painter: inputs.text.type", "'text'", "inputs.text"),
        (NEW_MODEL.replace('"prompt"', '"prompts"'), "acme/painter: inputs.text.from", "prompts", 'from = "prompt"'),
        (NEW_MODEL.replace('"image"', '"second"'), "acme/painter: per", "gives.seconds", "Correct per"),
        (NEW_MODEL + 'inputs.x = { type = "integer", always = 9, max = 5 }', "x.always", "at most 5", "inputs.x"),
        (NEW_MODEL + 'inputs.x = { type = "integer", needs = ["y"] }', "x.needs", "not an input", "inputs.x.needs"),
        (NEW_MODEL + 'inputs.x = { type = "string", from = "prompt" }', "painter: inputs", "two", "Correct"),
        (NEW_MODEL + 'inputs.x = 3', "acme/painter: inputs.x", "3", "Correct inputs.x"),
        (NEW_MODEL + 'sizes = [{ aspect = "wide", width = 3 }]', "painter: sizes.0.aspect", "'wide'", "sizes.0.aspect"),
        (NEW_MODEL.replace('{ media', '{ shape = "object", media'), "painter: output.main", "is missing", "output"),
    ],
)  # fmt: skip
def test_mistake_is_reported_with_file_model_field_value_and_fix(loaded, tmp_path, text, where, problem, fix):
    with pytest.raises(SettingsError) as wrong:
        loaded(text)
    facts = wrong.value.facts
    assert isinstance(facts["name"], str)
    assert facts["name"].startswith(str(tmp_path / "own.toml"))
    assert facts["name"].endswith(where)
    assert problem in facts["problem"]
    assert fix in facts["fix"]
    assert "\n" not in str(wrong.value)


def test_invalid_toml_is_reported_with_its_line(loaded):
    with pytest.raises(SettingsError, match=r"is not valid TOML: .*line 2"):
        loaded("margin_percent = 1\nmodels =\n")


def test_missing_quotes_around_a_models_id_are_reported(loaded):
    with pytest.raises(SettingsError, match=r"line 1.*Put the id of a model in quotes"):
        loaded("[models.acme/faster]\nusd = 1\n")


def test_missing_override_file_is_reported(tmp_path):
    with pytest.raises(SettingsError, match=r"CATALOGUE_FILE: .*cannot be read"):
        Catalogue.load(tmp_path / "absent.toml")
