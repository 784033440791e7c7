import pytest

from bot.catalogue.colours import CHINESE, CSS, colour


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("transparent", "transparent"), ("Transparent", "transparent"), ("透明", "transparent"),
        ("red", "#ff0000"), ("Sky Blue", "#87ceeb"), ("rebecca-purple", "#663399"), ("红", "#ff0000"),
        ("红色", "#ff0000"), ("天蓝色", "#87ceeb"), ("#FFAA00", "#ffaa00"), ("ffaa00", "#ffaa00"), ("#fa0", "#ffaa00"),
    ],
)  # fmt: skip
def test_colour_is_read_as_people_write_it(typed, found):
    assert colour(typed) == found


@pytest.mark.parametrize("typed", ["", "#", "#12", "#12345g", "reddish", "rgb(1,2,3)", "色"])
def test_text_that_is_not_a_colour_is_read_as_none(typed):
    assert colour(typed) is None


def test_every_named_colour_has_a_valid_code():
    assert len(CSS) == 148
    assert [name for name in CSS if colour(name) != colour(CSS[name])] == []
    assert [name for name, css in CHINESE.items() if colour(name) != colour(css)] == []
    assert None not in map(colour, CHINESE)
