"""Bring submissions that were downloaded from a learning platform into ``submitted/``.

A zip or a folder, in one of three forms, each found by its names:

====== ============================================================= ======================
Canvas ``doejane_12345_67890_04-activations.ipynb``                  name, id, attempt, file
       (``_LATE_`` before the id)
Moodle ``Jane Doe_12345_assignsubmission_file_/04-activations.ipynb`` name, attempt
plain  ``jane/04-activations.ipynb`` or nbgrader's own                student, unit, file
       ``jane/04-activations/04-activations.ipynb``
====== ============================================================= ======================

What unit a notebook belongs to is told by its content, because platforms and students
rename files. No name from a download becomes a path: a student's id is rebuilt from
letters and digits, the rest is ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
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
    """

    placed: int = 0
    same: int = 0
    replaced: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

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


_CANVAS = re.compile(r"(?P<name>[^_/]+)_(?:LATE_)?(?P<number>\d+)_\d+_.+", re.IGNORECASE)
_MOODLE = re.compile(r"(?P<name>.+)_\d+_assignsubmission_file_?.*")


def sender(path: PurePosixPath) -> _Sender:
    """Return who sent a file, by its path within the download.

    Raises
    ------
    _Refused
        If the path tells no one.
    """
    for part in path.parts:
        found = _MOODLE.fullmatch(part)
        if found:  # its number is another one in each assignment
            return _Sender(student_id(found["name"]))
    found = _CANVAS.fullmatch(path.name)
    if found:
        return _Sender(student_id(found["name"]), found["number"])
    folders = [p for p in path.parts[:-1] if p not in unit_names()]
    name = student_id(folders[-1]) if folders else ""
    if not name:
        raise _Refused("no student is named by its path")
    return _Sender(folders[-1] if _is_plain(folders[-1]) else name)


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


def _files(source: Path, brought: Brought) -> Iterator[_File]:
    if source.is_dir():
        yield from _in_folder(source, brought)
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            yield from _in_zip(archive, brought)
    else:
        kind = "is neither a zip nor a folder" if source.exists() else "does not exist"
        raise DownloadError(f"{source} {kind}")


def _in_folder(source: Path, brought: Brought) -> Iterator[_File]:
    for home, folders, names in os.walk(source):  # follows no link
        folders[:] = sorted(f for f in folders if not _is_noise(f))
        for name in sorted(folders + names):
            path = Path(home, name)
            if path.is_symlink():
                brought.refused.append((str(path.relative_to(source)), "is a link"))
            elif name in names and _is_wanted(name, str(path.relative_to(source)), brought):
                yield _File(PurePosixPath(path.relative_to(source).as_posix()), None, path)


def _in_zip(archive: zipfile.ZipFile, brought: Brought) -> Iterator[_File]:
    members = archive.infolist()
    if len(members) > FILES:
        raise DownloadError(f"{archive.filename} holds {len(members)} files, more than {FILES}")
    for member in sorted(members, key=lambda m: m.filename):
        path = PurePosixPath(member.filename.replace("\\", "/"))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if member.is_dir() or any(_is_noise(p) for p in path.parts):
            continue
        if kind not in (0, stat.S_IFREG):
            brought.refused.append((member.filename, "is a link or no file"))
        elif path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", member.filename):
            brought.refused.append((member.filename, "its path leads out of the download"))
        elif _is_wanted(path.name, member.filename, brought):
            yield _File(path, archive, member)


def _is_noise(name: str) -> bool:
    return name == "__MACOSX" or (name.startswith(".") and name != "..")


def _is_wanted(name: str, where: str, brought: Brought) -> bool:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in (".zip", ".gz", ".tar", ".7z", ".rar"):
        brought.refused.append((where, "is an archive: unpack it and hand in the notebook"))
    return suffix == ".ipynb"


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
    brought = Brought()
    senders = _senders(source, brought)
    numbers = folders.submitted / NUMBERS
    known = _known_numbers(numbers)
    before = dict(known)
    names = _names(set(senders.values()), known)
    if known != before:  # first: two people of one name must never be mixed up
        write_whole(numbers, json.dumps(known, indent=1, ensure_ascii=False).encode())
    seen: dict[Path, str] = {}
    left = TOTAL_MB << 20
    with _readable(source):
        for file in _files(source, Brought()):
            where = str(file.path)
            if where not in senders:
                continue
            try:
                data = file.read(min(MAX_FILE_MB << 20, left))
                left -= len(data)
                unit = _unit_of(data, file.path)
                folder = folders.handed_in(names[senders[where]], unit)
                _place(data, folder / f"{unit}.ipynb", where, seen, replace, brought)
            except _Refused as error:
                brought.refused.append((where, str(error)))
    return brought


def _senders(source: Path, brought: Brought) -> dict[str, _Sender]:
    """Return who sent each file; a first look at the names alone."""
    found: dict[str, _Sender] = {}
    with _readable(source):
        for number, file in enumerate(_files(source, brought)):
            if number >= FILES:
                raise DownloadError(f"{source} holds more than {FILES} notebooks")
            try:
                found[str(file.path)] = sender(file.path)
            except _Refused as error:
                brought.refused.append((str(file.path), str(error)))
    return found


@contextlib.contextmanager
def _readable(source: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DownloadError(f"{source} cannot be read: {error}") from None


def _unit_of(data: bytes, path: PurePosixPath) -> str:
    """Return the unit that a notebook is a copy of; of a broken one, what its name says."""
    try:
        return submission.identify(submission.from_bytes(data, path.name), path.name).name
    except submission.SubmissionError as error:
        for part in reversed(path.parts):
            for unit in unit_names():
                if unit in part.lower():
                    return unit
        raise _Refused(f"belongs to no unit: {error}") from None


def _place(
    data: bytes, target: Path, where: str, seen: dict[Path, str], replace: bool, brought: Brought
) -> None:
    if any(p.is_symlink() for p in (target, target.parent, target.parent.parent)):
        raise _Refused(f"{target} is a link")
    if not target.exists():
        write_whole(target, data)
        brought.placed += 1
    elif target.read_bytes() == data:
        brought.same += 1
    elif target in seen:
        raise _Refused(
            f"{seen[target]} is the same student's (or namesake's) for the same unit: keep one of them"
        )
    elif not replace:
        raise _Refused(f"differs from {target}, which stays; --replace takes the new one")
    else:
        write_whole(target, data)
        target.with_name("timestamp.txt").unlink(missing_ok=True)
        brought.replaced += 1
    seen[target] = where
