"""The training loop: an iterator of what happened, which takes commands between any two steps."""

import math
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from genlab.errors import Diverged, LabError
from genlab.training.batches import Data, firsts, parts, to_model, to_size, to_uint8
from genlab.training.here import facts
from genlab.training.items import Command, Commands, Event, Item, Preview, Row, Snapshot, State
from genlab.training.plan import TrainPlan, grid_epochs
from genlab.training.trainer import Trainer

N_SHOWN, N_TEST, AT_ONCE = 8, 512, 128
LATELY_S = 10.0   # of training that a speed is the mean of


@dataclass(frozen=True)
class Pace:
    """How often what costs time but changes no bit is done."""

    preview_s: float = 1.0          # a live preview at most so often ...
    preview_share: float = 0.03     # ... and taking at most this share of the time
    state_s: float = 15.0           # a state to resume from
    poll_s: float = 0.02            # how soon a paused run hears a command
    park_s: float = 60.0            # a paused run gives up its place after this


def train(plan: TrainPlan, data: Data, held_out: Data, *, commands: Commands = list, state: State | None = None,
          weights: dict[str, torch.Tensor] | None = None, looks: frozenset[int] = frozenset(), pace: Pace = Pace()) -> Iterator[Item]:
    """Rows, events, previews, snapshots and states of a resolved plan, until it is finished, stopped or parked.

    data and held_out hold what the model's `inputs` name, raw: images are uint8 (N, C, H, W). With a state it goes on from there: k
    steps, a resume and n - k steps give the bits of n steps. With weights it starts from them instead of new ones. At the end of the
    epochs in looks it hands out a snapshot that need not be kept. Where a loss or a weight is no longer finite it raises Diverged,
    after handing out the last good state.
    """
    loop = _Loop(plan, data, held_out, commands, looks, pace)
    if state:
        loop.trainer.restore(state)
    elif weights:
        loop.trainer.load_weights(weights)
        loop.trainer.model.begin_anew()
    return loop.run()


class _Loop:
    def __init__(self, plan: TrainPlan, data: Data, held_out: Data, commands: Commands, looks: frozenset[int], pace: Pace):
        self.trainer = Trainer(plan, data)
        self.commands, self.looks, self.pace = commands, looks, pace
        self.grid = grid_epochs(plan.epochs, plan.snapshot_epochs)
        self.log_every = min(max(self.trainer.total_steps // 1000, 1), 10)
        self.held_out = firsts(held_out, N_TEST, plan.device)
        self.paused, self.single = False, False
        self.preview_due, self.state_due = 0.0, time.monotonic() + pace.state_s

    def run(self) -> Iterator[Item]:
        trainer = self.trainer
        self.good, self.lately = trainer.capture(), deque([(trainer.step, trainer.seconds)])
        total = trainer.total_steps
        yield Event(trainer.step, "started", f"Started at step {trainer.step} of {total}.",
                    {"total_steps": total, "batch_size": trainer.batches.batch_size, "on": facts(trainer.plan)})
        while trainer.step < trainer.total_steps:
            ended = yield from self._obey()
            if ended:
                return
            yield from self._advance()
        if trainer.is_finite():
            yield trainer.capture()
            yield Event(trainer.step, "finished", f"Finished after {trainer.step} steps.", {})
        else:
            yield from self._rewind("a weight")

    def _advance(self) -> Iterator[Item]:
        """One step and what falls due after it."""
        trainer, began = self.trainer, time.monotonic()
        metrics = trainer.take_step()
        last = trainer.step == trainer.total_steps
        logged = last or self.single or trainer.step == 1 or trainer.step % self.log_every == 0
        if (logged or trainer.plan.device == "cpu") and not math.isfinite(float(metrics["loss"])):
            yield from self._rewind("the loss")
        trainer.seconds += time.monotonic() - began
        if logged:
            yield self._row("train", metrics)
        if (trainer.epoch_ended and round(trainer.epoch) in self.grid) or last:
            yield from self._milestone()
        elif trainer.epoch_ended and round(trainer.epoch) in self.looks:
            yield from self._look()
        elif time.monotonic() >= self.preview_due or self.single:
            yield self._preview(kept=False)
        if time.monotonic() >= self.state_due:
            yield from self._save()
        if self.single:
            self.single = False
            yield Event(trainer.step, "stepped", f"One step, to {trainer.step}.", {})

    def _milestone(self) -> Iterator[Item]:
        """The end of an epoch on the grid: held-out metrics, kept pictures, a snapshot."""
        yield self._row("test", self._measure())
        yield self._preview(kept=True)
        yield Snapshot(self.trainer.step, self.trainer.epoch, self.trainer.weights())

    def _look(self) -> Iterator[Item]:
        """The end of an epoch that somebody wants to look at: pictures, and a snapshot to let go of."""
        yield self._preview(kept=True)
        yield Snapshot(self.trainer.step, self.trainer.epoch, self.trainer.weights(), kept=False)

    # -- commands -----------------------------------------------------------------------------------------------

    def _obey(self) -> Iterator[Item]:
        """Carry out what was asked; returns True where the run is to end. Waits here while paused."""
        paused_since = time.monotonic()
        while True:
            for command in self.commands():
                if command.kind == "stop":
                    yield from self._leave("stopped", "Stopped")
                    return True
                yield from self._carry_out(command)
                if command.kind != "save":   # who only looks on keeps no place occupied
                    paused_since = time.monotonic()
            if not self.paused or self.single:
                return False
            if time.monotonic() - paused_since > self.pace.park_s:
                yield from self._leave("parked", "Paused for long, so its place was given up")
                return True
            time.sleep(self.pace.poll_s)

    def _leave(self, kind: str, words: str) -> Iterator[Item]:
        yield self._preview(kept=False)
        yield self.trainer.capture()
        yield Event(self.trainer.step, kind, f"{words} at step {self.trainer.step}.", {})

    def _carry_out(self, command: Command) -> Iterator[Item]:
        step = self.trainer.step
        if command.kind == "pause" and not self.paused:
            self.paused = True
            yield from self._save()
            yield Event(step, "paused", f"Paused at step {step}.", {})
        elif command.kind == "resume" and self.paused:
            self.paused = False
            yield Event(step, "resumed", f"Resumed at step {step}.", {})
        elif command.kind == "step":
            self.paused = self.single = True
        elif command.kind == "set":
            yield from self._change(command)
        elif command.kind == "save" and self.good.step < step:
            yield from self._save()

    def _change(self, command: Command) -> Iterator[Item]:
        step, values = self.trainer.step, {command.name: command.value}
        try:
            self.trainer.set_live(command.name, command.value)
        except LabError as error:
            yield Event(step, "refused", str(error), values)
        else:
            yield from self._save()   # so that a crash from here on resumes with the new value
            yield Event(step, "changed", f"{command.name} = {_short(command.value)} from step {step} on.", values)

    # -- pictures, numbers, states ------------------------------------------------------------------------------

    def _save(self) -> Iterator[Item]:
        """A state to resume from, if it is a good one."""
        if not self.trainer.is_finite():
            yield from self._rewind("a weight")
        self.good = self.trainer.capture()
        self.state_due = time.monotonic() + self.pace.state_s
        yield self.good

    def _rewind(self, what: str) -> Iterator[Item]:
        bad, good = self.trainer.step, self.good
        self.trainer.restore(good)
        text = (f"At step {bad} {what} was no longer finite; the run is back at step {good.step}. "
                f"A smaller learning rate (now {self.trainer.lr:g}) usually helps.")
        yield good
        yield Event(bad, "diverged", text, {"back_to": good.step, "lr": self.trainer.lr})
        raise Diverged(text)

    def _row(self, split: str, metrics: dict) -> Row:
        trainer, values = self.trainer, {f"{split}/{name}": value.tolist() for name, value in metrics.items()}
        if split == "train":
            values["images_per_s"] = self._speed()
            values["lr"] = next(iter(trainer.optimizers.values())).param_groups[0]["lr"]
        return Row(trainer.step, trainer.epoch, trainer.seconds, values)

    def _speed(self) -> float:
        """Images a second of the last LATELY_S seconds of training, or since it began here, counted in batches as they really are."""
        now, then = (self.trainer.step, self.trainer.seconds), self.lately
        while len(then) > 1 and then[1][1] <= now[1] - LATELY_S:
            then.popleft()
        steps, seconds = now[0] - then[0][0], now[1] - then[0][1]
        then.append(now)
        return steps * self.trainer.batches.batch_size / seconds

    @torch.no_grad()
    def _measure(self) -> dict:
        """Metrics of the held-out items, averaged; their noise is the same each time."""
        model, plan, found, n = self.trainer.model, self.trainer.plan, {}, 0
        noise = torch.Generator(plan.device).manual_seed(plan.seed + 2)
        with model.autocast():
            for batch in parts(self.held_out, AT_ONCE):
                count = len(next(iter(batch.values())))
                n += count
                for name, value in model.measure(to_size(batch, self.trainer.size), noise).items():
                    found[name] = found.get(name, 0) + count * value
        return {name: value / n for name, value in found.items()}

    @torch.no_grad()
    def _preview(self, kept: bool) -> Preview:
        began, model, plan = time.monotonic(), self.trainer.model, self.trainer.plan
        noise = torch.Generator(plan.device).manual_seed(plan.seed + 3)
        batch = {name: to_model(x[:N_SHOWN]) for name, x in self.held_out.items()}
        with model.autocast():
            panels = model.preview(batch, noise)
        preview = Preview(self.trainer.step, self.trainer.epoch, {name: to_uint8(x) for name, x in panels.items()}, kept)
        now = time.monotonic()
        self.preview_due = now + max(self.pace.preview_s, (now - began) / self.pace.preview_share)
        return preview


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
