"""Tests an order in a container with a read-only root file system and no folder for temporary files."""

import subprocess

import pytest

from bot.money import milli
from tests.crash.scene import Scene
from tests.patience import PATIENCE_S

ONLY_DATA = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"'


def wrapper(folder):
    """Return a command that runs another one with this folder as the only writable one on the disk."""
    command = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", ONLY_DATA, str(folder))
    try:
        run = subprocess.run(
            [*command, "touch", f"{folder}/tried"], capture_output=True, timeout=PATIENCE_S, check=False
        )
    except OSError as error:
        pytest.skip(f"no namespaces here: {error}")
    if run.returncode:
        pytest.skip(f"no namespaces here: {run.stderr.decode()}")
    return command


async def test_order_needs_no_folder_for_temporary_files(tmp_path):
    scene = Scene(tmp_path)
    scene.wrapper = wrapper(tmp_path)
    try:
        await scene.open()
        await scene.start_bot()
        await scene.begin("mira", "imagine", {"prompt": "a lighthouse in fog"})
        message = await scene.final_message("mira")
        assert "**Ready**" in message["content"], (tmp_path / "bot.log").read_text()
        assert (await scene.settled())[:2] == ("done", milli(75))
        await scene.check_invariants()
        assert (tmp_path / "bot.log").read_text() == ""
    finally:
        await scene.close()
