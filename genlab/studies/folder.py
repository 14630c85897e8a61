"""The folder of a study: what was asked, and of each of its runs the figures and pictures.

    study.json               title, plan, and which run stands for which member
    members/<key>.json       what was measured of a member
    pictures/<key>-*.png     what it looked like
"""

import hashlib
import json
import shutil
import time
from pathlib import Path

from PIL import Image

from genlab.data import own
from genlab.errors import ConfigError, RunError
from genlab.files import Folder, is_id, write_atomic
from genlab.paths import checkpoints_dir, runs_dir
from genlab.settings import build_config
from genlab.studies.plan import Member, StudyPlan

FORMAT = 1


class Study(Folder):
    """One study on disk."""

    @property
    def is_shipped(self) -> bool:
        return self.path.parent == checkpoints_dir() / "studies"

    @property
    def title(self) -> str:
        return self._read()["title"]

    @property
    def plan(self) -> StudyPlan:
        """The checked plan; RunError where the file is damaged or of another format."""
        try:
            return build_config(StudyPlan, self._read()["plan"])
        except (ConfigError, KeyError, TypeError) as error:
            raise RunError(f"study {self.id}: study.json is not a study's: {error}") from None

    def members(self) -> list[Member]:
        return self.plan.members()

    @property
    def runs(self) -> dict[str, str]:
        """Run ids by the members' keys, of those that have one."""
        return dict(self._read().get("runs", {}))

    def write_runs(self, runs: dict[str, str]) -> None:
        write_atomic(self.path / "study.json", json.dumps({**self._read(), "runs": runs}, indent=1))

    # -- results --------------------------------------------------------------------------------------------------

    def result(self, member: Member) -> dict | None:
        """What was measured of a member; None where nothing was yet."""
        try:
            return json.loads((self.path / "members" / f"{member.key}.json").read_text())
        except FileNotFoundError:
            return None
        except ValueError:
            raise RunError(f"study {self.id}: members/{member.key}.json is damaged; delete it, and it is measured again") from None

    def results(self) -> list[tuple[Member, dict]]:
        """Every member that was measured, with its figures."""
        found = [(member, self.result(member)) for member in self.members()]
        return [(member, result) for member, result in found if result is not None]

    def write_result(self, member: Member, result: dict, pictures: dict[str, bytes]) -> None:
        """Keep a member's figures, and its pictures as PNG files by name."""
        for name in ("members", "pictures"):
            (self.path / name).mkdir(exist_ok=True)
        for name, data in pictures.items():
            write_atomic(self.picture_path(member, name), data)
        write_atomic(self.path / "members" / f"{member.key}.json", json.dumps(result, indent=1))

    def picture_path(self, member: Member, name: str) -> Path:
        return self.path / "pictures" / f"{member.key}-{name}.png"

    def _read(self) -> dict:
        try:
            values = json.loads((self.path / "study.json").read_text())
        except FileNotFoundError:
            raise RunError(f"study {self.id}: study.json is missing") from None
        except ValueError:
            raise RunError(f"study {self.id}: study.json is not JSON; the study is damaged") from None
        if values.get("format") != FORMAT:
            raise RunError(f"study {self.id}: format {values.get('format')!r}; this version reads {FORMAT}")
        return values


def studies_dir() -> Path:
    """Folder of local studies."""
    return runs_dir() / ".studies"


def begin_study(plan: StudyPlan, *, title: str = "", folder: Path | None = None) -> Study:
    """The study of this plan, there or new: the same plan is the same study, whoever asks. Errors as StudyPlan.check."""
    plan.check()
    if plan.data.name == "own":   # the same study from wherever it is asked for
        plan = plan.model_copy(update={"data": plan.data.model_copy(update={"path": own.absolute(plan.data.path)})})
    values = plan.model_dump(mode="json")
    digest = hashlib.blake2b(json.dumps(values, sort_keys=True).encode(), digest_size=4).hexdigest()
    study = Study((folder or studies_dir()) / f"{plan.kind}-{plan.data.name}-{digest}")
    if not (study.path / "study.json").exists():
        study.path.mkdir(parents=True, exist_ok=True)
        told = {"format": FORMAT, "title": title or title_of(plan), "created": time.time(), "plan": values, "runs": {}}
        write_atomic(study.path / "study.json", json.dumps(told, indent=1))
    return study


def title_of(plan: StudyPlan) -> str:
    """A study's title, in words: what was trained on what, for how long, how often."""
    sizes = ", ".join(f"{n:,}".replace(",", " ") if n else "endless" for n in plan.sizes)
    time = f"{plan.steps} updates" if plan.steps else f"{plan.epochs} epochs"
    return f"{sizes} {'own images' if plan.data.name == 'own' else plan.data.name}, {time}, {plan.seeds} seed{'s' * (plan.seeds > 1)}"


def list_studies(kind: str = "") -> list[Study]:
    """All studies (of a kind), shipped ones first, then own ones, newest first."""
    shipped = sorted(_studies_in(checkpoints_dir() / "studies"), key=lambda s: s.id)
    own = sorted(_studies_in(studies_dir()), key=lambda s: -(s.path / "study.json").stat().st_mtime)
    return [s for s in shipped + own if not kind or s.plan.kind == kind]


def find_study(study_id: str) -> Study:
    """The study of this id; RunError where there is none. The id is never a path."""
    if is_id(study_id or ""):
        for folder in (studies_dir(), checkpoints_dir() / "studies"):
            if (folder / study_id / "study.json").exists():
                return Study(folder / study_id)
    raise RunError(f"study {study_id!r} is not known; there are {', '.join(s.id for s in list_studies()) or 'none'}")


def ship_study(study: Study, name: str) -> Study:
    """A copy of a study in checkpoints/studies/, whole or not at all; RunError where a member is not measured yet."""
    if missing := [m.key for m in study.members() if study.result(m) is None]:
        raise RunError(f"study {study.id}: {len(missing)} of its runs are not measured yet, {missing[0]} among them")
    target = checkpoints_dir() / "studies" / name
    draft = target.with_name(f".{name}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(study.path, draft)
    Study(draft).write_runs({})   # they are found again by what they did, where they are shipped, too
    for path in (draft / "pictures").glob("*.png"):
        with Image.open(path) as picture:
            picture.convert("RGB").save(path, optimize=True)   # the gaps' transparency goes, a quarter of the bytes with it
    shutil.rmtree(target, ignore_errors=True)
    return Study(draft.rename(target))


def _studies_in(folder: Path) -> list[Study]:
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        study = Study(path)
        if is_id(path.name) and (path / "study.json").exists():
            try:
                if study.plan:
                    found.append(study)
            except RunError:   # damaged, or of another version: it does not hide the others
                continue
    return found
