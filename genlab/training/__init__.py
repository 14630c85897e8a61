"""Training as an iterator: make a plan, resolve it, walk over train(...)."""

from genlab.training.here import check_here, settle
from genlab.training.inputs import columns_for
from genlab.training.items import Command, Event, Item, Preview, Row, Snapshot, State
from genlab.training.loop import Pace, train
from genlab.training.plan import TrainPlan, grid_epochs, refuse_faults, resolve_plan

__all__ = ["Command", "Event", "Item", "Pace", "Preview", "Row", "Snapshot", "State", "TrainPlan", "check_here", "columns_for", "grid_epochs",
           "refuse_faults", "resolve_plan", "settle", "train"]
