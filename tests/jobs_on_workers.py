"""What the tests of the queue share: a tiny plan, a patient wait, and bits compared."""

import os
import time

import pytest
import torch
from distributed import Client

from genlab.data import DataSpec
from genlab.runs import create_run
from genlab.runs.weights import load_state
from genlab.training import Pace, TrainPlan

PACE = Pace(preview_s=0.1, state_s=0.03, park_s=0.3)
ENDLESS = 100_000


def plan(**changes):
    tiny = {"data": DataSpec(name="digits", n=32, size=16), "settings": {"latent_dim": 2, "width": 4}, "batch_size": 16, "threads": 1}
    return TrainPlan(**{**tiny, **changes})


def new(epochs=2, owner="", **changes):
    return create_run(plan(epochs=epochs, **changes), owner=owner)


def wait(until, *, patience_s=180.0):
    """What `until` gives, once it is true."""
    end = time.monotonic() + patience_s
    while not (value := until()):
        if time.monotonic() > end:
            pytest.fail("waited in vain")
        time.sleep(0.01)
    return value


def wait_state(run, *states):
    """Until the run is in one of these states."""
    wait(lambda: run.status.state in states)
    return run.status


def kinds(run):
    return [event["kind"] for event in run.events()]


def same_bits(a, b):
    """True if two runs ended in the very same state: weights, optimizers, generators."""
    x, y = load_state(a), load_state(b)
    return x.step == y.step and x.tensors.keys() == y.tensors.keys() and all(torch.equal(t, y.tensors[n]) for n, t in x.tensors.items())


def pid_of_the_worker(address):
    """The process id of the one worker of this cluster."""
    with Client(address, set_as_default=False) as client:
        (pid,) = client.run(os.getpid).values()
        return pid
