"""What an attachment says to those who cannot see it: that it is AI-generated, of what, and by which model."""

from bot.catalogue.order import Task
from bot.chat.texts.escaping import ALT_CHARACTERS, tidy
from bot.chat.texts.loader import Speech
from bot.chat.texts.wording import task
from bot.jobs.records import Artefact, Snapshot

FILE_CHARACTERS = 100
FROM_FILES = {Task.REMOVEBG: "alt-cut-out", Task.UPSCALE: "alt-enlarged", Task.VECTORIZE: "alt-drawn"}
"""What is said of a result that no words asked for."""


def alt(snapshot: Snapshot, artefact: Artefact, say: Speech) -> str:
    """The description of one result. It fits; where it must be cut, the words of the order are, never the model."""
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
