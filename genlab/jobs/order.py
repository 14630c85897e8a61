"""Who comes next, and when: pure functions of who waits and who trains."""

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from genlab.errors import RunError
from genlab.runs import Run


@dataclass(frozen=True)
class Ticket:
    """A run's place to be: whose it is, since when it waits, and how many images a step of it takes at most."""

    run: Run
    owner: str = ""
    queued_at: float = 0.0
    batch_size: int = 1


def fair_order(waiting: Iterable[Ticket], training: Iterable[Ticket], served: Mapping[str, int] = MappingProxyType({})) -> list[Ticket]:
    """The waiting in the order in which they begin: everybody's first run before anybody's second.

    A run's rank is how many unfinished runs its owner has before it, those that train included. Among equals goes first whose
    owner was served longest ago (served counts up; who never was comes first), then the older: a long list of one owner's runs
    can't keep a single worker to itself.
    """
    taken, ranked = Counter(ticket.owner for ticket in training), []
    for ticket in sorted(waiting, key=lambda t: (t.queued_at, t.run.id)):
        ranked.append((taken[ticket.owner], served.get(ticket.owner, 0), ticket))
        taken[ticket.owner] += 1
    return [ticket for *_, ticket in sorted(ranked, key=lambda entry: entry[:2])]   # a stable sort: what is equal stays in order of time


def starts_in(ahead: Iterable[Ticket], training: Iterable[Ticket], workers: int) -> float | None:
    """Seconds until a worker is free for whoever comes after those ahead; None where nobody can know."""
    free_at = [remaining_s(ticket) for ticket in training]
    free_at = free_at[:workers] + [0.0] * (workers - len(free_at))
    if not free_at:
        return None
    heapq.heapify(free_at)
    for ticket in ahead:
        heapq.heapreplace(free_at, free_at[0] + remaining_s(ticket))
    return free_at[0] if math.isfinite(free_at[0]) else None


def remaining_s(ticket: Ticket) -> float:
    """Seconds of training that a run still needs at its last speed; infinite where it has none yet, is paused or is gone."""
    try:
        status = ticket.run.written_status
    except RunError:
        return math.inf
    if status.state == "paused" or not status.total_steps or status.images_per_s <= 0:
        return math.inf
    return (status.total_steps - status.step) * (status.batch_size or ticket.batch_size) / status.images_per_s
