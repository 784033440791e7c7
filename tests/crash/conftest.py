import pytest


@pytest.fixture(autouse=True)
def only_postgresql(request):
    """Run every crash test on PostgreSQL if `--postgresql` is given."""
    if request.config.getoption("postgresql"):
        request.getfixturevalue("on_postgresql")
