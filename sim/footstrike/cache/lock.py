"""A lock of the operating system on an empty file; the kernel drops it with its process, however that ends.

From the standard library, since the file must go with the lock: who opened it before has to see that it is gone.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TAKEN = (BlockingIOError, PermissionError)  # what the two say of a lock that another process holds


class Lock:
    """A lock on a file, which exists while somebody holds it, or after its holder was killed."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._handle: int | None = None

    def take(self) -> bool:
        """Take the lock, and say whether it could be had; it is not waited for.

        Raises
        ------
        OSError
            The file cannot be made or locked there.
        """
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle)
        except _TAKEN:
            os.close(handle)
            return False
        except BaseException:
            os.close(handle)
            raise
        if os.fstat(handle).st_nlink == 0:  # its last holder has removed it
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Remove the file and release the lock."""
        if self._handle is None:
            return
        if sys.platform == "win32":  # where an open file cannot be removed, by others neither
            os.close(self._handle)
            self._unlink()
        else:
            self._unlink()
            os.close(self._handle)
        self._handle = None

    def _unlink(self) -> None:
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)
