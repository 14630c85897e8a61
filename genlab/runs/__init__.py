"""Runs: folders on disk, and all that can be done with them."""

from genlab.runs.clearing import empty_trash
from genlab.runs.control import begin, live_names, send
from genlab.runs.folder import Run, RunConfig, Status
from genlab.runs.forking import fork
from genlab.runs.recorder import execute
from genlab.runs.store import create_run, delete, find_run, fixed_end, lengthen, list_runs, rename, restore, trashed
from genlab.runs.weights import load_model

__all__ = ["Run", "RunConfig", "Status", "begin", "create_run", "delete", "empty_trash", "execute", "find_run", "fixed_end", "fork", "lengthen",
           "list_runs", "live_names", "load_model", "rename", "restore", "send", "trashed"]
