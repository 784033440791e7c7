import pytest

from bot.catalogue.order import Role, Task
from bot.chat.ordering.draft_orders import draft
from bot.chat.ordering.example_orders import examples


def test_what_was_typed_so_far_is_in_the_order():
    order = draft(Task.VIDEO, [("prompt", "waves"), ("model", "veo"), ("seconds", 8), ("resolution", "1080p")])
    assert (order.model, order.prompt, order.seconds, order.resolution) == ("", "waves", 8, "1080p")


def test_an_option_with_another_name_fills_what_it_means():
    assert draft(Task.UPSCALE, [("mode", "crisp")]).style == "crisp"


def test_what_is_empty_no_value_or_no_part_of_an_order_is_left_out():
    typed = [("seconds", ""), ("count", "many"), ("visibility", "me"), ("preset", "noir")]
    assert draft(Task.IMAGINE, typed) == draft(Task.IMAGINE, [])


@pytest.mark.parametrize(
    ("task", "option", "slot", "role"),
    [
        (Task.VIDEO, "image", "image", Role.FIRST_FRAME),
        (Task.VIDEO, "last_frame", "last_frame", Role.LAST_FRAME),
        (Task.VIDEO, "reference3", "reference3", Role.REFERENCE),
        (Task.VIDEO, "video", "video", Role.VIDEO),
        (Task.EDIT, "image2", "image2", Role.IMAGE),
        (Task.REMOVEBG, "job", "image", Role.IMAGE),
        (Task.ERASE, "mask", "mask", Role.MASK),
    ],
)
def test_a_file_that_is_attached_counts_in_its_role(task, option, slot, role):
    (file,) = draft(task, [(option, object())]).files
    assert (file.slot, file.role) == (slot, role)
    for order in examples(draft(task, [(option, object())])):
        assert order.file(slot) == file
        assert len({one.slot for one in order.files}) == len(order.files)
