import pytest


@pytest.fixture(autouse=True)
def only_postgresql(request):
    """Run every crash test on PostgreSQL, if `--postgresql` asks for it."""
    if request.config.getoption("postgresql"):
        request.getfixturevalue("on_postgresql")
