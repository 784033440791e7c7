"""Stores and reads a large file in a bucket, and prints by how many bytes that raised the peak memory.

python -m tests.unit.storage.stream_child ENDPOINT FOLDER BYTES
"""

import asyncio
import os
import re
import sys
from pathlib import Path

from bot.storage.artefact_bucket import ArtefactBucket
from bot.storage.bucket import Bucket, BucketAddress
from bot.storage.temporary_files import TemporaryFiles
from tests.present import present
from tests.s3_address import BUCKET, REGION


def peak_bytes():
    """Return this program's peak memory use.

    The figure from `getrusage` would include memory that the parent used before.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(present(re.search(r"VmHWM:\s+(\d+) kB", status))[1]) * 1_024


async def keep_and_read(store, folder, size):
    with store.temporary() as temporary:
        temporary.touch()
        os.truncate(temporary, size)
        kept = await store.keep(temporary, name=f"job-{size}.mp4")
    copy = await store.fetch(kept.path, folder / f"copy-{size}")
    assert copy.stat().st_size == size
    copy.unlink()


async def main(endpoint, folder, size):
    bucket = Bucket(BucketAddress(BUCKET, "easel", endpoint, REGION, "key", "secret"))
    store = ArtefactBucket(bucket, TemporaryFiles(folder / "tmp", reserve_bytes=0))
    await keep_and_read(store, folder, 100_000)
    before = peak_bytes()
    await keep_and_read(store, folder, size)
    sys.stdout.write(str(peak_bytes() - before))


asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
