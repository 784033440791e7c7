"""Reads the files that every bot reads at startup, once for all bots that are forked from the importing process."""

import gc
import re
from importlib.resources import files

from bot.catalogue.catalogue import Catalogue
from bot.chat.texts.texts import Texts
from tests.present import present

TRANSLATED = "zh-CN"
MESSAGE = re.compile(r"^[a-z][\w-]*(?= =)", re.MULTILINE)


def warm() -> None:
    """Parse the catalogue and the texts of the commands that the bot registers at startup."""
    Catalogue.load()
    texts = present(Texts.load().only(TRANSLATED))
    source = (files("bot.chat.texts") / f"commands.{TRANSLATED}.ftl").read_text(encoding="utf-8")
    for key in MESSAGE.findall(source):
        texts.find(key)


warm()
gc.collect()
gc.freeze()  # the bots need not examine objects that they never change
