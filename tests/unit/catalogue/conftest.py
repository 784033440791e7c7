import json
from pathlib import Path

import pytest

from bot.catalogue.catalogue import Catalogue

SCHEMAS = Path(__file__).parents[3] / "sandbox" / "provider" / "schemas.json"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="session")
def schemas() -> dict[str, dict]:
    """What the sandbox's provider knows of the models, written independently of our own file."""
    return {row["id"]: row for row in json.loads(SCHEMAS.read_text("utf-8"))}
