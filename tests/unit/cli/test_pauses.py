import gc

import pytest

from bot.cli.run import shorten_pauses


@pytest.fixture
def unfrozen():
    yield
    gc.unfreeze()


def test_collections_leave_out_what_was_loaded_at_the_start(unfrozen):
    loaded = [[number] for number in range(1_000)]
    assert any(one is loaded for one in gc.get_objects())
    shorten_pauses()
    assert gc.get_freeze_count() > len(loaded)
    assert not any(one is loaded for one in gc.get_objects())
