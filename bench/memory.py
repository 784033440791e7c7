"""Reads how much memory this process uses."""

from pathlib import Path


def resident_mib() -> float:
    """Return the memory that this process uses."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4_096 / (1 << 20)
