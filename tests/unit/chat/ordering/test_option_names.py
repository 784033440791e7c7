import inspect

import pytest
from discord import app_commands

import cogs.edit
import cogs.erase
import cogs.imagine
import cogs.lipsync
import cogs.upscale
import cogs.video
from bot.catalogue.catalogue import Catalogue
from bot.catalogue.order import InputFile, Order, Role, Task
from bot.catalogue.refusals import invalid
from bot.chat.ordering.option_names import in_words_of
from bot.errors import InvalidOrder

CATALOGUE = Catalogue.load()


def options(module):
    """The options of the command that a module has."""
    kinds = [one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__]
    (command,) = [one for kind in kinds for one in vars(kind).values() if isinstance(one, app_commands.Command)]
    return [parameter.name for parameter in command.parameters]


def told(module, order):
    with pytest.raises(InvalidOrder) as caught:
        CATALOGUE.plan(order)
    return str(in_words_of(options(module), caught.value))


def picture(role):
    return InputFile("image", role, "cat.png", "https://cdn.example/cat.png", 1_000, "image/png")


def test_a_refusal_names_no_option_that_the_command_lacks():
    model = "black-forest-labs/flux-kontext-pro"
    text = told(cogs.edit, Order(Task.EDIT, model, prompt="as a cartoon", negative="x", files=(picture(Role.IMAGE),)))
    assert text == f"{model}: negative is not supported by this model; it supports instruction, aspect, seed"


@pytest.mark.parametrize(
    ("module", "field", "said"),
    [
        (cogs.edit, "prompt", "instruction"),
        (cogs.erase, "prompt", "fill"),
        (cogs.upscale, "style", "mode"),
        (cogs.imagine, "image", "reference"),
        (cogs.video, "first_frame", "image"),
        (cogs.video, "reference", "reference"),
        (cogs.lipsync, "text", "text"),
    ],
)
def test_each_command_calls_things_by_its_own_options(module, field, said):
    error = in_words_of(options(module), invalid("m", field, "needed"))
    assert error.facts["option"] == said


def test_what_is_taken_is_said_in_the_commands_words_and_values_stay_as_they_are():
    error = in_words_of(options(cogs.edit), invalid("m", "style", "not-taken", "prompt, negative, aspect, seconds"))
    assert (error.facts["option"], error.facts["takes"]) == ("style", "instruction, aspect")
    value = in_words_of(options(cogs.edit), invalid("m", "aspect", "takes", "1:1, prompt"))
    assert value.facts["takes"] == "1:1, prompt"


def test_where_none_of_what_is_taken_is_an_option_here_none_is_named():
    error = in_words_of(["model", "visibility"], invalid("m", "seed", "not-taken", "prompt, negative"))
    assert error.facts["problem"] == "is not supported by this model"


def test_a_refusal_without_a_reason_stays_as_it_is():
    error = InvalidOrder(model="m", option="prompt", problem="is odd")
    assert in_words_of(["instruction"], error) is error
