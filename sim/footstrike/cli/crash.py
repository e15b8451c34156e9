"""Where the details of an unexpected error go, so that the terminal shows one line only."""

from __future__ import annotations

import tempfile
import traceback
from datetime import datetime
from pathlib import Path

from platformdirs import user_log_path


def write_log(error: BaseException) -> Path:
    """Write the traceback to a new file in the user's log folder, or in the temporary one, and return its
    path.
    """
    text = "".join(traceback.format_exception(error))
    name = f"footstrike-{datetime.now():%Y%m%d-%H%M%S}-"
    for folder in (user_log_path("footstrike"), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=folder, prefix=name, suffix=".log", delete=False, encoding="utf-8"
            ) as file:
                file.write(text)
                return Path(file.name)
        except OSError:
            continue
    return Path("(no log could be written)")
