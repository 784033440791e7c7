def pytest_addoption(parser):
    parser.addoption("--screenshots", metavar="DIR", help="keep the browser tests' pictures of the page in this folder")
