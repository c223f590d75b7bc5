"""A client that looks on while things change."""

from __future__ import annotations

import json

import pytest
from machines import CERTIFICATES, eventually
from proxy_runs import FOLDER


@pytest.fixture
def onlooker(internet):
    """A client that looks on from now to the end of the test; gives what it saw."""
    place = internet.place
    place.run_expect([0], f"rm -rf {FOLDER} && mkdir {FOLDER}")
    start = f"python3 /srv/onlooker.py {CERTIFICATES} {FOLDER}"
    place.run_expect([0], f"nohup {start} > {FOLDER}/output 2>&1 < /dev/null & echo started")
    ready = eventually(lambda: place.file(f"{FOLDER}/ready").exists)
    assert ready, place.check_output(f"cat {FOLDER}/output")

    def stop():
        place.run_expect([0], f"touch {FOLDER}/stop")
        assert eventually(lambda: place.file(f"{FOLDER}/report").exists), place.check_output(f"cat {FOLDER}/output")
        return json.loads(place.check_output(f"cat {FOLDER}/report"))

    yield stop
    place.run_expect([0], f"touch {FOLDER}/stop")
