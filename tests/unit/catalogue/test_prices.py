"""Tests of prices against the written-out price list: the milli-credits for one unit of each model."""

from dataclasses import replace
from fractions import Fraction

import pytest

from bot.catalogue.order import FileRole, Task
from bot.catalogue.price import charge
from bot.cli.model_listing import models_json
from bot.errors import Unpriced
from tests.unit.catalogue.orders import a_file, an_order

PRICES = """
black-forest-labs/flux-kontext-pro image 1000000
black-forest-labs/flux-kontext-max image 2000000
black-forest-labs/flux-schnell image 75000
black-forest-labs/flux-dev image 625000
black-forest-labs/flux-pro image 1375000
black-forest-labs/flux-1.1-pro image 1000000
black-forest-labs/flux-1.1-pro-ultra image 1500000
black-forest-labs/flux-kontext-dev image 625000
stability-ai/stable-diffusion image 85000
stability-ai/sdxl image 157500
stability-ai/stable-diffusion-inpainting image 52500
stability-ai/stable-diffusion-img2img image 232500
minimax/video-01 request 12500000
minimax/video-01-live request 12500000
lucataco/flux-schnell-lora image 150000
lucataco/flux-dev-lora image 950000
recraft-ai/recraft-v3-svg image 2000000
recraft-ai/recraft-v3 image 1000000
recraft-ai/recraft-remove-background image 250000
recraft-ai/recraft-vectorize image 250000
recraft-ai/recraft-creative-upscale image 7500000
recraft-ai/recraft-crisp-upscale image 150000
recraft-ai/recraft-20b-svg image 1100000
recraft-ai/recraft-20b image 550000
ideogram-ai/ideogram-v2-turbo image 1250000
lucataco/animate-diff request 2300000
andreasjansson/stable-diffusion-animation request 3250000
sujaykhandekar/object-removal image 242500
cjwbw/rembg image 122500
google/veo-3 second 18750000
google/veo-2 second 12500000
riffusion/riffusion request 850000
kwaivgi/kling-v2.5-turbo-pro second 1750000
kwaivgi/kling-v2.0 second 7000000
kwaivgi/kling-v1.6-pro second 2375000
kwaivgi/kling-v1.6-standard second 1250000
kwaivgi/kling-lip-sync second 350000
wavespeedai/wan-2.1-i2v-480p second 2250000
wavespeedai/wan-2.1-t2v-480p second 1750000
wavespeedai/wan-2.1-i2v-720p second 6250000
wavespeedai/wan-2.1-t2v-720p second 6000000
openai/gpt-image-1 image 25000
prunaai/vace-14b request 15000000
lucataco/remove-bg image 13750
flux-kontext-apps/multi-image-kontext-pro image 1000000
flux-kontext-apps/multi-image-kontext-max image 2000000
google/imagen-4 image 1000000
google/imagen-4-ultra image 1500000
google/imagen-4-fast image 500000
black-forest-labs/flux-fill-pro image 1250000
black-forest-labs/flux-fill-dev image 1000000
minimax/hailuo-2.3 clip 7000000
minimax/hailuo-02 clip 6750000
"""

GOLDEN = [tuple(line.split()) for line in PRICES.strip().splitlines()]


def test_every_model_costs_its_list_price(catalogue):
    listed = {(row["id"], row["per"], str(row["milli_credits"])) for row in models_json(catalogue)}
    assert listed - set(GOLDEN) == set(), "PRICES lacks these lines; check each price on the provider's page"
    assert set(GOLDEN) - listed == set(), "PRICES has these lines, but models.toml has no such models or prices"


def test_every_price_is_a_whole_number_of_milli_credits(catalogue):
    assert [model.id for model in catalogue.models() if model.unit().denominator != 1] == []


def video(model, **options):
    return an_order(model, Task.VIDEO, prompt="waves", **options)


@pytest.mark.parametrize(
    ("model", "options", "milli_credits"),
    [
        ("google/veo-3", {}, 8 * 18_750_000),
        ("google/veo-3", {"seconds": 4}, 4 * 18_750_000),
        ("google/veo-2", {"seconds": 7}, 7 * 12_500_000),
        ("kwaivgi/kling-v2.5-turbo-pro", {}, 5 * 1_750_000),
        ("kwaivgi/kling-v2.5-turbo-pro", {"seconds": 10}, 10 * 1_750_000),
        ("wavespeedai/wan-2.1-t2v-720p", {}, 5 * 6_000_000),
        ("wavespeedai/wan-2.1-t2v-480p", {"seconds": 5}, 5 * 1_750_000),
        ("minimax/hailuo-02", {}, 6_750_000),
        ("minimax/hailuo-02", {"seconds": 6, "resolution": "768p"}, 6_750_000),
        ("minimax/video-01", {"seconds": 6}, 12_500_000),
        ("prunaai/vace-14b", {"resolution": "720p"}, 15_000_000),
    ],
)
def test_video_is_charged_by_its_length(catalogue, model, options, milli_credits):
    quote = catalogue.plan(video(model, **options)).quote
    assert (quote.milli_credits, quote.upper_bound) == (milli_credits, False)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("minimax/hailuo-02", {"seconds": 10}),
        ("minimax/hailuo-02", {"resolution": "1080p"}),
        ("minimax/hailuo-02", {"resolution": "512p"}),
        ("minimax/hailuo-2.3", {"seconds": 10}),
        ("minimax/hailuo-2.3", {"resolution": "1080p"}),
    ],
)
def test_clip_without_a_list_price_is_refused_with_the_priced_ones(catalogue, model, options):
    with pytest.raises(Unpriced) as refused:
        catalogue.plan(video(model, **options))
    assert refused.value.facts["priced"] == "duration 6, resolution 768p"


def test_veo_3_without_sound_has_no_price(catalogue):
    with pytest.raises(Unpriced, match="generate_audio false"):
        catalogue.plan_inputs("google/veo-3", {"prompt": "waves", "generate_audio": False})


def lip_sync(catalogue, **changes):
    files = (a_file(FileRole.VIDEO, duration_ms=changes.pop("duration_ms", None)), a_file(FileRole.AUDIO))
    return catalogue.plan(an_order("kwaivgi/kling-lip-sync", Task.LIPSYNC, files=files), **changes)


def test_lip_sync_of_unknown_length_is_quoted_at_the_maximum_length(catalogue):
    quote = lip_sync(catalogue).quote
    assert (quote.milli_credits, quote.units, quote.upper_bound) == (3_500_000, 10, True)


def test_lip_sync_of_measured_length_is_quoted_to_the_millisecond(catalogue):
    quote = lip_sync(catalogue, measured_ms=4_321).quote
    assert (quote.milli_credits, quote.upper_bound) == (1_512_350, False)


def test_unverified_length_does_not_lower_the_quote(catalogue):
    assert lip_sync(catalogue, duration_ms=2_000).quote.milli_credits == 3_500_000


def test_measured_length_determines_the_charge_after_an_upper_bound_quote(catalogue):
    plan = lip_sync(catalogue)
    assert charge(plan, delivered=1, measured_ms=2_500) == 875_000


def test_measured_length_above_the_maximum_never_raises_the_charge_above_the_quote(catalogue):
    plan = lip_sync(catalogue)
    assert charge(plan, delivered=1, measured_ms=60_000) == plan.quote.milli_credits


def test_extra_results_cost_nothing(catalogue):
    assert charge(lip_sync(catalogue), delivered=3, measured_ms=2_500) == 875_000


@pytest.mark.parametrize("measured_ms", [4_000, 5_080])
def test_fixed_length_video_is_charged_by_that_length_and_not_the_measured_one(catalogue, measured_ms):
    plan = catalogue.plan(video("kwaivgi/kling-v2.0"))
    assert charge(plan, delivered=1, measured_ms=measured_ms) == 35_000_000


def test_three_of_four_pictures_are_charged_as_three(catalogue):
    plan = catalogue.plan(an_order("black-forest-labs/flux-schnell", prompt="a cat", count=4))
    assert [charge(plan, delivered=n) for n in range(6)] == [0, 75_000, 150_000, 225_000, 300_000, 300_000]


def test_fraction_is_rounded_up_once_per_order(catalogue):
    plan = catalogue.plan(an_order("black-forest-labs/flux-schnell", prompt="a cat", count=3))
    thirds = replace(plan, quote=replace(plan.quote, unit_mcr=Fraction(1, 3), milli_credits=1))
    assert [charge(thirds, delivered=n) for n in range(4)] == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("model", "cheapest"),
    [
        ("black-forest-labs/flux-schnell", 75_000),
        ("google/veo-3", 75_000_000),
        ("kwaivgi/kling-v1.6-standard", 6_250_000),
        ("kwaivgi/kling-lip-sync", 700_000),
        ("minimax/hailuo-02", 6_750_000),
        ("wavespeedai/wan-2.1-i2v-480p", 11_250_000),
    ],
)
def test_cheapest_order_has_the_shortest_allowed_length(catalogue, model, cheapest):
    assert catalogue.cheapest_mcr(catalogue.get(model)) == cheapest
