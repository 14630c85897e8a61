"""Runs that go on on another machine than they began on, and what becomes of one that cannot go on."""

import json
from dataclasses import replace

import pytest
import torch
from tiny_runs import use_folders

from genlab.cli import main
from genlab.data import DataSpec
from genlab.errors import ConfigError, LabError
from genlab.jobs import ledger
from genlab.runs import Run, create_run, execute, lengthen, list_runs
from genlab.runs.weights import load_state, save_state
from genlab.training import Pace, TrainPlan, check_here, here, settle
from genlab.training.plan import ACCELERATORS, has_device

PACE = Pace(preview_s=1e9, state_s=1e9)
MISSING = [device for device in ACCELERATORS if not has_device(device)]


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.delenv("GENLAB_SCHEDULER", raising=False)


def plan(**changes):
    values = {"data": DataSpec(name="digits", n=64, size=16), "settings": {"latent_dim": 3, "width": 4}, "epochs": 2, "batch_size": 16}
    return TrainPlan(**{**values, **changes})


def made(**changes):
    run = create_run(plan(**changes))
    execute(run, pace=PACE)
    return run


def as_from(run: Run, device: str, precision: str = "bf16") -> Run:
    """The run as it would be if it had been trained on this device so far: its plan, its events and the generator of its noise."""
    run.write_config(replace(run.config, plan=run.plan.model_copy(update={"device": device, "precision": precision})))
    state = load_state(run)
    save_state(run.state_path, replace(state, tensors={**state.tensors, "generator/noise": torch.zeros(16, dtype=torch.uint8)}), {})
    events = [{**event, "values": {**event["values"], "on": {"device": device, "precision": precision, "processor": "a card"}}}
              for event in run.events() if event["kind"] == "started"]
    (run.path / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return run


def told(run, kind="moved"):
    return [event["text"] for event in run.events() if event["kind"] == kind]


def same_bits(a, b):
    x, y = load_state(a), load_state(b)
    return x.step == y.step and all(torch.equal(t, y.tensors[n]) for n, t in x.tensors.items())


# -- devices ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", MISSING)
@pytest.mark.parametrize("model", ["vae", "dcgan"])
def test_a_run_from_a_device_that_is_not_here_goes_on_and_says_so(device, model):
    run = as_from(made(model=model, settings={"latent_dim": 3, "width": 8}), device)
    lengthen(run, 3)
    assert execute(run, pace=PACE).state == "finished"
    assert (run.status.state, run.status.step) == ("finished", 12)
    assert has_device(run.plan.device) and run.plan.precision == settle(plan()).precision
    (text,) = told(run)
    assert f"instead of {device}" in text and "From step 8 on" in text and "bits may differ" in text
    lengthen(run, 4)
    execute(run, pace=PACE)
    assert len(told(run)) == 1   # it is at home here by now


@pytest.mark.parametrize("device", MISSING)
def test_a_finished_run_from_elsewhere_stays_finished(device, capsys):
    run = as_from(made(), device)
    assert main(["resume", run.id, "--quiet"]) == 0
    assert run.status.state == "finished" and f"instead of {device}" in capsys.readouterr().err


@pytest.mark.parametrize("device", MISSING)
@pytest.mark.parametrize("command", [["train", "--set", "width=4"], ["fork"]])
def test_a_device_that_is_asked_for_and_not_here_is_one_sentence(device, command, capsys):
    parent = [made().id] if command == ["fork"] else []
    before = list_runs()
    assert main([*command, *parent, "--device", device, "--epochs", "1", "--quiet"]) == 2
    said = capsys.readouterr().err
    assert f"TrainPlan.device = '{device}': this machine has no such device; it has cpu" in said and len(said.splitlines()) == 1
    assert list_runs() == before


def test_a_device_is_named_without_a_number(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--device", "cuda:7"])
    assert "invalid choice: 'cuda:7'" in capsys.readouterr().err


@pytest.mark.parametrize("device", MISSING)
def test_workers_elsewhere_may_have_what_this_machine_lacks(device, monkeypatch):
    monkeypatch.setenv("GENLAB_SCHEDULER", "tcp://127.0.0.1:9")
    run = create_run(plan(device=device))
    assert run.plan.device == device
    execute(run, pace=PACE)   # a worker that lacks it, too
    assert run.status.state == "finished" and has_device(run.plan.device)
    (text,) = told(run)
    assert f"instead of {device}" in text and "bits" not in text   # there are none yet that could differ


def test_bf16_where_it_cannot_be_multiplied(monkeypatch):
    """Every processor of today multiplies it somehow: here it is said not to."""
    run = made(precision="bf16")
    monkeypatch.setattr(here, "_has_bf16", lambda device: False)
    with pytest.raises(ConfigError, match="precision = 'bf16'.*fp32 is allowed"):
        check_here(plan(precision="bf16"))
    monkeypatch.setattr(here, "resolve_precision", lambda asked, device: "fp32" if asked == "auto" else asked)
    lengthen(run, 3)
    assert execute(run, pace=PACE).state == "finished" and run.plan.precision == "fp32" and "in fp32 instead of bf16" in told(run)[0]


def test_what_is_asked_for_by_name_and_there_stays():
    run = made(precision="bf16", device="cpu", threads=1)
    assert (run.plan.precision, run.plan.device, run.plan.threads) == ("bf16", "cpu", 1) and told(run) == []


# -- threads and processors ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two_threads():
    """A process that may use two threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_run_takes_the_threads_of_the_process_that_trains_it(two_threads):
    run, named = create_run(plan()), create_run(plan(threads=2))
    assert (run.plan.threads, run.plan.device, run.plan.precision) == (0, "auto", "auto")
    torch.set_num_threads(1)
    for each in (run, named):
        execute(each, pace=PACE)
        assert torch.get_num_threads() == 1   # what one run takes is not what the next one finds
    assert (run.plan.threads, named.plan.threads) == (1, min(2, here._cores()))
    assert run.plan.device in ("cpu", *ACCELERATORS) and run.plan.precision in ("bf16", "fp32")
    assert same_bits(run, made(threads=1))


def test_a_run_that_ended_before_its_first_state_is_still_open(two_threads):
    run = create_run(plan())

    def interrupt(item):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(run, watch=interrupt, pace=PACE)
    torch.set_num_threads(1)
    execute(run, pace=PACE)
    assert run.plan.threads == 1 and told(run) == []


def test_a_run_that_has_begun_keeps_its_threads_here(two_threads):
    run = made(threads=1)
    lengthen(run, 4)
    execute(run, pace=PACE)
    assert run.plan.threads == 1 and told(run) == [] and same_bits(run, made(threads=1, epochs=4))


def test_a_run_from_a_larger_machine_takes_what_there_is_and_says_so(two_threads):
    run = made(threads=1)
    lengthen(run, 3)
    run.write_config(replace(run.config, plan=run.plan.model_copy(update={"threads": 256})))
    (run.path / "events.jsonl").unlink()   # as from a version that did not say what it trained on
    execute(run, pace=PACE)
    assert run.plan.threads == 2 and "with CPU threads: 2 instead of 256" in told(run)[0] and "bits may differ" in told(run)[0]


@pytest.mark.parametrize("fact", ["processor", "torch"])
def test_another_processor_or_torch_is_said_and_changes_nothing_else(fact):
    run = made(threads=1)
    events = run.events()
    events[0]["values"]["on"][fact] = "of yore"
    (run.path / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    lengthen(run, 3)
    execute(run, pace=PACE)
    assert "instead of of yore" in told(run)[0] and same_bits(run, made(threads=1, epochs=3))


@pytest.mark.parametrize("values", ["", ', "values": 3', ', "values": {"on": "x"}', ', "values": {"on": {"threads": [1]}}'])
def test_events_of_somebody_else_do_no_harm(values):
    run = made(threads=1)
    (run.path / "events.jsonl").write_text(f'{{"step": 1{values}}}\n')
    lengthen(run, 3)
    assert execute(run, pace=PACE).state == "finished"


# -- what cannot go on --------------------------------------------------------------------------------------------------------


def damage_state(run):
    run.state_path.write_bytes(b"not a state")


def state_of_another_model(run):
    other = made(model="gan", settings={"latent_dim": 3, "width": 4})
    run.state_path.write_bytes(other.state_path.read_bytes())


def data_gone(run):
    run.write_config(replace(run.config, plan=run.plan.model_copy(update={"data": DataSpec(name="own", path="/nowhere/pictures", size=16)})))


def pixels_of_another_size(run):   # no LabError but a bug, deep inside torch
    run.write_config(replace(run.config, plan=run.plan.model_copy(update={"data": run.plan.data.model_copy(update={"size": 24})})))


@pytest.mark.parametrize("harm", [damage_state, state_of_another_model, data_gone, pixels_of_another_size])
@pytest.mark.parametrize("state", ["finished", "stopped", "parked", "interrupted"])
@pytest.mark.parametrize("queued", [False, True])
def test_a_run_that_cannot_go_on_is_what_it_was(harm, state, queued):
    run = made()
    lengthen(run, 3)
    run.write_status(replace(run.status, state=state))
    harm(run)
    if queued:
        ledger.mark_queued(run)
    with pytest.raises((LabError, RuntimeError)):
        execute(run, pace=PACE)
    assert run.status.state == state and run.status.step == 8
    assert run.status.message.startswith("It could not go on: ") and told(run, "failed") == [run.status.message]


def test_a_run_that_never_began_fails():
    run = create_run(plan())
    data_gone(run)
    with pytest.raises(LabError):
        execute(run, pace=PACE)
    assert run.status.state == "failed" and not run.status.message.startswith("It could not go on")
