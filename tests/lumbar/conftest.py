from __future__ import annotations

import pytest
from strides import Runner, stride

from footstrike.engines.client import Worker
from footstrike.model.runner import RunnerSpec


@pytest.fixture(scope="session")
def runner(worker: Worker) -> Runner:
    text = worker.call("build_runner", RunnerSpec())
    return Runner(text, worker.call("describe", text), *stride(2.5, 40))
