"""Conditions that an order must meet to be accepted, as operations.

An offer is made before its member has seen the price, so these facts may have changed by the time it is accepted. The
conditions are checked when the offer is made, for an early answer, and again in the transaction that holds the credits.
The second check decides.
"""

from collections.abc import Collection

from bot.catalogue.order import InputFile
from bot.catalogue.refusals import unusable
from bot.errors import FilesRemoved, SourceHidden
from bot.jobs.recipe import source_of
from bot.jobs.store import file_rows, job_rows
from bot.storage.operation import Operation


def require_kept(files: Collection[InputFile], keep_days: int) -> Operation[None]:
    """Raise FilesRemoved, or UnusableFile, if an earlier job's file that the order uses is no longer in our store.

    Raise SourceHidden if a moderator removed that job's result. `keep_days` is how long files are kept, for the text of
    the refusal.
    """
    for file in files:
        if file.artefact is None:
            continue
        if (yield from job_rows.is_removed(source_of(file.artefact))):
            raise SourceHidden
        kept = yield from file_rows.is_kept(file.artefact)
        if kept is None:  # its job ended before the file could be copied
            raise unusable(file.name, "file-gone")
        if not kept:
            raise FilesRemoved(days=keep_days)
