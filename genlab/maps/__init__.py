"""Maps of a run's latent space: made of its images, kept by value, shipped with the runs."""

from genlab.maps.file import LatentMap, load_map, save_map
from genlab.maps.make import make_map
from genlab.maps.plan import MapPlan
from genlab.maps.store import find_map, fit_map, map_step, read_map, shipped_fault, shipped_path

__all__ = ["LatentMap", "MapPlan", "find_map", "fit_map", "load_map", "make_map", "map_step", "read_map", "save_map",
           "shipped_fault", "shipped_path"]
