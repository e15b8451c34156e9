"""A page in a headless browser: a script is run in it, and its answer comes back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
         "--enable-logging=stderr", "--virtual-time-budget=4000", "--dump-dom")  # fmt: skip
_ANSWER = """<script>addEventListener("load", async () => {
  const answer = document.createElement("pre");
  try { answer.textContent = JSON.stringify(await (async () => { %s })()); } catch (e) { answer.textContent = JSON.stringify("" + e); }
  answer.id = "answer-of-the-test"; document.body.append(answer); });</script></body>"""


class Visit(NamedTuple):
    """What a script found, and what the browser complained of."""

    answer: Any
    console: list[str]


def visit(page: Path, script: str, width: int = 1400) -> Visit:
    """Open a page and run the body of an asynchronous function in it, which returns something JSON-able."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)})")
    head, body = page.read_text(encoding="utf-8").rsplit("</body>", 1)
    inner = page.with_name(f"{page.stem}-asked.html")
    inner.write_text(head + _ANSWER % script + body, encoding="utf-8")
    frame = page.with_name(f"{page.stem}-frame.html")  # a window cannot be as narrow as a phone
    frame.write_text(
        f'<iframe id="f" src="{inner.name}" style="width:{width}px;height:900px;border:0"></iframe><pre id="out"></pre>'
        '<script>const look = () => { const found = document.getElementById("f").contentDocument?.getElementById('
        '"answer-of-the-test"); if (found) document.getElementById("out").textContent = found.textContent; else '
        "setTimeout(look, 50); }; look();</script>",
        encoding="utf-8",
    )
    command = [browser, *FLAGS, "--allow-file-access-from-files", "--window-size=1500,1000", frame.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stderr[-2000:]
    assert found[1], done.stderr[-2000:]
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Visit(json.loads(unescape(found[1])), console)
