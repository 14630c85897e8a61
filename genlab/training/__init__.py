"""Training as an iterator: make a plan, resolve it, walk over train(...)."""

from genlab.training.inputs import columns_for
from genlab.training.items import Command, Event, Item, Preview, Row, Snapshot, State
from genlab.training.loop import Pace, train
from genlab.training.plan import TrainPlan, grid_epochs, resolve_plan

__all__ = ["Command", "Event", "Item", "Pace", "Preview", "Row", "Snapshot", "State", "TrainPlan", "columns_for", "grid_epochs", "resolve_plan",
           "train"]
