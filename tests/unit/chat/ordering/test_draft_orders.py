import pytest

from bot.catalogue.order import FileRole, Task
from bot.chat.ordering import draft_orders
from bot.chat.ordering.example_orders import examples
from tests.unit.chat.tree import options_of


def draft(task, typed):
    """Return the order that a task's command makes from these options."""
    return draft_orders.draft(task, typed, options_of(task.value))


def test_draft_contains_the_options_typed_so_far():
    order = draft(Task.VIDEO, [("prompt", "waves"), ("model", "veo"), ("seconds", 8), ("resolution", "1080p")])
    assert (order.model, order.prompt, order.seconds, order.resolution) == ("", "waves", 8, "1080p")


def test_renamed_option_fills_its_field():
    assert draft(Task.UPSCALE, [("mode", "crisp")]).style == "crisp"


def test_complete_pairs_of_half_typed_advanced_text_are_used():
    assert draft(Task.IMAGINE, [("advanced", "guidance=4 go_fa")]).advanced == (("guidance", "4"),)
    assert draft(Task.IMAGINE, [("advanced", "go_fa")]).advanced is None


def test_empty_invalid_and_unrelated_options_are_left_out():
    typed = [("seconds", ""), ("count", "many"), ("visibility", "me"), ("preset", "noir")]
    assert draft(Task.IMAGINE, typed) == draft(Task.IMAGINE, [])


@pytest.mark.parametrize(
    ("task", "option", "slot", "role"),
    [
        (Task.VIDEO, "image", "image", FileRole.FIRST_FRAME),
        (Task.VIDEO, "last_frame", "last_frame", FileRole.LAST_FRAME),
        (Task.VIDEO, "reference3", "reference3", FileRole.REFERENCE),
        (Task.VIDEO, "video", "video", FileRole.VIDEO),
        (Task.EDIT, "image2", "image2", FileRole.IMAGE),
        (Task.REMOVEBG, "job", "image", FileRole.IMAGE),
        (Task.ERASE, "mask", "mask", FileRole.MASK),
    ],
)
def test_attached_file_has_the_role_of_its_option(task, option, slot, role):
    (file,) = draft(task, [(option, object())]).files
    assert (file.slot, file.role) == (slot, role)
    for order in examples(draft(task, [(option, object())])):
        assert order.file(slot) == file
        assert len({one.slot for one in order.files}) == len(order.files)
