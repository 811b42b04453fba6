"""Bring submissions that were downloaded from a learning platform into ``submitted/``.

A zip or a folder, in one of three forms, each found by its names:

====== ============================================================= ======================
Canvas ``doejane_12345_67890_04-activations.ipynb``                  name, id, attempt, file
       (``_LATE_`` before the id)
Moodle ``Jane Doe_12345_assignsubmission_file_/04-activations.ipynb`` name, number, file
plain  ``jane/04-activations.ipynb`` or nbgrader's own                student, unit, file
       ``jane/04-activations/04-activations.ipynb``
====== ============================================================= ======================

What unit a notebook belongs to is told by its content, because platforms and students
rename files. Canvas' form counts only where no folder can be the student's. No name from a
download becomes a path: a student's id is rebuilt from letters and digits, the rest is ours.
"""

from __future__ import annotations

import collections
import contextlib
import errno
import json
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from . import submission
from .batch import Folders, WrongUse, write_whole
from .submission import MAX_FILE_MB
from .units import unit_names

FILES = 50_000  # in one download: a class of 2,000 with six units has 12,000
TOTAL_MB = 8192  # of all notebooks in a download, unpacked
# No notebook packs better than this; a bomb packs 1000 to 1. Small files may: zeros of an array.
RATIO, RATIO_FROM_MB = 200, 16
CHUNK = 1 << 20
NOTEBOOK = re.compile(r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE)  # as browsers save them
ARCHIVES = (".zip", ".gz", ".tar", ".7z", ".rar")
NUMBERS = ".platform-ids.json"  # in submitted/: whose id is which number of the platform


class DownloadError(WrongUse):
    """Raised for a download that cannot be used at all; says why."""


@dataclass
class Brought:
    """What came of a download.

    Attributes
    ----------
    placed, same : int
        Notebooks that are new in submitted/, and those that were there already.
    replaced : int
        Notebooks that took the place of another one of the same student.
    refused : list of (name, reason)
        Files that were left out.
    newcomers : list of str
        Students who had nothing in submitted/ before: the place to see a name that is none.
    """

    placed: int = 0
    same: int = 0
    replaced: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    newcomers: list[str] = field(default_factory=list)

    def words(self) -> str:
        """Return it as one line."""
        parts = [f"{self.placed} new"]
        parts += [f"{self.same} there already"] if self.same else []
        parts += [f"{self.replaced} replaced"] if self.replaced else []
        parts += [f"{len(self.refused)} refused"] if self.refused else []
        return ", ".join(parts)


class _Refused(ValueError):
    """Raised for one file of a download that is left out; says why."""


# ---------------------------------------------------------------- who handed it in


def student_id(words: str) -> str:
    """Return a student's id from a name as a platform writes it.

    >>> student_id("Jane  O'Doe "), student_id("王小明"), student_id("../../etc")
    ('jane-o-doe', '王小明', 'etc')
    """
    text = unicodedata.normalize("NFKC", words).casefold()
    return "-".join(re.findall(r"[^\W_]+(?:[._@][^\W_]+)*", text))[:64]


@dataclass(frozen=True)
class _Sender:
    """Who sent a file: a readable name, and the person's number where the platform tells it."""

    name: str
    number: str | None = None


_CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?:LATE_)?(?P<number>\d+)_(?P<attempt>\d+)_(?P<file>.+)", re.IGNORECASE
)
_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_.*")
DIGITS = 4  # that a number of Canvas has at least, where a folder might be the student's


def senders(paths: Collection[PurePosixPath]) -> dict[PurePosixPath, list[_Sender]]:
    """Return who may have sent each file of a download, by their paths within it.

    Most have one sender. The files in folders have several, one for each way to read the
    folders, where a name such as ``hw3`` stands below different parents; of a file with none
    the path tells no one.
    """
    found: dict[PurePosixPath, list[_Sender]] = {}
    plain = []
    in_canvas = _canvas_folders(paths)
    for path in paths:
        moodle, canvas = _moodle_part(path), _CANVAS.fullmatch(path.name)
        if moodle:  # its number is another one in each assignment
            found[path] = [_Sender(student_id(moodle[1]["name"]))]
        elif canvas and (not _folders_of(path) or path.parent in in_canvas):
            found[path] = [_Sender(student_id(canvas["name"]), canvas["number"])]
        else:
            plain.append(path)
    for path, names in _by_folder(plain).items():
        one_name = names[:1] if len(set(names)) == 1 else names
        found[path] = [_Sender(name) for name in one_name]
    return {path: [one for one in who if one.name] for path, who in found.items()}


def _folders_of(path: PurePosixPath) -> tuple[str, ...]:
    """Return the folders above a file that may be a student's."""
    return tuple(p for p in path.parts[:-1] if p not in unit_names())


def _shared(folders: Iterable[tuple[str, ...]]) -> int:
    """Return how many folders, from the outermost, are the same above all files."""
    count = 0
    for level in zip(*folders, strict=False):
        if len(set(level)) > 1:
            break
        count += 1
    return count


def _moodle_part(path: PurePosixPath) -> tuple[PurePosixPath, re.Match] | None:
    """Return the part of a path by which Moodle names its sender, and the folder it is in."""
    for at, part in enumerate(path.parts):
        if found := _MOODLE.fullmatch(part):
            return PurePosixPath(*path.parts[:at]), found
    return None


def _canvas_folders(paths: Iterable[PurePosixPath]) -> set[PurePosixPath]:
    """Return the folders that are an unpacked download of Canvas, not a student's.

    Canvas puts all files side by side. A student's own ``hw_3_2024_final.ipynb`` looks like
    one of them, so a folder is theirs unless it is the only one or names several people.
    """
    names: dict[PurePosixPath, set[str]] = {}
    homes = set()
    for path in paths:
        homes.add(_folders_of(path))
        found = _CANVAS.fullmatch(path.name)
        if found and min(len(found["number"]), len(found["attempt"])) >= DIGITS:
            names.setdefault(path.parent, set()).add(found["name"])
    return {home for home, people in names.items() if len(people) > 1 or len(homes) == 1}


def _by_folder(paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, list[str]]:
    """Return the names that files in folders may have come under.

    The nearest folder is the student's, unless folders of one name lie below different
    parents: ``ghi/hw3`` and ``jkl/hw3``, or ``hw3/jane`` and ``hw4/jane``. Then each depth
    below the folders that all share is a way to read them, the outermost first.
    """
    homes = {path: _folders_of(path) for path in paths}
    nearest: dict[str, set[tuple[str, ...]]] = {}
    for home in homes.values():
        nearest.setdefault(home[-1] if home else "", set()).add(home)
    if all(len(same) == 1 for same in nearest.values()):
        return {path: [_named(home[-1])] if home else [] for path, home in homes.items()}
    above = _shared(home[:-1] for home in homes.values() if home)
    deepest = max(len(home) for home in homes.values())
    return {
        path: [_named(home[min(at, len(home) - 1)]) for at in range(above, deepest)] if home else []
        for path, home in homes.items()
    }


def _named(folder: str) -> str:
    return folder if _is_plain(folder) else student_id(folder)


def _namesakes(paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, str]:
    """Return why files are refused whose senders Moodle tells apart by the number alone.

    The number is a participant's in one assignment, so only what lies side by side compares.
    """
    people: dict[tuple, dict[str, list[PurePosixPath]]] = {}
    for path in paths:
        if found := _moodle_part(path):
            home, part = found
            one = people.setdefault((home, student_id(part["name"])), {})
            one.setdefault(part["number"], []).append(path)
    refused = {}
    for numbers in people.values():
        if len(numbers) > 1:
            both = " and ".join(f"{_moodle_part(p[0])[1]['name']}_{n}" for n, p in numbers.items())
            reason = (
                f"{both} are namesakes, two people: put the notebook of one into "
                "submitted/<id>/<unit>/ by hand, and take it out of the download"
            )
            refused |= {path: reason for same in numbers.values() for path in same}
    return refused


def _is_plain(name: str) -> bool:
    """Return whether a folder's name can stand as it is: as nbgrader itself would have it."""
    return re.fullmatch(r"[^\W_][\w.@-]{0,63}", name) is not None


def _names(senders: set[_Sender], known: dict[str, str]) -> dict[_Sender, str]:
    """Return an id for each sender: the name, with the number where two share a name.

    Parameters
    ----------
    senders : set of _Sender
    known : dict of str to str
        The ids that numbers of the platform got in earlier downloads; the new ones are added.
    """
    shared: dict[str, int] = {}
    for one in senders:
        shared[one.name] = shared.get(one.name, 0) + 1
    taken = set(known.values())
    names = {}
    for one in sorted(senders, key=lambda s: (s.name, s.number or "")):
        if one.number is None:
            names[one] = one.name
            continue
        if one.number not in known:
            alone = shared[one.name] == 1 and one.name not in taken
            known[one.number] = one.name if alone else f"{one.name}-{one.number}"
            taken.add(known[one.number])
        names[one] = known[one.number]
    return names


def _known_numbers(path: Path) -> dict[str, str]:
    try:
        stored = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise DownloadError(f"{path} is damaged: mend or remove it") from None
    return {str(k): student_id(str(v)) for k, v in stored.items()}


# ---------------------------------------------------------------- what lies in a download


@dataclass(frozen=True)
class _File:
    """One notebook of a download, not opened yet."""

    path: PurePosixPath
    archive: zipfile.ZipFile | None
    member: object

    def read(self, most: int) -> bytes:
        """Return its content, of at most ``most`` bytes.

        Raises
        ------
        _Refused
            If it is larger, packed like a bomb, encrypted or damaged.
        """
        try:
            with self._open() as file:
                return _bounded(file, most, getattr(self.member, "compress_size", None))
        except (OSError, RuntimeError, NotImplementedError, EOFError) as error:
            if getattr(error, "errno", None) == errno.ELOOP:  # became one since the look
                raise _Refused("is a link") from None
            raise _Refused(f"cannot be read: {error}") from None
        except (zipfile.BadZipFile, zlib.error, ValueError) as error:
            if isinstance(error, _Refused):
                raise
            raise _Refused(f"is damaged: {error}") from None

    def _open(self) -> BinaryIO:
        if self.archive is not None:
            return self.archive.open(self.member)
        descriptor = os.open(self.member, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise _Refused("is no file")
        return os.fdopen(descriptor, "rb")


def _bounded(file: BinaryIO, most: int, packed: int | None) -> bytes:
    """Return what can be read; a size that a zip announces is not believed."""
    parts, size = [], 0
    while part := file.read(CHUNK):
        parts.append(part)
        size += len(part)
        if size > most:
            raise _Refused(f"has more than {most >> 20} MB")
        if packed is not None and size > RATIO_FROM_MB << 20 and size > RATIO * max(packed, 1):
            raise _Refused(f"unpacks to more than {RATIO} times its size, as no notebook does")
    return b"".join(parts)


@dataclass
class _Download:
    """What lies in a download: its notebooks, and the paths of all else that is handed in."""

    notebooks: list[_File] = field(default_factory=list)
    others: list[PurePosixPath] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def add(self, path: PurePosixPath, archive: zipfile.ZipFile | None, member: object) -> None:
        if NOTEBOOK.search(path.name):
            self.notebooks.append(_File(path, archive, member))
        else:
            self.others.append(path)


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[_Download]:
    """Look through a download, and keep it open."""
    if source.is_dir():
        yield _in_folder(source)
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            yield _in_zip(archive)
    elif source.exists():
        raise DownloadError(
            f"{source} is neither a zip nor a folder, or an incomplete one: download it again"
        )
    else:
        raise DownloadError(f"{source} does not exist")


def _in_folder(source: Path) -> _Download:
    found = _Download()
    for home, folders, names in os.walk(source):  # follows no link
        folders[:] = sorted(f for f in folders if not _is_noise(f))
        for name in sorted(folders + names):
            path = Path(home, name)
            within = PurePosixPath(path.relative_to(source).as_posix())
            if path.is_symlink():
                found.refused.append((str(within), "is a link"))
            elif name in names and not _is_noise(name):
                found.add(within, None, path)
        if len(found.notebooks) + len(found.others) > FILES:
            raise DownloadError(f"{source} holds more than {FILES} files")
    return found


def _in_zip(archive: zipfile.ZipFile) -> _Download:
    found = _Download()
    members = archive.infolist()
    if len(members) > FILES:
        raise DownloadError(f"{archive.filename} holds {len(members)} files, more than {FILES}")
    for member in sorted(members, key=lambda m: m.filename):
        path = PurePosixPath(member.filename.replace("\\", "/"))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if member.is_dir() or any(_is_noise(p) for p in path.parts):
            continue
        if kind not in (0, stat.S_IFREG):
            reason = "is a link" if kind == stat.S_IFLNK else "is no file"
            found.refused.append((member.filename, reason))
        elif path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", member.filename):
            found.refused.append((member.filename, "its path leads out of the download"))
        else:
            found.add(path, archive, member)
    return found


def _is_noise(name: str) -> bool:
    return name == "__MACOSX" or (name.startswith(".") and name != "..")


# ---------------------------------------------------------------- into submitted/


def bring_in(source: Path, root: Path, *, replace: bool = False) -> Brought:
    """Copy the notebooks of a download into ``submitted/``.

    Each file is put in its place whole or not at all. One that differs from what the
    student has there already is refused unless ``replace`` is true; the time stamp of
    the one that it replaces goes too.

    Parameters
    ----------
    source : Path
        A zip or a folder.
    root : Path
        The course directory.
    replace : bool
        Whether a newer download counts.

    Raises
    ------
    DownloadError
        If ``source`` is neither, damaged, or too large.
    """
    from .coursedir import open_course

    folders = Folders(open_course(root).coursedir)
    with _readable(source), _opened(source) as download:
        brought = Brought(refused=download.refused)
        if not (download.notebooks or brought.refused):
            raise DownloadError(f"{source} holds no notebook{_instead(download.others)}")
        here = set(folders.students())
        bringing = _Bringing(folders, replace, brought)
        found = bringing.senders(download, here)
        numbers = folders.submitted / NUMBERS
        known = _known_numbers(numbers)
        before = dict(known)
        names = _names(set(found.values()), known)
        if known != before:  # first: two people of one name must never be mixed up
            write_whole(numbers, json.dumps(known, indent=1, ensure_ascii=False).encode())
        files = [file for file in download.notebooks if file.path in found]
        files.sort(key=lambda file: _preference(file.path, found[file.path]))
        bringing.place(files, {path: names[one] for path, one in found.items()})
        brought.newcomers = sorted(bringing.students - here)
    return brought


def _instead(others: list[PurePosixPath]) -> str:
    """Return what there is in place of notebooks, in words that end a sentence."""
    if not others:
        return ": it is empty"
    kinds = sorted({path.suffix.lower() or path.name for path in others})
    archives = any(path.suffix.lower() in ARCHIVES for path in others)
    unpack = "; unpack what is an archive" if archives else ""
    return f" (.ipynb), only {_listed(kinds)}{unpack}"


def _listed(names: list[str], most: int = 5) -> str:
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join(names[:most] + more)


def _preference(path: PurePosixPath, one: _Sender) -> tuple:
    """Return a key that puts first what counts, of several notebooks of one student for one unit.

    The latest attempt, where Canvas numbers them: it renames the later ones itself. Else the
    file that is named as it was handed out, since a browser renames the copies.
    """
    canvas = _CANVAS.fullmatch(path.name) if one.number else None
    name = canvas["file"] if canvas else path.name
    attempt = int(canvas["attempt"]) if canvas else 0
    stem = NOTEBOOK.sub("", name)
    renamed = stem not in unit_names()
    return -attempt, renamed, len(name), str(path)


@contextlib.contextmanager
def _readable(source: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DownloadError(f"{source} cannot be read: {error}") from None


class _Bringing:
    """One download on its way into submitted/.

    Parameters
    ----------
    folders : Folders
    replace : bool
        Whether a newer download counts.
    brought : Brought
        Hears what becomes of each file.
    """

    def __init__(self, folders: Folders, replace: bool, brought: Brought) -> None:
        self._folders = folders
        self._replace = replace
        self._brought = brought
        self._seen: dict[Path, str] = {}
        self._left = TOTAL_MB << 20
        self.students: set[str] = set()

    def _refuse(self, path: PurePosixPath, reason: object) -> None:
        self._brought.refused.append((str(path), str(reason)))

    def senders(self, download: _Download, here: set[str]) -> dict[PurePosixPath, _Sender]:
        """Return who sent each notebook; refuse those who sent none, and what tells no one."""
        paths = [file.path for file in download.notebooks]
        refused = _namesakes([*paths, *download.others])
        possible = senders(paths)
        unclear = [file for file in download.notebooks if len(possible[file.path]) > 1]
        reading = self._best_reading(unclear, possible, here) if unclear else 0
        found = {}
        for path in paths:
            if path in refused:
                self._refuse(path, refused[path])
            elif not possible[path]:
                self._refuse(path, "no student is named by its path")
            elif len(possible[path]) == 1:
                found[path] = possible[path][0]
            elif reading is None:
                names = " or ".join(dict.fromkeys(one.name for one in possible[path]))
                self._refuse(
                    path,
                    f"its folders do not tell who is the student, {names}: "
                    "name them <student>/<unit>",
                )
            else:
                found[path] = possible[path][reading]
        known = {path: [found[path]] if path in found else possible[path] for path in paths}
        for path, names in _without_notebook(known, download.others).items():
            if names[0].lower().endswith(ARCHIVES):
                self._refuse(path, "is an archive: unpack it and hand in the notebook")
            else:
                self._refuse(path, f"handed in {_listed(names)}, no notebook")
        return found

    def _best_reading(
        self, files: list[_File], possible: dict[PurePosixPath, list[_Sender]], here: set[str]
    ) -> int | None:
        """Return at what depth the students' folders are, or None if that cannot be told.

        Each student hands in one notebook for a unit: what makes the fewest of them one
        student's is right. Else whom we know already.
        """
        units = {}
        for file in files:
            with contextlib.suppress(_Refused):
                units[file.path] = _unit_of(file.read(MAX_FILE_MB << 20), file.path)[0]
        costs = []
        for depth in range(len(possible[files[0].path])):
            names = {path: possible[path][depth].name for path in units}
            different = {(name, units[path]) for path, name in names.items()}
            strangers = set(names.values()) - here
            costs.append((-len(different), len(strangers) if here else 0, names))
        least = min(cost[:2] for cost in costs)
        best = [depth for depth, cost in enumerate(costs) if cost[:2] == least]
        same = all(costs[depth][2] == costs[best[0]][2] for depth in best)
        return best[0] if same else None

    def place(self, files: list[_File], names: dict[PurePosixPath, str]) -> None:
        """Put notebooks in their places, those first that count."""
        broken = []
        for file in files:
            try:
                data = file.read(min(MAX_FILE_MB << 20, self._left))
                self._left -= len(data)
                unit, whole = _unit_of(data, file.path)
                if whole:
                    self._put(data, names[file.path], unit, file.path)
                else:
                    broken.append((file, unit))
            except _Refused as error:
                self._refuse(file.path, error)
        for file, unit in broken:  # last: a copy that can be read counts before it
            try:
                self._put(file.read(MAX_FILE_MB << 20), names[file.path], unit, file.path)
            except _Refused as error:
                self._refuse(file.path, error)

    def _put(self, data: bytes, student: str, unit: str, path: PurePosixPath) -> None:
        target = self._folders.handed_in(student, unit) / f"{unit}.ipynb"
        if any(p.is_symlink() for p in (target, target.parent, target.parent.parent)):
            raise _Refused(f"{target} is a link")
        if target in self._seen:
            if _graded_so_far(target).read_bytes() != data:
                raise _Refused(
                    f"set aside: {self._seen[target]} is the same student's "
                    "for the same unit and counts; keep one of them"
                )
            return  # a copy
        counts = _graded_so_far(target)
        if counts is not None and counts.read_bytes() == data:
            self._brought.same += 1
        elif counts is not None and not self._replace:
            raise _Refused(f"differs from {counts}, which stays; --replace takes the new one")
        else:
            write_whole(target, data)
            target.with_name("timestamp.txt").unlink(missing_ok=True)  # it told of another file
            if counts is None:
                self._brought.placed += 1
            else:
                self._brought.replaced += 1
        self._seen[target] = str(path)
        self.students.add(student)


def _graded_so_far(target: Path) -> Path | None:
    """Return the notebook that counts in a folder of submitted/, as `Folders.read` takes it."""
    found = [target] if target.exists() else list(target.parent.glob("[!.]*.ipynb"))
    if len(found) != 1:
        return None
    if found[0].is_symlink() or not found[0].is_file():
        raise _Refused(f"{found[0]} is {'a link' if found[0].is_symlink() else 'no file'}")
    return found[0]


def _without_notebook(
    notebooks: dict[PurePosixPath, list[_Sender]], others: list[PurePosixPath]
) -> dict[PurePosixPath, list[str]]:
    """Return what those handed in who handed in no notebook: a file of theirs, all its names.

    Archives stand for themselves, each alone: a notebook may be in one.
    """
    everything = [*notebooks, *others]
    possible, in_canvas = senders(everything), _canvas_folders(everything)
    depth = _depth_of_students(notebooks)

    def sender(path: PurePosixPath) -> _Sender | None:
        home = _folders_of(path)
        if _moodle_part(path) or not home:
            return possible[path][0] if possible[path] else None
        if path.parent in in_canvas:
            return possible[path][0] if _CANVAS.fullmatch(path.name) else None
        # A student's folder may have folders of data; what lies above it is nobody's.
        return _Sender(_named(home[depth - 1])) if len(home) >= depth else None

    have = {one for who in notebooks.values() for one in who} | {None}
    archives = {path: [path.name] for path in others if path.suffix.lower() in ARCHIVES}
    have |= {sender(path) for path in archives}
    found: dict[_Sender, dict[PurePosixPath, str]] = {}
    for path in others:
        who = sender(path)
        if who not in have:
            match = _CANVAS.fullmatch(path.name) if who.number else None
            found.setdefault(who, {})[path] = match["file"] if match else path.name
    return archives | {next(iter(mine)): list(mine.values()) for mine in found.values()}


def _depth_of_students(notebooks: dict[PurePosixPath, list[_Sender]]) -> int:
    """Return at what depth students' folders are: where most notebooks have theirs."""
    depths = collections.Counter()
    for path, who in notebooks.items():
        home = [_named(folder) for folder in _folders_of(path)]
        depths.update(home.index(one.name) + 1 for one in who if one.name in home)
    return depths.most_common(1)[0][0] if depths else 1


def _unit_of(data: bytes, path: PurePosixPath) -> tuple[str, bool]:
    """Return the unit that a notebook is a copy of; of a broken one, what its name says.

    And whether it is whole.
    """
    try:
        return submission.identify(submission.from_bytes(data, path.name), path.name).name, True
    except submission.SubmissionError as error:
        for part in reversed(path.parts):
            for unit in unit_names():
                if unit in part.lower():
                    return unit, False
        raise _Refused(f"belongs to no unit: {error}") from None
