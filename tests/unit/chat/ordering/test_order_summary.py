from dataclasses import replace

import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.traits import traits
from bot.chat.ordering.cheaper_models import Alternative
from bot.chat.ordering.example_orders import examples
from bot.chat.ordering.order_summary import cheaper_line, summary
from bot.chat.texts.texts import Texts
from bot.errors import Refused

CATALOGUE = Catalogue.load()
FILE = InputFile("image", FileRole.IMAGE, "cat.png", "https://cdn.example/cat.png", 1_000, "image/png")
SAY = Texts.load().speech("en-US")
VEO_3, KLING, VEO_2 = "google/veo-3", "kwaivgi/kling-v1.6-standard", "google/veo-2"


def made(order):
    return traits(CATALOGUE.get(order.model), CATALOGUE.plan(order))


def told(order):
    return summary(order, made(order), SAY)


def lost(wanted, offered):
    before, after = (CATALOGUE.plan(one).quote.milli_credits for one in (wanted, offered))
    cheaper = Alternative(offered, CATALOGUE.get(offered.model), after, made(offered))
    line = cheaper_line(wanted, made(wanted), before, cheaper, SAY)
    assert line.startswith(f"Cheaper: **{cheaper.model.label}**, ")
    return line.partition(" credits (")[2].removesuffix(")")


def video(model, **options):
    return Order(Task.VIDEO, model, prompt="waves at dusk", **options)


def test_video_shows_length_resolution_aspect_sound_and_prompt():
    assert told(video(VEO_3)) == "8 s · 1080p · 16:9 · with sound\n> waves at dusk"
    assert told(video(VEO_2, seconds=6, aspect="9:16")) == "6 s · 9:16 · no sound\n> waves at dusk"
    assert told(video("minimax/hailuo-02")) == "6 s · 768p · no sound\n> waves at dusk"
    assert told(video("prunaai/vace-14b", resolution="720p")).startswith("5 s · 720p · 16:9 · no sound")


def test_pictures_show_their_number_size_and_options():
    order = Order(
        Task.IMAGINE, "black-forest-labs/flux-dev", prompt="a cat", count=3, seed=7, advanced=(("guidance", "4"),)
    )
    assert told(order) == "3 results · 1 MP · 1:1 · seed 7 · guidance 4\n> a cat"
    assert told(Order(Task.IMAGINE, "stability-ai/sdxl", prompt="a cat", negative="dogs")).startswith(
        "1024\u00d71024 · 1:1 · negative dogs"
    )


def test_size_that_an_aspect_replaces_is_not_shown():
    order = Order(Task.IMAGINE, "recraft-ai/recraft-v3", prompt="a cat", aspect="16:9", style="realistic_image")
    assert told(order).startswith("16:9 · style")


def test_cheaper_order_lists_what_it_lacks():
    assert lost(video(VEO_3), video(KLING)) == "5 s instead of 8 s, no sound, \u221295%"
    long = video("kwaivgi/kling-v2.0", seconds=10)
    assert lost(long, replace(long, seconds=5)) == "5 s instead of 10 s, \u221250%"
    four = Order(Task.IMAGINE, "black-forest-labs/flux-schnell", prompt="a cat", count=4)
    assert lost(four, replace(four, count=1)) == "1 result instead of 4, \u221275%"
    sharp, blurred = video("wavespeedai/wan-2.1-t2v-720p"), video("wavespeedai/wan-2.1-t2v-480p")
    assert lost(sharp, blurred) == "480p instead of 720p, \u221270%"


def test_cheaper_order_that_lacks_nothing_says_what_the_other_model_is_like():
    ultra = Order(Task.IMAGINE, "black-forest-labs/flux-1.1-pro-ultra", prompt="a cat")
    plain = replace(ultra, model="black-forest-labs/flux-schnell")
    assert lost(ultra, plain) == "another model: up to 4 pictures per run, \u221295%"


def test_values_have_their_names():
    styled = Order(Task.IMAGINE, "recraft-ai/recraft-v3", prompt="a cat", style="realistic_image/hdr")
    assert "style Photo: HDR" in told(styled)
    cut = Order(Task.REMOVEBG, "lucataco/remove-bg", files=(FILE,), background="#87ceeb")
    assert "background sky blue" in told(cut)


@pytest.mark.parametrize("model", [one for one in CATALOGUE.models() if one.enabled], ids=lambda one: one.id)
def test_every_model_has_a_summary_and_every_video_says_whether_it_has_sound(model):
    for task in model.tasks:
        for order in examples(Order(task, model.id, prompt_end=None)):
            try:
                found = made(order)
            except Refused:
                continue
            assert told(order)
            assert (found.sound is None) == (not model.media.startswith("video/"))
