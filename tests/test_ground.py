"""The ground: what is installed and from where, the commands, Binder, how lessons are built, the README."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from marl_edu import cli, installed, lesson_builder, lesson_lint

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NEEDED = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
FOR_TESTS = [Requirement(line) for line in PYPROJECT["project"]["optional-dependencies"]["test"]]
CONDA_NAMES = {"pytorch-cpu": "torch"}
GENERATED = (".git", ".venv", "__pycache__", "*.egg-info", ".pytest_cache", ".hypothesis", ".ruff_cache", "build")


def constraints() -> dict[str, str]:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)  # no paths, no "+cpu"
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def conda_packages() -> dict[str, str | None]:
    """{package: version or None} of environment.yml, by the names of the Python package index."""
    lines = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pairs = [([*line.split("="), None])[:2] for line in lines]
    return {CONDA_NAMES.get(name, name): version for name, version in pairs}


@pytest.fixture
def clean_copy(tmp_path):
    """A copy of the repository without anything that was generated."""
    copy = tmp_path / "course"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*GENERATED))
    return copy


# --- versions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("requirement", NEEDED + FOR_TESTS, ids=str)
def test_tested_version_lies_in_the_stated_range(requirement):
    assert requirement.specifier.contains(constraints()[canonicalize_name(requirement.name)])


def test_tested_versions_install_on_the_oldest_python_we_support():
    """Distributions ship old patch releases of Python for years, and some packages ask for a newer one."""
    oldest = PYPROJECT["project"]["requires-python"].removeprefix(">=") + ".0"
    for name, version in constraints().items():
        if installed.installed_version(name) == version:
            needs = importlib.metadata.metadata(name).get("Requires-Python", "")
            assert SpecifierSet(needs).contains(oldest), name


def test_conda_environment_has_every_dependency_in_the_tested_version():
    packages, tested = conda_packages(), constraints()
    assert {canonicalize_name(r.name) for r in NEEDED} <= set(packages)
    for name, version in packages.items():
        if name not in {"python", "pip"}:
            assert version == tested[name], name
    assert packages["python"] in PYPROJECT["project"]["requires-python"]


def test_conda_environment_is_written_in_condas_language():
    rattler = pytest.importorskip("rattler")
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["channels"] == ["conda-forge"]
    for line in environment["dependencies"]:
        spec = rattler.MatchSpec(line, strict=True)
        assert line.startswith(spec.name.normalized)


# --- Binder ------------------------------------------------------------------------------------------------------


def test_binder_reads_the_environment_and_runs_post_build(clean_copy):
    """repo2docker reads only `binder/` once that exists; its dry run prints the Dockerfile it would build."""
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(clean_copy)]
    dry_run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    python = conda_packages()["python"]
    assert f"Building conda environment for python={python}" in dry_run.stderr
    assert re.search(r'env update -p \S+ --file "binder/environment.yml"', dry_run.stdout)
    assert "COPY --chown=0:0 src/binder/environment.yml" in dry_run.stdout
    assert re.search(r"^RUN \./binder/postBuild$", dry_run.stdout, re.MULTILINE)


def test_binder_files_are_one_environment_and_a_runnable_script():
    assert (ROOT / "binder" / "environment.yml").is_symlink()
    assert (ROOT / "binder" / "environment.yml").resolve() == ROOT / "environment.yml"
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK)
    assert "pip install --no-deps -e ." in script.read_text()
    assert "marl-edu warm" in script.read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


# --- make --------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("make"), reason="no make on this machine")
def test_make_alone_lists_every_target():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("lab", "test", "lessons", "bench", "doctor", "clean"):
        assert f"make {target} " in listed


@pytest.mark.skipif(not shutil.which("make"), reason="no make on this machine")
def test_make_names_the_python_it_needs(clean_copy):
    old = clean_copy / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    made = subprocess.run(["make", "lab", f"PYTHON={old}"], cwd=clean_copy, capture_output=True, text=True)
    assert made.returncode != 0
    assert "needs Python 3.11 or newer" in made.stdout
    assert not (clean_copy / ".venv").exists()


# --- marl-edu lab ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_root", [True, False])
@pytest.mark.parametrize("browser", [True, False])
def test_lab_listens_on_this_machine_only_and_keeps_its_token(as_root, browser):
    arguments = cli.lab_arguments(ROOT, as_root, browser)
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert not re.search("token|password", " ".join(arguments), re.IGNORECASE)
    assert ("--allow-root" in arguments) == as_root
    assert ("--no-browser" in arguments) == (not browser)


def test_no_browser_is_opened_without_a_screen(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    assert not cli.browser_available()


@pytest.mark.skipif(sys.platform == "win32", reason="stops the server with a signal")
def test_lab_prints_an_address_that_opens_with_its_token_only(tmp_path):
    """Starts the real server, with folders of its own, and asks it for the page."""
    folders = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"}}
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "marl_edu.cli", "lab", "--ServerApp.port=0"],
            cwd=ROOT,
            env=environment | folders,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = wait_for(r"(http://127\.0\.0\.1:\d+)(/lab\S*)\?(token=\w{20,})", log, server)
        host, page, token = address.groups()
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{host}/api/contents", timeout=20)
        with urllib.request.urlopen(f"{host}/api/contents?{token}", timeout=20) as answer:
            assert b'"lessons"' in answer.read()
        with urllib.request.urlopen(f"{host}{page}?{token}", timeout=20) as answer:
            text = answer.read().decode()
        assert "JupyterLab" in text
        assert re.search(r'"news":\s*\{"disabled":\s*true\}', text)
        settings = f"{host}/lab/api/settings/@jupyterlab/apputils-extension:notification?{token}"
        with urllib.request.urlopen(settings, timeout=20) as answer:
            assert json.load(answer)["schema"]["properties"]["fetchNews"]["default"] == "false"
    finally:
        server.terminate()
        server.wait(20)


def wait_for(pattern: str, log: Path, server: subprocess.Popen, seconds: float = 60) -> re.Match:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        if found := re.search(pattern, log.read_text()):
            return found
        time.sleep(0.1)
    pytest.fail(f"no {pattern} in:\n{log.read_text()}")


# --- marl-edu warm -----------------------------------------------------------------------------------------------


def test_warm_runs_every_learner(capsys):
    from marl_edu import learning

    assert cli.main(["warm"]) == 0
    warmed = capsys.readouterr().out
    assert "IndependentQLearning" in warmed
    assert [name for name in learning.__all__ if name.endswith("Learning") and name not in warmed] == []
    rules = [kind for kind in vars(learning).values() if isinstance(kind, type)]
    rules = [kind.__name__ for kind in rules if issubclass(kind, learning.MatrixDynamics)]
    words = set(re.findall(r"\w+", warmed))
    assert len(rules) == 10 and set(rules) - words == {"MatrixDynamics"}


def test_after_warm_no_rule_is_left_to_compile(tmp_path):
    """With a cache of its own: what a panel with a field asks of every rule finds all of it there."""
    code = (
        "from pathlib import Path; import numpy as np; from marl_edu import cli; assert cli.main(['warm']) == 0;"
        f"kept = lambda: sorted(path.name for path in Path({str(tmp_path)!r}).rglob('*.nbc')); before = kept();"
        "assert any('respond_often' in name for name in before), before;"
        "from marl_edu.games import chicken; from marl_edu.learning.dynamics import TwoByTwo;"
        "from marl_edu.learning.dynamics.two_by_two import DYNAMICS\n"
        "for rule in DYNAMICS:\n"
        "    for integrator in ('flow', 'steps'):\n"
        "        learner = TwoByTwo(chicken(), [[0.2, 0.7]], rule=rule, integrator=integrator)\n"
        "        learner.advance(3)\n"
        "        TwoByTwo.velocity(learner.tables, learner.frame()['policies'], rule=rule)\n"
        "assert kept() == before, sorted(set(kept()) - set(before))"
    )
    surroundings = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_misspelt_command_is_refused():
    with pytest.raises(SystemExit) as refused:
        cli.main(["doctor", "--quite"])
    assert refused.value.code == 2


# --- marl-edu build-lessons --------------------------------------------------------------------------------------

LESSON = """
# %% [markdown]
# # A lesson

# %% tags=["figure"]
import matplotlib.pyplot as plt
plt.figure(figsize=(1, 1)); plt.plot([1, 2])
plt.show()

# %%
import ipywidgets
ipywidgets.IntSlider(value=3)

# %%
print("one"); print("two")

# %%
print("one"); print("two")
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty course without rules; returns a function that writes a lesson and gives its source and notebook."""
    monkeypatch.setattr(lesson_lint, "problems", lambda *args, **options: [])  # tests/lessons has what it refuses
    monkeypatch.setattr(lesson_lint, "run_problems", lambda *args: [])
    (tmp_path / "lessons" / "source").mkdir(parents=True)
    (tmp_path / "marl_edu").mkdir()
    monkeypatch.chdir(tmp_path)

    def lesson(text):
        source = tmp_path / "lessons" / "source" / "42_lesson.py"
        source.write_text(text)
        return source, lesson_builder.notebook_of(source)

    return lesson


def test_built_lesson_is_run_static_and_the_same_each_time(course, capsys):
    _source, notebook = course(LESSON)
    assert cli.main(["build-lessons", "42"]) == 0
    first = notebook.read_text()
    assert cli.main(["build-lessons"]) == 0
    assert notebook.read_text() == first
    assert cli.main(["build-lessons", "--check"]) == 0
    assert "lessons/42_lesson.ipynb: ok" in capsys.readouterr().out.replace("\\", "/")

    node = lesson_builder.nbformat.read(notebook, as_version=4)
    code = [cell for cell in node.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4]
    assert len({cell.id for cell in node.cells}) == 5
    assert code[0].metadata == {"tags": ["figure"]}
    assert "image/png" in code[0].outputs[0].data
    assert list(code[1].outputs[0].data) == ["text/plain"]
    assert [output.text for output in code[2].outputs] == ["one\ntwo\n"]
    assert node.metadata == lesson_builder.KERNEL


def test_cell_ids_stay_when_a_cell_is_put_before_them(course):
    before = [cell.id for cell in lesson_builder.read_source(course(LESSON)[0]).cells]
    after = [cell.id for cell in lesson_builder.read_source(course("# %%\n0\n" + LESSON)[0]).cells]
    assert after[1:] == before


def test_stored_widget_and_figure_pass_nbval(course, tmp_path):
    _, notebook = course(LESSON)
    assert cli.main(["build-lessons"]) == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env"]
    ran = subprocess.run([*command, str(notebook)], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert "4 passed" in ran.stdout, ran.stdout


@pytest.mark.parametrize(
    ("line", "objection"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys; print('psst', file=sys.stderr)", "wrote to stderr: psst"),
        ("import os; print(os.getcwd())", "shows a folder of this machine"),
        ("import warnings; warnings.warn('old')", "wrote to stderr"),
    ],
)
def test_a_lesson_unfit_to_be_read_by_others_is_not_stored(course, capsys, line, objection):
    _, notebook = course(f"# %%\n{line}\n")
    assert cli.main(["build-lessons"]) == 1
    assert objection in capsys.readouterr().out
    assert not notebook.exists()


def test_check_finds_an_edited_source_and_a_notebook_that_was_not_run(course):
    source, notebook = course("# %%\n1 + 1\n")
    assert lesson_builder.disagreements(source, notebook) == ["42_lesson.ipynb is missing; run `make lessons`"]
    assert lesson_builder.build(source, notebook) == []
    source, _ = course('# %% tags=["new"]\n1 + 2\n')
    found = " ".join(lesson_builder.disagreements(source, notebook))
    assert "source differs" in found
    assert "metadata differs" in found
    assert cli.main(["build-lessons", "--check"]) == 1
    node = lesson_builder.read_source(source)
    lesson_builder.nbformat.write(node, notebook)
    assert "execution count None, not 1" in " ".join(lesson_builder.disagreements(source, notebook))


def test_an_unknown_lesson_is_named_with_those_there_are(course):
    course(LESSON)
    with pytest.raises(SystemExit, match=r"No lesson .07.. There are: 42_lesson"):
        cli.main(["build-lessons", "07"])


# --- words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_documents_link_to_what_exists_and_name_commands_that_exist(name):
    text = (ROOT / name).read_text()
    for target in re.findall(r"\]\((?!https?://|#)([^)\s]+)\)", text):
        assert (ROOT / target).exists(), target
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)(?=`|$| )", text, re.MULTILINE)) <= targets
    assert not re.search(r"\b(simply|obviously)\b", text, re.IGNORECASE)


def test_example_in_the_readme_runs():
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
