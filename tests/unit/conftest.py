from tests.idle_loop import IdleLoop


def pytest_asyncio_loop_factories():
    """Unit tests run on a loop that can tell when it is idle, which `ManualClock` needs."""
    return {"idle": IdleLoop}
