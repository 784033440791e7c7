"""The program that copies a database: `python -m bot.storage.backup_process SOURCE TARGET`.

In a separate process, a copy neither delays the bot nor keeps it from stopping: SQLite copies in one call, which only
a signal can interrupt. If the process is killed, it leaves `TARGET.partial` behind.
"""

import sys
from pathlib import Path

from bot.errors import StorageError
from bot.storage.backup import backup


def main() -> None:
    """Copy the database. If it cannot be copied, write why to stderr in one line, and exit with 1."""
    source, target = map(Path, sys.argv[1:])
    try:
        backup(source, target)
    except StorageError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
