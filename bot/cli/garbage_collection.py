"""Keeps the garbage collector away from what is loaded at a start.

Loading the bot makes 120,000 objects, nearly all of which stay. Searching them for garbage repeatedly took a
seventh of the loading time, and each later full collection would stop the event loop for as long as one of these
searches.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Generator[None]:
    """Pause garbage collection in this block, and leave out what it has loaded until `settle`."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def settle() -> None:
    """Collect the garbage of the start once, and exclude what is left from later collections.

    Call it when the start is done. All answers wait for a full collection: with everything that was loaded, each took
    0.12 s; without it, 0.012 s.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
