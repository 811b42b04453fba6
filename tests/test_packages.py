"""What is installed where: pins, the light student install, the bundle."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomllib
import yaml

ROOT = Path(__file__).parent.parent
STUDENT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GRADER = tomllib.loads((ROOT / "grader" / "pyproject.toml").read_text("utf-8"))


def test_environment_yml_has_the_pins_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    plain = [d for d in environment["dependencies"] if isinstance(d, str)]
    pip = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    assert environment["name"] == STUDENT["project"]["name"]
    assert pip == ["-e ."]
    conda = {d for d in plain if not d.startswith(("python>", "pip"))}
    from_pypi = {d for d in STUDENT["project"]["dependencies"] if d.startswith("resvg-py")}
    assert conda == set(STUDENT["project"]["dependencies"]) - from_pypi
    python = next(d for d in plain if d.startswith("python>"))
    assert python.removeprefix("python").startswith(STUDENT["project"]["requires-python"])


def test_lock_file_holds_every_dependency_and_no_host():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    locked = {re.split(r"[=; ]", line)[0].lower() for line in text.splitlines() if line}
    wanted = STUDENT["project"]["dependencies"] + GRADER["project"]["dependencies"]
    wanted += STUDENT["project"]["optional-dependencies"]["test"]
    names = {re.split(r"[<>=\[ ]", w)[0].lower() for w in wanted} - {STUDENT["project"]["name"]}
    assert names <= locked
    assert "://" not in text


def test_course_never_imports_grader():
    for path in (ROOT / "course").rglob("*.py"):
        assert not re.search(r"(?m)^\s*(from|import) grader", path.read_text("utf-8")), path
    code = "import course.check, course.toolbox, course.data, course.graph, course.figures, sys; "
    code += (
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'grader', 'nbgrader', 'nbclient'}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.slow
def test_bundle_runs_a_unit_in_a_clean_environment(tmp_path):
    """Unpack the zip, follow its guide, run a unit: no grader and no repository in sight."""
    subprocess.run(
        [sys.executable, "-m", "grader.cli", "bundle", "--to", str(tmp_path)],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    (archive,) = tmp_path.glob("*.zip")
    zipfile.ZipFile(archive).extractall(tmp_path)
    home = tmp_path / archive.stem
    assert (home / "GUIDE.md").is_file()
    (wheel,) = home.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert not [n for n in names if not n.startswith(("course/", "backprop_course-"))]
    assert "course/datasets/digits.npz" in names
    uv = [sys.executable, "-m", "uv", "--quiet"]
    python = home / ".venv" / "bin" / "python"
    subprocess.run([*uv, "venv", "--python", sys.executable, str(home / ".venv")], check=True)
    subprocess.run([*uv, "pip", "install", "--python", str(python), str(wheel)], check=True)
    code = (
        "import importlib.util as u, course; "
        "print(course.__file__); print(u.find_spec('grader'), u.find_spec('mlxtend'))"
    )
    out = subprocess.run([python, "-c", code], cwd=home, capture_output=True, text=True, check=True)
    assert str(home) in out.stdout.splitlines()[0]
    assert out.stdout.splitlines()[1] == "None None"
    unit = home / "release" / "05-affine-softmax" / "05-affine-softmax.ipynb"
    done = subprocess.run(
        [python, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--allow-errors"]
        + ["--output", "done.ipynb", str(unit)],
        cwd=home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    text = (unit.parent / "done.ipynb").read_text("utf-8")
    errors = set(re.findall(r'"ename": "(\w+)"', text))
    assert errors <= {"NotImplementedError", "NotInToolbox"}
    assert "affine is not written yet" in text


@pytest.mark.slow
def test_the_grader_works_as_an_installed_package(tmp_path):
    """Both wheels in a clean environment, far from the repository: a notebook is graded."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    for project in (ROOT, ROOT / "grader"):
        subprocess.run([*build, str(project)], check=True, capture_output=True)
    wheels = sorted(str(p) for p in tmp_path.glob("*.whl"))
    assert len(wheels) == 2
    uv = [sys.executable, "-m", "uv", "--quiet"]
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([*uv, "venv", "--python", sys.executable, str(tmp_path / "venv")], check=True)
    subprocess.run([*uv, "pip", "install", "--python", str(python), *wheels], check=True)
    unit = "04-activations"
    shutil.copyfile(ROOT / "source" / unit / f"{unit}.ipynb", tmp_path / "mine.ipynb")
    done = subprocess.run(
        [python.with_name("grader"), "check", "mine.ipynb", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["score"] == 16
