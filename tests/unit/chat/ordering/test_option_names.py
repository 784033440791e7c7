import pytest

from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import FileRole, InputFile, Order, Task
from bot.catalogue.refusals import invalid
from bot.chat.discord.command_facts import CommandOptions
from bot.chat.ordering.option_names import with_option_names_of
from bot.errors import InvalidOrder
from tests.unit.chat.tree import options_of

CATALOGUE = Catalogue.load()


def rephrased(command, order):
    with pytest.raises(InvalidOrder) as caught:
        CATALOGUE.plan(order)
    return str(with_option_names_of(options_of(command), caught.value))


def picture(role):
    return InputFile("image", role, "cat.png", "https://cdn.example/cat.png", 1_000, "image/png")


def test_refusal_mentions_no_option_that_the_command_lacks():
    model = "black-forest-labs/flux-kontext-pro"
    text = rephrased(
        "edit", Order(Task.EDIT, model, prompt="as a cartoon", negative="x", files=(picture(FileRole.IMAGE),))
    )
    assert text == f"{model}: negative is not supported by this model; it supports instruction, aspect, seed"


@pytest.mark.parametrize(
    ("command", "field", "option"),
    [
        ("edit", "prompt", "instruction"),
        ("erase", "prompt", "fill"),
        ("upscale", "style", "mode"),
        ("imagine", "image", "reference"),
        ("video", "first_frame", "image"),
        ("video", "reference", "reference"),
        ("lipsync", "text", "text"),
    ],
)
def test_refusal_mentions_the_option_of_the_command_that_fills_the_field(command, field, option):
    error = with_option_names_of(options_of(command), invalid("m", field, "needed"))
    assert error.facts["option"] == option


def test_supported_options_are_renamed_but_values_are_not():
    error = with_option_names_of(
        options_of("edit"), invalid("m", "style", "not-taken", "prompt, negative, aspect, seconds")
    )
    assert (error.facts["option"], error.facts["takes"]) == ("style", "instruction, aspect")
    value = with_option_names_of(options_of("edit"), invalid("m", "aspect", "takes", "1:1, prompt"))
    assert value.facts["takes"] == "1:1, prompt"


def test_refusal_lists_no_options_if_the_command_has_none_of_them():
    error = with_option_names_of(
        CommandOptions(("model", "visibility")), invalid("m", "seed", "not-taken", "prompt, negative")
    )
    assert error.facts["problem"] == "is not supported by this model"


def test_refusal_without_a_reason_is_unchanged():
    error = InvalidOrder(model="m", option="prompt", problem="is odd")
    assert with_option_names_of(CommandOptions(("instruction",)), error) is error


@pytest.mark.parametrize(
    ("command", "reason", "takes", "told"),
    [
        ("imagine", "own-option", "aspect", ("own-option", "aspect")),
        ("erase", "own-option", "fill", ("own-option", "fill")),
        ("erase", "own-option", "seed", ("closed", "")),
        ("imagine", "needs", "lora", ("needs", "lora")),
        ("imagine", "needs", "refine", ("needs", "refine")),
        ("erase", "needs", "lora", ("not-taken-at-all", "")),
        ("erase", "unless", "outpaint", ("unless", "outpaint")),
    ],
)
def test_refusal_of_an_advanced_input_lists_options_and_inputs(command, reason, takes, told):
    error = with_option_names_of(options_of(command), invalid("m", "x", reason, takes))
    assert (error.facts["reason"], error.facts["takes"]) == told
