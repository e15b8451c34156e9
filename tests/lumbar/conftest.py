from __future__ import annotations

import pytest
from strides import Runner, stride

from footstrike.model.subject import Subject
from footstrike.workers.client import Worker


@pytest.fixture(scope="session")
def runner(worker: Worker) -> Runner:
    text = worker.call("build_runner", Subject(legs="none"))
    return Runner(text, worker.call("describe", text), *stride(2.5, 40))
