"""A page in a headless browser, over its debugging pipe: a script is run in it, and its answer comes back."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run",
         "--remote-debugging-pipe")  # fmt: skip
PATIENCE = 90.0  # s
_START = """import os, sys
ours = [os.dup(os.dup(os.dup(int(fd)))) for fd in sys.argv[1:3]]
for fd, theirs in zip(ours, (3, 4)): os.dup2(fd, theirs)
os.execvp(sys.argv[3], sys.argv[3:])"""  # the browser reads descriptor 3 and writes 4


class Visit(NamedTuple):
    """What a script found, what the browser complained of, and what the page asked of the network beside itself."""

    answer: Any
    console: list[str]
    requests: list[str]


def visit(
    page: Path, script: str, width: int = 1400, height: int = 900, picture: Path | None = None
) -> Visit:
    """Open a page and run the body of an asynchronous function in it, which returns something JSON-able."""
    with _opened() as browser:
        browser.ask("Page.enable")
        browser.ask("Runtime.enable")
        browser.ask("Log.enable")
        browser.ask("Network.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.ask("Emulation.setDeviceMetricsOverride", **size)
        browser.ask("Page.navigate", url=page.as_uri())
        browser.wait_for("Page.loadEventFired")
        asked = {"expression": f"(async () => {{ {script} }})()", "awaitPromise": True, "returnByValue": True}
        answer = browser.ask("Runtime.evaluate", **asked)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        if picture is not None:
            shot = browser.ask("Page.captureScreenshot", captureBeyondViewport=False)
            picture.write_bytes(b64decode(shot["data"]))
        return Visit(answer["result"].get("value"), browser.complaints(), browser.requests(page))


class _Browser:
    """One tab of a browser."""

    def __init__(self, into: int, out: int) -> None:
        self._into, self._out, self._rest, self._count = into, out, b"", 0
        self._session: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        tab = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=tab, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        message = {"id": self._count, "method": method, "params": params, **self._session}
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._count:
                assert "error" not in told, told["error"]
                result: dict[str, Any] = told["result"]
                return result

    def wait_for(self, event: str) -> None:
        while not any(one["method"] == event for one in self.events):
            self._next()

    def complaints(self) -> list[str]:
        found = []
        for one in self.events:
            params = one["params"]
            if one["method"] == "Runtime.exceptionThrown":
                found.append(str(params["exceptionDetails"]))
            if one["method"] == "Runtime.consoleAPICalled" and params["type"] in (
                "error",
                "warning",
                "assert",
            ):
                found.append(str(params["args"]))
            if one["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                found.append(params["entry"]["text"])
        return [
            text for text in found if "GPU stall due to ReadPixels" not in text
        ]  # of a drawing without GPU

    def requests(self, page: Path) -> list[str]:
        sent = [
            e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in sent if not url.startswith((page.as_uri(), "data:", "blob:"))]

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._out], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            more = os.read(self._out, 1 << 20)
            assert more, "the browser ended"
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(line)
        if "method" in told:
            self.events.append(told)
        return told


@contextlib.contextmanager
def _opened() -> Iterator[_Browser]:
    name = next(filter(None, map(shutil.which, BROWSERS)), None)
    if name is None or os.name != "posix":
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)})")
    theirs_in, into = os.pipe()
    out, theirs_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        pipes = str(theirs_in), str(theirs_out)
        command = [sys.executable, "-c", _START, *pipes, name, *FLAGS, f"--user-data-dir={profile}"]
        process = subprocess.Popen(
            command, pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            yield _Browser(into, out)
        finally:
            os.close(into)  # the browser ends with its pipe
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(out)
