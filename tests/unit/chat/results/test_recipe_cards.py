from dataclasses import replace

import pytest

from bot.catalogue.order import Order, Task
from bot.chat.results.recipe_cards import command_card, command_text, diff_card, recipe_card
from bot.chat.texts.texts import Texts
from bot.jobs.recipe import Difference, Recipe, RecipeInput
from bot.jobs.records import Lineage, Parent, Relation
from tests.present import present
from tests.unit.chat.embeds import description_of
from tests.unit.chat.samples import delivered, order
from tests.unit.chat.tree import options_of

SAY = Texts.load().speech("en-US")
RECIPE = Recipe("K7QF-2M", Task.IMAGINE, "a/b", None, {"prompt": "a @everyone *cat*"}, (7, None), (), None)


def command(made: Order, snapshot=None) -> str:
    return command_text(snapshot or delivered(), made, options_of(made.task.value))


def test_command_contains_the_options_and_the_seed():
    made = order(aspect="16:9", count=2, seed=5)
    model = "black-forest-labs/flux-schnell"
    assert command(made) == f"/imagine prompt:a lighthouse in fog aspect:16:9 count:2 model:{model} seed:5"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (Order(Task.EDIT, "m", prompt="red"), "/edit instruction:red model:m"),
        (Order(Task.ERASE, "m", prompt="grass"), "/erase fill:grass model:m"),
        (Order(Task.UPSCALE, "m", style="crisp"), "/upscale mode:crisp"),
        (Order(Task.MUSIC, "m", prompt="a", prompt_end="b", seed=1), "/music prompt:a prompt2:b seed:1"),
        (Order(Task.SVG, "m", prompt="a", seed=1), "/svg prompt:a model:m"),
        (Order(Task.ERASE, "m", prompt="grass", aspect="1:1", count=2), "/erase fill:grass model:m"),
    ],
)
def test_command_uses_its_own_option_names(made, text):
    assert command(made) == text


def test_command_and_recipe_include_advanced_inputs():
    made = order(advanced=(("go_fast", "false"), ("outpaint", "Zoom out 2x")))
    text = 'advanced:go_fast=false outpaint="Zoom out 2x" model:'
    assert text in command(made)
    shown = description_of(recipe_card(replace(RECIPE, advanced=dict(present(made.advanced))), SAY))
    assert 'go\\_fast=false outpaint="Zoom out 2x"' in shown


def test_command_with_a_job_option_mentions_the_earlier_result():
    snapshot = replace(delivered(), lineage=Lineage(Parent("J", Relation.UPSCALE, 2), "AAAA-22"))
    assert command(Order(Task.UPSCALE, "m"), snapshot) == "/upscale job:AAAA-22/2"
    assert "job:" not in command(Order(Task.VIDEO, "m", prompt="x"), snapshot)


def test_command_is_a_code_block():
    card = command_card(delivered(), order(), options_of("imagine"))
    assert card.content.startswith("```\n/imagine prompt:a lighthouse in fog model:")
    assert card.embed is None


def test_long_prompt_is_complete_and_stays_inside_the_code_block():
    card = command_card(delivered(), order(prompt="``` " * 999), options_of("imagine"))
    assert card.content == ""
    assert len(description_of(card)) <= 4_096
    assert description_of(card).count("```") == 2
    assert "model:" in description_of(card)


def test_recipe_shows_everything_and_pings_nobody():
    recipe = replace(RECIPE, version="v1", parent="AAAA-22", inputs=(RecipeInput("image", "cat.png", "ab" * 32),))
    shown = description_of(recipe_card(recipe, SAY))
    for part in ("a/b", "`v1`", "job AAAA-22", "7, ?", "cat.png", "SHA-256 `abababababab…`"):
        assert part in shown
    assert "@everyone" not in shown
    assert "*cat*" not in shown.replace("\\*", "")


@pytest.mark.parametrize(
    ("option", "value", "name", "chinese"),
    [
        ("style", "realistic_image/hdr", "Photo: HDR", "照片\uff1aHDR"),
        ("voice", "en_uk_boy1", "English: Bud", "英语\uff1a英国男孩"),
        ("background", "#ff0000", "red", "红色"),
    ],
)
def test_recipe_and_comparison_show_values_as_people_read_them(option, value, name, chinese):
    styled = replace(RECIPE, options={option: value})
    for say, shown, colon in ((SAY, name, ": "), (Texts.load().speech("zh-CN"), chinese, "\uff1a")):
        assert f"**{colon}{shown}" in description_of(recipe_card(styled, say))
        assert f"{colon}{shown} → " in description_of(
            diff_card(styled, RECIPE, (Difference(option, value, None),), say)
        )
        assert value.replace("_", "\\_") not in description_of(recipe_card(styled, say))


def test_recipe_shows_the_number_of_ordered_results_only_if_it_is_above_one():
    shown = [description_of(recipe_card(replace(RECIPE, options={"count": count}), SAY)) for count in ("1", "2")]
    assert ["count" in one for one in shown] == [False, True]


def test_comparison_mentions_both_recipes():
    card = diff_card(RECIPE, RECIPE, (Difference("seed", "1", None),), SAY)
    assert description_of(card) == "**seed**: 1 → not set"
    assert "same recipe" in diff_card(RECIPE, RECIPE, (), SAY).content
