import gc

import pytest
from hypothesis import settings

FULL_COLLECTION_AFTER = 100
"""How many younger collections come before a full one (Python's default is 10), which reads every object."""

# Hypothesis measures a deadline in real time, of which a busy machine may give an example very little.
settings.register_profile("easel", deadline=None)
settings.load_profile("easel")


def pytest_addoption(parser):
    parser.addoption("--screenshots", metavar="DIR", help="keep the browser tests' pictures of the page in this folder")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Keep the garbage collector from examining all modules and tests, which live as long as the process."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, FULL_COLLECTION_AFTER)
