"""Tests of how a model is found by a few letters, or chosen by default."""

from dataclasses import replace

import pytest

from bot.catalogue.order import FileRole, Task
from bot.errors import InvalidOrder, NoModel, Refused, UnknownModel
from tests.unit.catalogue.orders import a_file, an_order


def labels(models):
    return [model.label for model in models]


def test_empty_search_lists_the_cheapest_first(catalogue):
    assert labels(catalogue.find("", Task.IMAGINE))[:3] == ["flux-schnell", "stable-diffusion", "flux-schnell-lora"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("flux-schnell", "flux-schnell"),
        ("Flux Schnell", "flux-schnell"),
        ("sdxl", "sdxl"),
        ("ultra", "imagen-4-ultra"),
        ("google/imagen-4", "imagen-4"),
        ("imagen", "imagen-4-fast"),
        ("recraft v3", "recraft-v3"),
        ("lucataco", "flux-schnell-lora"),
        ("flxsch", "flux-schnell"),
        ("s", "stable-diffusion"),
    ],
)
def test_best_match_comes_first(catalogue, text, first):
    found = labels(catalogue.find(text, Task.IMAGINE))
    expected = {"ultra": {"imagen-4-ultra", "flux-1.1-pro-ultra"}}.get(text, {first})
    assert found[0] in expected


def test_unrelated_letters_match_nothing(catalogue):
    assert catalogue.find("zzz", Task.IMAGINE) == ()


def test_only_models_for_the_task_are_found(catalogue):
    assert labels(catalogue.find("recraft", Task.UPSCALE)) == ["recraft-crisp-upscale", "recraft-creative-upscale"]
    assert all(Task.VIDEO in model.tasks for model in catalogue.for_task(Task.VIDEO))


def test_every_enabled_model_is_found_for_its_tasks(catalogue):
    found = {model.id for task in Task for model in catalogue.for_task(task)}
    assert {model.id for model in catalogue.models()} - found == {"openai/gpt-image-1"}


@pytest.mark.parametrize(
    ("task", "model"),
    [
        (Task.IMAGINE, "black-forest-labs/flux-schnell"),
        (Task.REMOVEBG, "lucataco/remove-bg"),
        (Task.VIDEO, "kwaivgi/kling-v1.6-standard"),
        (Task.UPSCALE, "recraft-ai/recraft-crisp-upscale"),
        (Task.ERASE, "black-forest-labs/flux-fill-dev"),
    ],
)
def test_each_task_has_a_sensible_default(catalogue, task, model):
    assert catalogue.default(task).id == model


def test_every_task_has_a_default(catalogue):
    assert all(task in catalogue.default(task).tasks for task in Task)


@pytest.mark.parametrize(
    ("task", "options", "model"),
    [
        (Task.IMAGINE, {"prompt": "x"}, "black-forest-labs/flux-schnell"),
        (Task.IMAGINE, {"prompt": "x", "files": [a_file(FileRole.REFERENCE)]}, "black-forest-labs/flux-dev"),
        (Task.IMAGINE, {"prompt": "x", "negative": "people"}, "stability-ai/sdxl"),
        (Task.VIDEO, {"prompt": "x", "resolution": "768p"}, "minimax/hailuo-02"),
        (Task.VIDEO, {"prompt": "x", "seconds": 8}, "google/veo-2"),
        (Task.EDIT, {"prompt": "x", "files": [a_file()]}, "black-forest-labs/flux-kontext-dev"),
        (
            Task.EDIT,
            {"prompt": "x", "files": [a_file(), a_file(slot="image2")]},
            "flux-kontext-apps/multi-image-kontext-pro",
        ),
    ],
)
def test_default_supports_everything_that_the_order_requires(catalogue, task, options, model):
    assert catalogue.default(task, an_order("", task, **options)).id == model


def test_picture_order_never_defaults_to_a_video_model(catalogue):
    files = [a_file(slot=slot) for slot in ("image", "image2", "image3")]
    with pytest.raises(InvalidOrder, match="one file too many"):
        catalogue.default(Task.EDIT, an_order("", Task.EDIT, prompt="x", files=files))


@pytest.mark.parametrize(
    ("model", "role", "room"),
    [
        ("black-forest-labs/flux-schnell", FileRole.REFERENCE, 0),
        ("black-forest-labs/flux-kontext-pro", FileRole.IMAGE, 1),
        ("flux-kontext-apps/multi-image-kontext-pro", FileRole.IMAGE, 2),
        ("kwaivgi/kling-v1.6-pro", FileRole.REFERENCE, 4),
        ("prunaai/vace-14b", FileRole.REFERENCE, 10),
    ],
)
def test_model_reports_how_many_files_it_accepts(catalogue, model, role, room):
    assert catalogue.get(model).room(role) == room


@pytest.mark.parametrize(
    ("model", "known", "unknown"),
    [
        ("stability-ai/sdxl", "aspect", "style"),
        ("recraft-ai/recraft-v3", "style", "seed"),
        ("lucataco/remove-bg", "background", "prompt"),
        ("wavespeedai/wan-2.1-t2v-480p", "resolution", "lora"),
    ],
)
def test_model_reports_which_options_it_supports(catalogue, model, known, unknown):
    assert catalogue.get(model).knows(known)
    assert not catalogue.get(model).knows(unknown)


def test_default_is_one_of_the_allowed_models(catalogue):
    allowed = {"minimax/hailuo-02", "google/veo-3"}
    assert catalogue.default(Task.VIDEO, allowed=allowed).id == "minimax/hailuo-02"
    with pytest.raises(NoModel):
        catalogue.default(Task.VIDEO, allowed=set())


ORDERS = [
    (Task.IMAGINE, {"prompt": "x"}),
    (Task.IMAGINE, {"prompt": "x", "count": 3}),
    (Task.IMAGINE, {"prompt": "x", "aspect": "16:9", "seed": 3}),
    (Task.IMAGINE, {"prompt": "x", "files": [a_file(FileRole.REFERENCE)]}),
    (Task.IMAGINE, {"prompt": "x", "negative": "people"}),
    (Task.EDIT, {"prompt": "x", "files": [a_file()]}),
    (Task.ERASE, {"prompt": "x", "files": [a_file(), a_file(FileRole.MASK, slot="mask")]}),
    (Task.REMOVEBG, {"files": [a_file()]}),
    (Task.UPSCALE, {"files": [a_file()]}),
    (Task.SVG, {"prompt": "x"}),
    (Task.VIDEO, {"prompt": "x"}),
    (Task.VIDEO, {"prompt": "x", "seconds": 5}),
    (Task.VIDEO, {"prompt": "x", "files": [a_file(FileRole.FIRST_FRAME)]}),
]


def prices(catalogue, task, order):
    """Return the price of an order with each model that can carry it out."""
    found = {}
    for model in catalogue.for_task(task):
        if model.by_default and model.is_video == (task is Task.VIDEO):
            try:
                found[model.id] = catalogue.plan(replace(order, model=model.id)).quote.milli_credits
            except Refused:
                continue
    return found


@pytest.mark.parametrize(("task", "options"), ORDERS)
def test_cheapest_model_that_fits_takes_the_place_of_a_usual_one_that_is_off(catalogue, task, options):
    order = an_order("", task, **options)
    priced = prices(catalogue, task, order)
    usual = catalogue.usual(task, order)
    assert catalogue.default(task, order).id == usual.id
    left = priced.keys() - {usual.id}
    while left:
        chosen = catalogue.default(task, order, allowed=left).id
        assert priced[chosen] == min(priced[one] for one in left)
        left -= {chosen}


@pytest.mark.parametrize("task", [Task.REMOVEBG, Task.ERASE])
def test_community_model_without_a_listed_version_is_never_a_default(catalogue, task):
    with pytest.raises(NoModel):
        catalogue.default(task, allowed={"cjwbw/rembg", "sujaykhandekar/object-removal"})


def test_unsupported_order_gets_the_refusal_of_the_first_choice(catalogue):
    with pytest.raises(InvalidOrder, match="flux-schnell: aspect must be one of"):
        catalogue.default(Task.IMAGINE, an_order("", prompt="x", aspect="99:1"))


def test_looking_up_an_unknown_model_fails(catalogue):
    with pytest.raises(UnknownModel):
        catalogue.get("nobody/nothing")


@pytest.mark.parametrize(
    ("model", "seconds", "resolutions", "aspects"),
    [
        ("google/veo-3", (4, 6, 8), ("720p", "1080p"), ("16:9", "9:16")),
        ("kwaivgi/kling-v2.0", (5, 10), (), ("16:9", "9:16", "1:1")),
        ("minimax/hailuo-02", (6,), ("768p",), ()),
        ("wavespeedai/wan-2.1-i2v-720p", (5,), ("720p",), ("16:9", "9:16")),
        ("prunaai/vace-14b", (5,), ("480p", "720p"), ("16:9", "9:16")),
    ],
)
def test_model_offers_only_valid_and_priced_choices(catalogue, model, seconds, resolutions, aspects):
    offered = catalogue.get(model)
    assert (offered.seconds_choices, offered.resolutions, offered.aspects) == (seconds, resolutions, aspects)


def test_video_models_are_recognized(catalogue):
    moving = {model.label for model in catalogue.models() if catalogue.is_video(model)}
    assert len(moving) == 18
    assert {"stable-diffusion-animation", "kling-lip-sync"} <= moving
    assert "riffusion" not in moving


def test_model_reports_which_files_it_accepts(catalogue):
    model = catalogue.get("kwaivgi/kling-v2.5-turbo-pro")
    assert [role for role in FileRole if model.takes(role)] == [
        FileRole.IMAGE,
        FileRole.FIRST_FRAME,
        FileRole.LAST_FRAME,
    ]
