"""A stand-in for the program that copies a database, whose copy never ends: it reports to its source, a named pipe."""

import signal
import sys
from pathlib import Path


def main():
    with Path(sys.argv[1]).open("w") as said:
        said.write("copying\n")
        said.flush()
        signal.pause()


if __name__ == "__main__":
    main()
