"""The lab served by another server, from another working directory, and by a user who may write nowhere but in its folder of runs."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from real_app import ROOT, stop_group, visit, wait_healthy

pytestmark = pytest.mark.browser

NOBODY = 65534
IS_ROOT = hasattr(os, "getuid") and os.getuid() == 0 and shutil.which("setpriv") is not None
PARTS = ("app.py", "genlab", "pages", ".streamlit")
PYTHONS = (sys.executable, *(f"{place}/bin/python{sys.version_info[0]}.{sys.version_info[1]}" for place in ("/usr", "/usr/local")))
SIDEBAR = "rgb(243, 245, 246)"   # theme.light.sidebar in .streamlit/config.toml; streamlit's own is another grey


class Elsewhere:
    """A place to serve from: `folder` for everybody to see, the lab's code in it, which its user may only read, and where it works."""

    def __init__(self, folder: Path):
        self.lab, self.runs, self.here = (folder / name for name in ("lab", "runs", "here"))
        self.user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if IS_ROOT else []
        self.lab.mkdir()
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, self.lab / part, **({"ignore": shutil.ignore_patterns("__pycache__")} if copy is shutil.copytree else {}))
        (self.lab / "checkpoints").mkdir()
        for path in (self.runs, self.here):
            path.mkdir()
            if IS_ROOT:
                os.chown(path, NOBODY, NOBODY)
        path = f"{self.lab}{os.pathsep}{sysconfig.get_path('purelib')}"   # packages of this environment, whatever runs them
        self.env = {"PATH": os.environ["PATH"], "GENLAB_RUNS": str(self.runs), "PYTHONPATH": path}
        self.python = next(filter(self._runs, PYTHONS if IS_ROOT else PYTHONS[:1]), "")

    def run(self, *words: str, python: str = "", **variables: str) -> subprocess.CompletedProcess:
        """A Python program as the other user, from elsewhere."""
        command = [*self.user, python or self.python, *words]
        return subprocess.run(command, cwd=self.here, env={**self.env, **variables}, capture_output=True, text=True)

    def _runs(self, python: str) -> bool:
        """True where the user can start this Python and, as the lab does, another from it: root's own may lie in root's home."""
        code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import streamlit, torch'], check=True)"
        return os.path.exists(python) and self.run("-c", code, python=python).returncode == 0


@pytest.fixture(scope="module")
def elsewhere():
    folder = Path(tempfile.mkdtemp(prefix="genlab-elsewhere-"))   # pytest's own are closed to other users
    folder.chmod(0o755)
    place = Elsewhere(folder)
    if not place.python:
        pytest.skip(f"user {NOBODY} can run none of {', '.join(PYTHONS)}")
    yield place
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def served(elsewhere):
    """The address of the lab under uvicorn, found by --app-dir."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    words = [*elsewhere.user, elsewhere.python, "-m", "uvicorn", "--app-dir", str(elsewhere.lab), "app:app", f"--port={port}"]
    log = elsewhere.lab.parent / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(words, cwd=elsewhere.here, env={**elsewhere.env, "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "type"}, stdout=out,
                                  stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_healthy(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_group(server)


def test_it_looks_the_same_and_asks_nobody_outside(served, tab):
    hosts = set()
    tab.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    tab.on("websocket", lambda opened: hosts.add(urlsplit(opened.url).netloc))
    visit(tab, f"{served}/machine")
    expect(tab.locator("[data-testid=stSidebar]")).to_have_css("background-color", SIDEBAR)
    tab.wait_for_timeout(1000)   # what is asked of others is asked late
    assert hosts - {""} == {urlsplit(served).netloc}


def test_settings_come_from_beside_the_app_and_from_variables(elsewhere):
    code = ("import app, json; from streamlit import config; "
            "print(json.dumps([config.get_option(n) for n in ('browser.gatherUsageStats', 'runner.postScriptGC', 'server.maxUploadSize', "
            "'server.enableXsrfProtection', 'client.showErrorDetails')]))")
    done = elsewhere.run("-c", code, STREAMLIT_SERVER_MAX_UPLOAD_SIZE="7", STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION="false",
                         STREAMLIT_CLIENT_SHOW_ERROR_DETAILS="type")
    assert json.loads(done.stdout) == [False, False, 7, False, "type"], done.stderr[-2000:]


@pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
def test_another_user_trains_and_has_a_map_made_by_umap(elsewhere, served, tab):
    done = elsewhere.run("-m", "genlab", "train", "--data-n", "64", "--data-size", "16", "--epochs", "2", "--batch-size", "16", "--threads", "1",
                         "--set", "width=4", "--set", "latent_dim=3", "--quiet", "--json")
    assert done.returncode == 0, done.stderr[-2000:]
    run = json.loads(done.stdout)["run"]
    done = elsewhere.run("-m", "genlab", "map", run, "--method", "umap", "--n", "80", "--prior", "10", "--json")   # numba compiles for a new user
    assert done.returncode == 0, done.stderr[-2000:]
    tab.goto(f"{served}/map?run={run}&method=umap&n=60&prior=10")
    tab.wait_for_selector(".lab-map[data-ready], [data-testid=stAlertContentError]", timeout=600_000)
    assert tab.locator("[data-testid=stAlertContentError]").all_inner_texts() == []
    assert list((elsewhere.runs / ".cache" / run).glob("map-*.safetensors"))
    assert list(elsewhere.here.iterdir()) == []   # nothing was put where it happened to be started
    assert {path.name for path in elsewhere.lab.iterdir()} == {*PARTS, "checkpoints"}


@pytest.mark.skipif(not IS_ROOT, reason="root may write anywhere, so another user has to try")
@pytest.mark.parametrize(("variables", "named"), [({"GENLAB_RUNS": ""}, "lab/runs"), ({"GENLAB_RUNS": "/root/runs"}, "/root/runs")])
def test_another_user_is_told_where_runs_can_be_kept(elsewhere, variables, named):
    done = elsewhere.run("-m", "genlab", "train", "--epochs", "1", "--quiet", **variables)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert f"{named}: user {NOBODY} has no permission" in done.stderr and "set GENLAB_RUNS to a folder" in done.stderr
