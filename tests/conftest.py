from hypothesis import settings

# Hypothesis measures a deadline in real time, of which a busy machine may give an example very little.
settings.register_profile("easel", deadline=None)
settings.load_profile("easel")


def pytest_addoption(parser):
    parser.addoption("--screenshots", metavar="DIR", help="keep the browser tests' pictures of the page in this folder")
