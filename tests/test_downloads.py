"""Downloads of learning platforms: who, what unit, and what must not come in."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from grader import downloads
from grader.downloads import DownloadError, bring_in, sender, student_id

UNIT = "04-activations"
RELEASED = Path(__file__).parents[1] / "release" / UNIT / f"{UNIT}.ipynb"
NOTEBOOK = RELEASED.read_bytes()
OTHER = NOTEBOOK.replace(b"# YOUR CODE HERE", b"# mine")


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "course"
    root.mkdir()
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    return root


def make_zip(tmp_path: Path, files: dict[str, bytes], name: str = "download.zip") -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in files.items():
            archive.writestr(member, data)
    return path


def make_folder(tmp_path: Path, files: dict[str, bytes], name: str = "download") -> Path:
    for member, data in files.items():
        path = tmp_path / name / member
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / name


def handed_in(course: Path) -> set[str]:
    home = course / "submitted"
    return {str(p.relative_to(home)) for p in home.rglob("*") if p.suffix == ".ipynb"}


@pytest.mark.parametrize("pack", [make_zip, make_folder])
@pytest.mark.parametrize(
    ("name", "student"),
    [
        (f"doejane_12345_67890_{UNIT}.ipynb", "doejane"),
        (f"doejane_LATE_12345_67890_{UNIT}-1.ipynb", "doejane"),
        ("doejane_12345_67890_Untitled (3).ipynb", "doejane"),
        ("Jane Doe_12345_assignsubmission_file_/homework.ipynb", "jane-doe"),
        ("Jane Doe_12345_assignsubmission_file/homework.ipynb", "jane-doe"),
        ("Jane Doe_12345_assignsubmission_file_homework.ipynb", "jane-doe"),
        ("Course-Unit 4-99/Jane O'Doe_12345_assignsubmission_file_/x.ipynb", "jane-o-doe"),
        ("王小明_12345_assignsubmission_file_/x.ipynb", "王小明"),
        (f"jane/{UNIT}.ipynb", "jane"),
        (f"jane/{UNIT}/{UNIT}.ipynb", "jane"),
        (f"submitted/jane/{UNIT}/{UNIT}.ipynb", "jane"),
        ("hacker@x.org/anything.ipynb", "hacker@x.org"),
        ("Jane Doe/anything.ipynb", "jane-doe"),
    ],
)
def test_who_and_what_unit(course, tmp_path, pack, name, student):
    brought = bring_in(pack(tmp_path, {name: NOTEBOOK}), course)
    assert (brought.placed, brought.refused) == (1, [])
    placed = course / "submitted" / student / UNIT / f"{UNIT}.ipynb"
    assert placed.read_bytes() == NOTEBOOK


@pytest.mark.parametrize(
    "words", ["../../etc", "a/b", "..", "a\x00b", "  ", "C:\\x", "-rf", "~root"]
)
def test_no_name_becomes_a_path(words):
    made = student_id(words)
    assert "/" not in made
    assert "\x00" not in made
    assert not made.startswith((".", "-", "~"))


def test_two_people_of_one_name_stay_two_people(course, tmp_path):
    first = make_zip(tmp_path, {"doejane_1_10_a.ipynb": NOTEBOOK}, "first.zip")
    both = make_zip(
        tmp_path, {"doejane_1_11_a.ipynb": NOTEBOOK, "doejane_2_12_a.ipynb": OTHER}, "both.zip"
    )
    later = make_zip(tmp_path, {"doejane_2_13_a.ipynb": OTHER}, "later.zip")
    assert bring_in(first, course).placed == 1
    brought = bring_in(both, course)
    assert (brought.placed, brought.same, brought.refused) == (1, 1, [])
    assert bring_in(later, course).same == 1  # the second Jane again, though alone this time
    assert {p.split("/")[0] for p in handed_in(course)} == {"doejane", "doejane-2"}


def test_the_numbers_of_moodle_tell_no_people_apart(course, tmp_path):
    """They are new in each assignment; two of one name there are for a person."""
    third = (RELEASED.parents[1] / "03-add-mul-nodes" / "03-add-mul-nodes.ipynb").read_bytes()
    files = {"Jane Doe_1_assignsubmission_file_/a.ipynb": NOTEBOOK}
    bring_in(make_zip(tmp_path, files), course)
    bring_in(make_zip(tmp_path, {"Jane Doe_7_assignsubmission_file_/a.ipynb": third}), course)
    assert len(handed_in(course)) == 2
    assert {p.split("/")[0] for p in handed_in(course)} == {"jane-doe"}
    namesake = {"Jane Doe_2_assignsubmission_file_/a.ipynb": OTHER}
    brought = bring_in(make_zip(tmp_path, files | namesake), course)
    assert "namesake" in brought.refused[0][1]


def test_a_different_file_is_never_overwritten_silently(course, tmp_path):
    old = make_zip(tmp_path, {f"jane/{UNIT}.ipynb": NOTEBOOK}, "old.zip")
    new = make_zip(tmp_path, {f"jane/{UNIT}.ipynb": OTHER}, "new.zip")
    bring_in(old, course)
    placed = course / "submitted" / "jane" / UNIT / f"{UNIT}.ipynb"
    placed.with_name("timestamp.txt").write_text("2026-09-07 09:00:00.000000 UTC")
    assert bring_in(old, course).same == 1
    brought = bring_in(new, course)
    assert brought.placed == 0
    assert "--replace" in brought.refused[0][1]
    assert placed.read_bytes() == NOTEBOOK
    assert bring_in(new, course, replace=True).replaced == 1
    assert placed.read_bytes() == OTHER
    assert not placed.with_name("timestamp.txt").exists()  # it told of the old one
    assert len(list(placed.parent.iterdir())) == 1


def test_two_notebooks_of_one_student_for_one_unit_are_for_a_person(course, tmp_path):
    both = make_zip(tmp_path, {"doejane_1_10_a.ipynb": NOTEBOOK, "doejane_1_10_b.ipynb": OTHER})
    for _ in range(2):
        brought = bring_in(both, course, replace=True)
        assert "keep one of them" in brought.refused[0][1]
        assert handed_in(course) == {f"doejane/{UNIT}/{UNIT}.ipynb"}


def test_a_broken_notebook_comes_in_by_its_name_and_other_files_stay_out(course, tmp_path):
    brought = bring_in(
        make_zip(
            tmp_path,
            {
                f"jane/{UNIT}.ipynb": b"{",
                f"bo_5_6_{UNIT}.ipynb": b"",
                "ann/essay.ipynb": b"{}",
                "ann/notes.txt": b"x",
                "ann/all.zip": b"x",
                "top.ipynb": NOTEBOOK,
                "__MACOSX/jane/x.ipynb": NOTEBOOK,
                "jane/.ipynb_checkpoints/x.ipynb": OTHER,
            },
        ),
        course,
    )
    assert handed_in(course) == {f"{s}/{UNIT}/{UNIT}.ipynb" for s in ("jane", "bo")}
    reasons = dict(brought.refused)
    assert set(reasons) == {"ann/essay.ipynb", "ann/all.zip", "top.ipynb"}
    assert "archive" in reasons["ann/all.zip"]
    assert "no student" in reasons["top.ipynb"]


# ---------------------------------------------------------------- hostile downloads


@pytest.mark.parametrize(
    "name",
    [
        f"../{UNIT}.ipynb",
        f"../../x/{UNIT}.ipynb",
        f"/tmp/x/{UNIT}.ipynb",
        f"..\\..\\x\\{UNIT}.ipynb",
        f"C:\\x\\{UNIT}.ipynb",
        f"jane/../../{UNIT}.ipynb",
    ],
)
def test_a_path_that_leads_out_is_refused(course, tmp_path, name):
    before = set(tmp_path.rglob("*"))
    brought = bring_in(make_zip(tmp_path, {name: NOTEBOOK}), course)
    assert len(brought.refused) == 1
    assert set(tmp_path.rglob("*")) - before <= {tmp_path / "download.zip"}


def test_links_are_refused_in_zips_and_folders(course, tmp_path):
    path = tmp_path / "links.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo(f"jane/{UNIT}.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(RELEASED))
    assert "link" in bring_in(path, course).refused[0][1]
    folder = make_folder(tmp_path, {f"bo/{UNIT}.ipynb": NOTEBOOK})
    (folder / "jane").mkdir()
    (folder / "jane" / f"{UNIT}.ipynb").symlink_to(RELEASED)
    (folder / "all").symlink_to(folder / "bo")
    os.mkfifo(folder / "bo" / "pipe.ipynb")
    brought = bring_in(folder, course)
    assert {name for name, _ in brought.refused} == {
        f"jane/{UNIT}.ipynb", "all", "bo/pipe.ipynb",
    }  # fmt: skip
    assert handed_in(course) == {f"bo/{UNIT}/{UNIT}.ipynb"}


def test_a_link_planted_in_submitted_is_not_followed(course, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (course / "submitted").mkdir()
    (course / "submitted" / "jane").symlink_to(outside)
    brought = bring_in(make_zip(tmp_path, {f"jane/{UNIT}.ipynb": NOTEBOOK}), course)
    assert "link" in brought.refused[0][1]
    assert not list(outside.iterdir())


def test_a_bomb_is_refused_before_it_fills_the_memory(course, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "RATIO_FROM_MB", 1)
    path = make_zip(tmp_path, {f"jane/{UNIT}.ipynb": b" " * (20 << 20), "bo/x.ipynb": NOTEBOOK})
    brought = bring_in(path, course)
    assert "no notebook does" in brought.refused[0][1]
    assert handed_in(course) == {f"bo/{UNIT}/{UNIT}.ipynb"}


def test_the_size_that_a_zip_announces_is_not_believed(course, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MAX_FILE_MB", 1)
    noise = os.urandom(3 << 20)
    path = make_zip(tmp_path, {f"jane/{UNIT}.ipynb": noise})
    raw = path.read_bytes()
    lie = raw.replace(struct.pack("<I", 3 << 20), struct.pack("<I", 10))
    assert lie != raw
    path.write_bytes(lie)
    ((_, reason),) = bring_in(path, course).refused
    assert "more than 1 MB" in reason or "damaged" in reason or "cannot be read" in reason
    assert handed_in(course) == set()


def test_all_notebooks_together_have_a_limit(course, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "TOTAL_MB", 1)
    many = {f"s{i}/{UNIT}.ipynb": NOTEBOOK + b" " * (300 << 10) for i in range(6)}
    brought = bring_in(make_zip(tmp_path, many), course)
    assert 0 < brought.placed < 4
    assert brought.placed + len(brought.refused) == 6


def test_too_many_files_and_what_is_no_download(course, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "FILES", 3)
    many = {f"s{i}/{UNIT}.ipynb": NOTEBOOK for i in range(5)}
    for path in (make_zip(tmp_path, many), make_folder(tmp_path, many)):
        with pytest.raises(DownloadError, match="more than 3"):
            bring_in(path, course)
    text = tmp_path / "x.txt"
    text.write_text("x")
    for path in (text, tmp_path / "nothing"):
        with pytest.raises(DownloadError):
            bring_in(path, course)
    assert not (course / "submitted").exists()


def test_a_cut_zip_is_told(course, tmp_path):
    path = make_zip(tmp_path, {f"s{i}/{UNIT}.ipynb": NOTEBOOK for i in range(5)})
    raw = bytearray(path.read_bytes())
    raw[200:4000] = bytes(3800)
    path.write_bytes(raw)
    brought = bring_in(path, course)
    assert len(brought.refused) >= 1
    assert all("damaged" in reason or "read" in reason for _, reason in brought.refused)


def test_a_sender_without_a_name_is_refused():
    with pytest.raises(ValueError, match="no student"):
        sender(PurePosixPath("04-activations.ipynb"))
