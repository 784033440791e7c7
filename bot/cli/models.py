"""`easel models` and `easel quote`."""

import json
from collections.abc import Sequence

from bot.app.configured_catalogue import open_catalogue
from bot.cli import model_listing
from bot.settings import Settings


def models(settings: Settings, *, as_json: bool) -> str:
    """Return the list of all models as text or JSON."""
    catalogue = open_catalogue(settings)
    if as_json:
        return json.dumps(model_listing.models_json(catalogue), indent=2)
    return model_listing.models_text(catalogue)


def quote(settings: Settings, model: str, inputs: Sequence[str], *, count: int, as_json: bool) -> str:
    """Return the price and the requests of an order as text or JSON."""
    plan = model_listing.quote(open_catalogue(settings), model, inputs, count=count)
    if as_json:
        return json.dumps(model_listing.quote_json(plan), indent=2, ensure_ascii=False)
    return model_listing.quote_text(plan)
