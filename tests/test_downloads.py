"""Downloads of learning platforms: who, what unit, and what must not come in."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from batches import grader

from grader import downloads
from grader.batch import Summary
from grader.downloads import DownloadError, bring_in, senders, student_id
from grader.show import run_batch

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
    (tmp_path / name).mkdir(exist_ok=True)
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


def test_what_was_handed_in_under_another_name_stays_too(course, tmp_path):
    there = course / "submitted" / "jane" / UNIT
    there.mkdir(parents=True)
    (there / "mine.ipynb").write_bytes(NOTEBOOK)
    (there / "timestamp.txt").write_text("2026-09-07 09:00:00.000000 UTC")
    assert bring_in(make_zip(tmp_path, {f"jane/{UNIT}.ipynb": NOTEBOOK}), course).same == 1
    new = make_zip(tmp_path, {f"jane/{UNIT}.ipynb": OTHER}, "new.zip")
    ((_, reason),) = bring_in(new, course).refused
    assert "mine.ipynb, which stays; --replace" in reason
    assert (there / "timestamp.txt").exists()
    assert bring_in(new, course, replace=True).replaced == 1
    assert not (there / "timestamp.txt").exists()
    assert (there / f"{UNIT}.ipynb").read_bytes() == OTHER


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


@pytest.mark.parametrize("name", [UNIT, "mine"])
def test_a_pipe_planted_in_submitted_is_not_opened(course, tmp_path, name):
    there = course / "submitted" / "jane" / UNIT
    there.mkdir(parents=True)
    os.mkfifo(there / f"{name}.ipynb")
    brought = bring_in(make_zip(tmp_path, {f"jane/{UNIT}.ipynb": NOTEBOOK}), course)
    assert "no file" in brought.refused[0][1]


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


def test_a_sender_without_a_name_is_none():
    path = PurePosixPath("04-activations.ipynb")
    assert senders([path]) == {path: []}


def test_a_cut_off_zip_is_told_as_incomplete(course, tmp_path):
    path = make_zip(tmp_path, {f"jane/{UNIT}.ipynb": NOTEBOOK})
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DownloadError, match="incomplete one: download it again"):
        bring_in(path, course)


def test_a_file_that_became_a_link_is_told_as_one(tmp_path):
    link = tmp_path / "x.ipynb"
    link.symlink_to(RELEASED)
    with pytest.raises(ValueError, match=r"^is a link$"):
        downloads._File(PurePosixPath("x.ipynb"), None, link).read(1)


# ---------------------------------------------------------------- who is the student


@pytest.mark.parametrize("pack", [make_zip, make_folder])
@pytest.mark.parametrize(
    ("names", "students"),
    [
        (["jane/hw_3_2024_final.ipynb", "tom/hw_3_2024_v2.ipynb"], {"jane", "tom"}),
        (["jane/hw_2023_2024_a.ipynb", "tom/hw_2023_2024_b.ipynb"], {"jane", "tom"}),
        (["jane/hw_3_2024_final.ipynb"], {"jane"}),
        (["all/jane/hw_2023_2024_a.ipynb", "all/tom/hw_2023_2024_b.ipynb"], {"jane", "tom"}),
        (["all/jane_12345_6789_x.ipynb", "all/tom_12346_6790_x.ipynb"], {"jane", "tom"}),
        (["all/jane_12345_6789_x.ipynb"], {"jane"}),
        ([f"{UNIT}/jane_1_10_x.ipynb", f"{UNIT}/tom_2_11_x.ipynb"], {"jane", "tom"}),
        (
            ["a/jane_12345_6789_x.ipynb", "a/tom_12346_6790_x.ipynb", "b/jane_12345_6789_x.ipynb"]
            + ["b/ann_12347_6791_x.ipynb"],
            {"jane", "tom", "ann"},
        ),
        (["ghi/hw3/x.ipynb", "jkl/hw3/x.ipynb"], {"ghi", "jkl"}),
        (["all/ghi/hw3/x.ipynb", "all/jkl/hw3/x.ipynb", "all/mno/x.ipynb"], {"ghi", "jkl", "mno"}),
        (["ghi/my/hw3/x.ipynb", "jkl/my/hw3/x.ipynb"], {"ghi", "jkl"}),
        (["hw3/jane/x.ipynb", "hw3/tom/x.ipynb", "hw4/jane/y.ipynb"], {"jane", "tom"}),
    ],
)
@pytest.mark.parametrize("same", [True, False])
def test_the_folder_of_a_student(course, tmp_path, pack, names, students, same):
    third = (RELEASED.parents[1] / "03-add-mul-nodes" / "03-add-mul-nodes.ipynb").read_bytes()
    files = {}
    for index, name in enumerate(names):
        data = NOTEBOOK if same or index % 2 else OTHER
        files[name] = third if "y.ipynb" in name or name.startswith("b/") else data
    brought = bring_in(pack(tmp_path, files), course)
    assert brought.refused == []
    assert (brought.placed, brought.same) == (len(names), 0)
    assert set(brought.newcomers) == students
    assert {p.split("/")[0] for p in handed_in(course)} == students
    assert bring_in(pack(tmp_path, files), course).newcomers == []


def test_folders_that_do_not_tell_the_student_are_for_a_person(course, tmp_path):
    third = (RELEASED.parents[1] / "03-add-mul-nodes" / "03-add-mul-nodes.ipynb").read_bytes()
    path = make_zip(tmp_path, {"hw3/jane/x.ipynb": third, "hw4/jane/x.ipynb": NOTEBOOK})
    brought = bring_in(path, course)
    assert handed_in(course) == set()
    assert "hw3 or jane" in brought.refused[0][1]
    (course / "submitted" / "jane").mkdir(parents=True)
    assert bring_in(path, course).placed == 2  # now jane is a student, and hw3 is none


def test_two_people_of_one_name_in_an_assignment_of_moodle_are_refused(course, tmp_path):
    third = (RELEASED.parents[1] / "03-add-mul-nodes" / "03-add-mul-nodes.ipynb").read_bytes()
    path = make_zip(
        tmp_path,
        {
            "Anna Anna_1_assignsubmission_file_/x.ipynb": third,
            "Anna Anna_9_assignsubmission_file_/x.ipynb": NOTEBOOK,
            "Bo_2_assignsubmission_file_/x.ipynb": NOTEBOOK,
            "Bo_2_assignsubmission_onlinetext_/onlinetext.html": b"x",
        },
    )
    brought = bring_in(path, course)
    assert handed_in(course) == {f"bo/{UNIT}/{UNIT}.ipynb"}
    assert len(brought.refused) == 2
    for _, reason in brought.refused:
        assert "Anna Anna_1 and Anna Anna_9 are namesakes" in reason
        assert "submitted/<id>/<unit>/" in reason


def test_assignments_of_moodle_side_by_side_have_numbers_of_their_own(course, tmp_path):
    third = (RELEASED.parents[1] / "03-add-mul-nodes" / "03-add-mul-nodes.ipynb").read_bytes()
    files = {
        "Unit 3/Jane Doe_1_assignsubmission_file_/x.ipynb": third,
        "Unit 4/Jane Doe_7_assignsubmission_file_/x.ipynb": NOTEBOOK,
    }
    assert bring_in(make_zip(tmp_path, files), course).placed == 2


# ---------------------------------------------------------------- what counts, and what is none


@pytest.mark.parametrize("pack", [make_zip, make_folder])
@pytest.mark.parametrize(
    "names",  # what counts comes last
    [
        [f"sam/{UNIT} (1).ipynb", f"sam/{UNIT}.ipynb"],
        [f"sam/{UNIT}.ipynb.txt", f"sam/{UNIT}.ipynb"],
        [f"sam/a/{UNIT} (1).ipynb", f"sam/a/{UNIT}.ipynb"],
        [f"sam_12400_1_{UNIT}.ipynb", f"sam_12400_2_{UNIT}.ipynb"],
        [f"sam_12400_9_{UNIT}.ipynb", f"sam_12400_10_{UNIT}-1.ipynb"],
        [
            f"S_1_assignsubmission_file_/{UNIT} (1).ipynb",
            f"S_1_assignsubmission_file_/{UNIT}.ipynb",
        ],
    ],
)
def test_of_two_notebooks_the_one_as_handed_out_or_the_latest_counts(course, tmp_path, pack, names):
    path = pack(tmp_path, {names[0]: OTHER, names[1]: NOTEBOOK})
    for _ in range(2):
        brought = bring_in(path, course, replace=True)
        ((name, reason),) = brought.refused
        assert name == names[0]
        assert f"set aside: {names[1]} " in reason
        (placed,) = (course / "submitted").rglob("*.ipynb")
        assert placed.read_bytes() == NOTEBOOK


def test_a_copy_is_no_second_notebook_and_a_broken_one_does_not_count_first(course, tmp_path):
    copies = {f"sam/{UNIT} (1).ipynb": NOTEBOOK, f"sam/{UNIT}.ipynb": NOTEBOOK}
    brought = bring_in(make_zip(tmp_path, copies), course)
    assert (brought.placed, brought.same, brought.refused) == (1, 0, [])
    broken = {f"bo/{UNIT} (1).ipynb": NOTEBOOK, f"bo/{UNIT}.ipynb": b"{"}
    brought = bring_in(make_zip(tmp_path, broken), course)
    assert [name for name, _ in brought.refused] == [f"bo/{UNIT}.ipynb"]
    assert (course / "submitted" / "bo" / UNIT / f"{UNIT}.ipynb").read_bytes() == NOTEBOOK


@pytest.mark.parametrize(
    "name",
    [
        f"Jane_1_assignsubmission_file_/{UNIT}.ipynb.txt",
        "jane_12345_67890_x.ipynb.json",
        "jane/x.IPYNB.txt",
    ],
)
def test_a_notebook_is_one_under_the_names_that_browsers_give(course, tmp_path, name):
    assert bring_in(make_zip(tmp_path, {name: NOTEBOOK}), course).placed == 1
    assert handed_in(course) == {f"jane/{UNIT}/{UNIT}.ipynb"}


@pytest.mark.parametrize("pack", [make_zip, make_folder])
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("bo/x.ipynb", "ann/x.pdf"),
        ("all/bo/x.ipynb", "all/ann/x.pdf"),
        (f"submitted/bo/{UNIT}/{UNIT}.ipynb", f"submitted/ann/{UNIT}/x.pdf"),
        ("bo_12345_6789_x.ipynb", "ann_12346_6790_x.pdf"),
        ("all/bo_12345_6789_x.ipynb", "all/ann_12346_6790_x.pdf"),
        ("Bo_1_assignsubmission_file_/x.ipynb", "Ann_2_assignsubmission_file_/x.pdf"),
        ("U/Bo_1_assignsubmission_file_/x.ipynb", "U/Ann_2_assignsubmission_file_/x.pdf"),
    ],
)
def test_who_handed_in_no_notebook_is_named(course, tmp_path, pack, good, bad):
    beside = {good.replace("x.ipynb", "x.csv"): b"x"} if "x.ipynb" in good else {}
    brought = bring_in(pack(tmp_path, {good: NOTEBOOK, bad: b"x"} | beside), course)
    assert brought.refused == [(bad, "handed in x.pdf, no notebook")]
    assert brought.placed == 1


def test_data_beside_a_notebook_is_no_student(course, tmp_path):
    files = {
        "all/jane/x.ipynb": NOTEBOOK,
        "all/jane/data/a.csv": b"x",
        "all/jane/data/more/b.csv": b"x",
        "all/tom/x.ipynb": NOTEBOOK,
        "all/readme.txt": b"x",
        "grades.csv": b"x",
    }
    brought = bring_in(make_zip(tmp_path, files), course)
    assert (brought.placed, brought.refused) == (2, [])


@pytest.mark.parametrize("pack", [make_zip, make_folder])
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "it is empty"),
        ({"jane/x.pdf": b"x", "tom/x.docx": b"x"}, "only .docx, .pdf"),
        ({"Jane_1_assignsubmission_file_/all.zip": b"x"}, "unpack"),
    ],
)
def test_a_download_without_a_notebook_is_wrong_use(course, tmp_path, pack, files, words):
    with pytest.raises(DownloadError, match=f"holds no notebook.*{words}"):
        bring_in(pack(tmp_path, files), course)
    assert not (course / "submitted").exists()


# ---------------------------------------------------------------- on the command line


def test_a_unit_that_there_is_not_is_told_before_anything_comes_in(course, tmp_path):
    path = make_zip(tmp_path, {f"jane/{UNIT}.ipynb": NOTEBOOK})
    done = grader(course, "grade", "99", "--from", str(path))
    assert done.returncode == 2
    assert "no unit '99'" in done.stderr
    assert not (course / "submitted").exists()


def test_what_stays_out_has_a_heading_and_newcomers_are_named(tmp_path, monkeypatch, capfd):
    path = make_zip(tmp_path, {f"jane/{UNIT}.ipynb": NOTEBOOK, "tom/x.pdf": b"x"})
    monkeypatch.setattr("grader.batch.grade_class", lambda *_, **__: Summary())
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    code = run_batch(tmp_path, [], [], downloads=path, replace=False, form="table")
    told = capfd.readouterr().err
    assert code == 1
    assert "new students: jane\n" in told
    assert "Left out of the download:\n  tom/x.pdf: handed in x.pdf, no notebook\n" in told


def test_a_download_brings_no_time_of_handing_in(course, tmp_path):
    files = {f"jane/{UNIT}/{UNIT}.ipynb": NOTEBOOK, f"jane/{UNIT}/timestamp.txt": b"2026-09-07"}
    bring_in(make_zip(tmp_path, files), course)
    assert [p.name for p in (course / "submitted" / "jane" / UNIT).iterdir()] == [f"{UNIT}.ipynb"]
