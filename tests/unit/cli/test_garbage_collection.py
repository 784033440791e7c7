import gc
import weakref

import pytest

from bot.cli.garbage_collection import nothing_collected, settle


class Node:
    """An object that refers to itself, so that only the collector can free it."""

    def __init__(self):
        self.itself = self


def test_garbage_from_startup_is_freed_when_startup_is_done():
    with nothing_collected():
        assert not gc.isenabled()
        left = weakref.ref(Node())
    assert gc.isenabled()
    gc.collect()
    assert left() is not None
    settle()
    assert left() is None


def test_later_collections_skip_what_was_loaded_at_startup():
    loaded = Node()
    settle()
    assert not any(each is loaded for each in gc.get_objects())


def test_collector_is_on_again_after_a_failed_startup():
    with pytest.raises(ImportError), nothing_collected():
        raise ImportError
    assert gc.isenabled()
