"""Studies: one question, several runs that differ in one thing alone, measured alike and put side by side."""

from genlab.studies.folder import Study, begin_study, find_study, list_studies
from genlab.studies.plan import Member, StudyPlan

__all__ = ["Member", "Study", "StudyPlan", "begin_study", "find_study", "list_studies"]
