"""Builds the content of the image without Docker, runs it as Docker would, and reports its size: `make image-check`.

The base image is replaced by this machine's own system, mounted read-only. On top of it, the steps of the Dockerfile's
first stage are repeated in a separate mount namespace, and the files that its second stage copies are measured. Then
the bot runs in its sandbox as the image's user, without any privileges, on a read-only file system, as compose.yaml
starts it. This needs Linux, root and the package registry, but no image registry.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "out" / "image"
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "usr", "etc")
"""The folders of this machine that stand in for the base image."""

INSIDE = "--inside"
AGAIN = "--again"
"""The option that runs an earlier build without building again."""

READY_S = 300.0
STOPPED_S = 10.0
GOAL_BYTES = 250_000_000
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Image:
    """The Dockerfile's description of the image."""

    copied: tuple[tuple[tuple[str, ...], str], ...]
    steps: tuple[str, ...]
    environment: dict[str, str]
    user: int
    entry: tuple[str, ...]
    health: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> "Image":
        """Read a Dockerfile of two stages, the first of which builds /venv."""
        joined = re.sub(r"\\\n\s*", " ", text)
        _, first, second = f"\n{joined}".split("\nFROM ")
        copies = (line.split()[1:] for line in re.findall(r"(?m)^COPY .*$", first))
        (variables,) = re.findall(r"(?m)^ENV (.*)$", second)
        (user,) = re.findall(r"(?m)^USER (\d+)$", second)
        return cls(
            tuple((tuple(words[:-1]), words[-1]) for words in copies),
            tuple(re.findall(r"(?m)^RUN (.*)$", first)),
            dict(pair.split("=", 1) for pair in variables.split()),
            int(user),
            tuple(_words(second, r"ENTRYPOINT \[(.*)\]")),
            tuple(_words(second, r"CMD \[(.*healthcheck.*)\]")),
        )


def _words(text: str, pattern: str) -> list[str]:
    (found,) = re.findall(pattern, text)
    return re.findall(r'"([^"]*)"', found)


class Stage:
    """A root file system at `root`, made of this machine's system and the built files."""

    def __init__(self, image: Image, root: Path) -> None:
        self._image = image
        self._root = root
        self._python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"

    def mount(self) -> None:
        """Assemble this machine's system and the empty folders of the image under the root."""
        self._root.mkdir(parents=True, exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", self._root)
        for name in SYSTEM:
            own = Path("/") / name
            if own.is_symlink():
                (self._root / name).symlink_to(own.readlink())
            elif own.exists():
                self._bind(own, own, read_only=True)
        if not Path(sys.base_prefix).is_relative_to("/usr"):
            self._bind(Path(sys.base_prefix), Path(sys.base_prefix), read_only=True)
        for name in ("proc", "dev"):
            self._bind(Path("/") / name, Path("/") / name)
        for name in ("venv", "app", "data"):
            (OUT / name).mkdir(exist_ok=True)
            self._bind(OUT / name, Path("/") / name)
        (self._root / "tmp").mkdir(mode=0o1777)

    def build(self) -> None:
        """Repeat the steps of the first stage."""
        for sources, target in self._image.copied:
            for source in sources:
                into = OUT / "app" / target / (Path(source).name if target.endswith("/") else "")
                into.parent.mkdir(parents=True, exist_ok=True)
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, into, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / source, into)
        for step in self._image.steps:
            # The base image has its Python in the path as `python3`.
            with_python = step.replace("python3 -m venv", f"{self._python} -m venv")
            _run("chroot", self._root, "/bin/sh", "-euc", f"cd /app && {with_python}")

    def seal(self) -> None:
        """Make everything but the data folder read-only, as compose.yaml does."""
        _run("umount", self._root / "app")
        shutil.rmtree(OUT / "app")
        _run("mount", "-o", "remount,bind,ro", self._root / "venv")
        os.chown(OUT / "data", self._image.user, self._image.user)
        _run("mount", "-o", "remount,ro", self._root)

    def command(self, *words: str) -> list[str]:
        """Return the command that runs another one in the image, as its user and without privileges."""
        user = f"--reuid={self._image.user}", f"--regid={self._image.user}", "--clear-groups"
        rights = "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"
        return self.as_root(_program("setpriv"), *user, *rights, "--", *words)

    def as_root(self, *words: str) -> list[str]:
        """Return the command that runs another one in the image as root."""
        return [_program("chroot"), str(self._root), *words]

    def _bind(self, source: Path, target: Path, *, read_only: bool = False) -> None:
        there = self._root / target.relative_to("/")
        there.mkdir(parents=True, exist_ok=True)
        _run("mount", "--rbind", source, there)
        if read_only:
            _run("mount", "-o", "remount,bind,ro", there)


def check(image: Image, stage: Stage) -> None:
    """Run the bot in its sandbox as the image runs it. Raises SystemExit if something is wrong."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = image.environment | {"HTTP_HOST": "127.0.0.1", "HTTP_PORT": str(port)}
    started_s = time.monotonic()
    bot = subprocess.Popen(stage.command(*image.entry, "run", "--sandbox", "--port", "0"), env=environment, cwd="/")
    try:
        _wait_until_ready(bot, port)
        print(f"ready after {time.monotonic() - started_s:.1f} s")
        _require(subprocess.call(stage.command(*image.health), env=environment) == 0, "the health check fails")
        status = subprocess.call(stage.command(*image.entry, "drain", "--status"), env=environment)
        _require(status == 0, "`easel drain` does not reach the bot")
        for place in ("/venv/x", "/x", "/tmp/x", "/etc/x"):
            code = subprocess.call(stage.as_root("/bin/sh", "-c", f": > {place}"), stderr=subprocess.DEVNULL)
            _require(code != 0, f"{place} can be written, by root at least")
        ids = Path(f"/proc/{bot.pid}/status").read_text()
        user = str(image.user)
        _require(re.findall(r"(?m)^Uid:\s+(.*)$", ids) == ["\t".join([user] * 4)], "it does not run as its user")
        _require(re.findall(r"(?m)^CapEff:\s+0+$", ids) != [], "it has rights")
    finally:
        asked_s = time.monotonic()
        bot.send_signal(signal.SIGTERM)
        code = bot.wait(60)
        took_s = time.monotonic() - asked_s
    print(f"stopped in {took_s:.1f} s with code {code}")
    _require(code == 0 and took_s < STOPPED_S, "it does not stop in time")


def _wait_until_ready(bot: "subprocess.Popen[bytes]", port: int) -> None:
    ends_s = time.monotonic() + READY_S
    while time.monotonic() < ends_s and bot.poll() is None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer,
        ):
            if answer.status == 200:  # noqa: PLR2004 - OK
                return
        time.sleep(0.2)
    raise SystemExit("image-check: the bot was not ready in time")


def measure(venv: Path) -> None:
    """Print the size of the files that are copied into the image, and its largest parts."""
    packed = OUT / "venv.tar.gz"
    with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
        archive.add(venv, "venv")
    compressed = packed.stat().st_size
    packed.unlink()
    (packages,) = venv.glob("lib/python*/site-packages")
    sizes = sorted(((_bytes(one), one.name) for one in packages.iterdir()), reverse=True)
    print(
        f"/venv: {compressed / 1e6:.0f} MB compressed, {_bytes(venv) / 1e6:.0f} MB on disk; the largest parts on disk:"
    )
    for size, name in sizes[:SHOWN]:
        print(f"  {size / 1e6:6.1f} MB  {name}")
    left = GOAL_BYTES - compressed
    print(f"left for the base image and its fonts below {GOAL_BYTES / 1e6:.0f} MB: {left / 1e6:.0f} MB")


def _bytes(path: Path) -> int:
    return sum(one.stat().st_size for one in _files(path))


def _files(path: Path) -> Iterator[Path]:
    return (one for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file() and not one.is_symlink())


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"image-check: {otherwise}")


def _program(name: str) -> str:
    """Return the path of a program, which the image's own PATH may not include."""
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"image-check: {name} is not installed (util-linux and coreutils have it)")
    return found


def _run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True)


def main() -> None:
    """Enter a mount namespace, which takes all mounts with it when it ends; then build, measure and check."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise SystemExit("image-check: needs Linux and root, to mount a root file system. Nothing was done.")
    if INSIDE not in sys.argv:
        if AGAIN not in sys.argv:
            shutil.rmtree(OUT, ignore_errors=True)
        own = [sys.executable, __file__, INSIDE, *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *own])
    image = Image.read((ROOT / "Dockerfile").read_text())
    stage = Stage(image, OUT / "root")
    stage.mount()
    if AGAIN not in sys.argv:
        stage.build()
        measure(OUT / "venv")
    stage.seal()
    check(image, stage)
    print("image-check: OK")


if __name__ == "__main__":
    main()
