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
    """Return the sandbox provider's schemas of the models, which were written independently of models.toml."""
    return {row["id"]: row for row in json.loads(SCHEMAS.read_text("utf-8"))}
