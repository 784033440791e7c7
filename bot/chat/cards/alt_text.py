"""Builds the alt text of an attachment, which says that it is AI-generated, what it shows, and which model made it."""

from bot.catalogue.order import Task
from bot.chat.texts.escaping import ALT_CHARACTERS, tidy
from bot.chat.texts.texts import Speech
from bot.chat.texts.wording import task
from bot.jobs.records import Artefact, Snapshot

FILE_CHARACTERS = 100
FROM_FILES = {Task.REMOVEBG: "alt-cut-out", Task.UPSCALE: "alt-enlarged", Task.VECTORIZE: "alt-drawn"}
"""The texts for results that were made from a file without a prompt."""


def alt(snapshot: Snapshot, artefact: Artefact, say: Speech) -> str:
    """Return the description of one result. If it is too long, the prompt is shortened, never the model's name."""
    order, wanted = snapshot.job.order, snapshot.job.plan.outputs
    model = tidy(order.model.rpartition("/")[2], FILE_CHARACTERS)
    facts = {"model": model, "number": artefact.number, "all": wanted}
    key = "alt-of" if wanted > 1 else "alt"
    around = len(say(key, what="", **facts))
    words = order.prompt or order.text or order.what or _from_files(snapshot, say)
    seen = tidy(words, ALT_CHARACTERS - around)
    return say(key, what=seen, **facts) if seen else say("alt-plain", model=model)


def _from_files(snapshot: Snapshot, say: Speech) -> str:
    order = snapshot.job.order
    name = tidy(order.files[0].name, FILE_CHARACTERS) if order.files else ""
    return say(FROM_FILES.get(order.task, "alt-made"), file=name or task(order.task, say))
