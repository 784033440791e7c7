"""The catalogue with the operator's changes. Separate from `services.py`, which loads all parts of the bot."""

from bot.catalogue.catalogue import Catalogue
from bot.settings import Settings


def open_catalogue(settings: Settings) -> Catalogue:
    """Load the models with the operator's overrides. Raises SettingsError."""
    return Catalogue.load(settings.catalogue_file, openai_key=settings.openai_api_key is not None)
