"""Keeps the garbage collector away from what is loaded at startup.

Loading the bot makes 120,000 objects, nearly all of which stay. Searching them for garbage repeatedly took a
seventh of the loading time, and each later full collection would stop the event loop for as long as one of these
searches.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Generator[None]:
    """Pause garbage collection in this block, and exclude what it has loaded from collections until `settle`."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def settle() -> None:
    """Collect the garbage left by startup once, and exclude what remains from later collections.

    Call it when startup is done. A full collection delays all answers: with everything that was loaded, each one took
    0.12 s; without these objects, 0.012 s.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
