"""The folder of the recordings, which are not part of this repository.

They are expected next to the project, in `../shared/recordings`, or in the folder named by EASEL_RECORDINGS.
"""

import json
import os
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("EASEL_RECORDINGS") or PROJECT.parent / "shared" / "recordings")


def load(name: str) -> Any:
    """Return the content of a file with recordings; None if it does not exist."""
    file = FOLDER / name
    return json.loads(file.read_text()) if file.is_file() else None
