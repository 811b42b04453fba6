"""Files on this side: read without following a link, written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

LONGEST_NAME = 200  # bytes: a file system takes 255, and a suffix comes on top
PATTERN_SIGNS = "*?[]"  # a student of that name would be everybody to nbgrader


class UnfitFile(ValueError):
    """Raised for a file that cannot be sent; the message says which and the mend."""


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def safe_name(text: object) -> str:
    """Return ``text`` if it can be one part of a path and means nothing else there.

    Raises
    ------
    ValueError
        For anything that leads elsewhere, hides, or stands for more than one name.

    Examples
    --------
    >>> safe_name("05-affine-softmax"), safe_name("ann.o'hara+1@uni.edu")
    ('05-affine-softmax', "ann.o'hara+1@uni.edu")
    >>> safe_name("../ben")
    Traceback (most recent call last):
    ValueError: '../ben' cannot be the name of a folder here
    """
    good = isinstance(text, str) and text.isprintable() and text == text.strip()
    good = good and text and text[0] != "." and not set(text) & {"/", "\\", *PATTERN_SIGNS}
    if not good or len(text.encode("utf-8", "replace")) > LONGEST_NAME:
        raise ValueError(f"{str(text)[:80]!r} cannot be the name of a folder here")
    return text


def read_regular(path: Path, most_mb: float) -> bytes:
    """Return the content of a file, read once; it must be one, and no link.

    Parameters
    ----------
    path : Path
    most_mb : float
        What the service takes.

    Raises
    ------
    UnfitFile
        If it is a link, a pipe, a folder, or too big.
    OSError
        If it cannot be read.
    """
    # a pipe without a writer would be waited for at open, without O_NONBLOCK
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if path.is_symlink():
        raise UnfitFile(f"{path} is a link: put the notebook itself in its place")
    handle = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UnfitFile(f"{path} is not a file: put the notebook itself in its place")
        most = int(most_mb * 1e6)
        with open(handle, "rb", closefd=False) as file:
            data = file.read(most + 1)
        size = max(os.fstat(handle).st_size, len(data))
    finally:
        os.close(handle)
    if size > most:
        raise UnfitFile(
            f"{path.name} has {size / 1e6:.0f} MB, and the classroom takes {most_mb:g} MB: clear "
            "its outputs (in JupyterLab: Edit > Clear Outputs of All Cells), save, and try again"
        )
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all, in place of what is there."""
    _written(path, data, os.replace)


def write_new(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all; FileExistsError, and nothing done, if there is one."""
    _written(path, data, _rename_to_new)


def _written(path: Path, data: bytes, move) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write_flushed(draft, data)
        move(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _rename_to_new(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # unlike a renaming, fails if something is there
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(17, "File exists", str(path)) from None
        os.rename(draft, path)


def put_folder(
    folder: Path, files: dict[str, bytes], *, replace: bool = False, groupshared: bool = False
) -> None:
    """Put a folder of files in place at once; nobody ever sees half of it.

    Parameters
    ----------
    folder : Path
    files : dict
        Content by name.
    replace : bool
        Take away what is there; else OSError if there is anything.
    groupshared : bool
        As ``CourseDirectory.groupshared``: other instructors may write.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark = secrets.token_hex(4)
    draft, old = (folder.with_name(f".{folder.name}.{mark}.{what}") for what in ("tmp", "old"))
    try:
        draft.mkdir()
        for name, data in files.items():
            _write_flushed(draft / name, data)
        if groupshared:
            _share(draft, files)
        if replace and os.path.lexists(folder):
            os.rename(folder, old)
        try:
            os.rename(draft, folder)
        except OSError:
            if os.path.lexists(old):
                os.rename(old, folder)
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        _remove(old)


def _write_flushed(path: Path, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _share(folder: Path, names: Iterable[str]) -> None:
    """Give the group what ``CourseDirectory.groupshared`` promises it, as nbgrader does."""
    with contextlib.suppress(PermissionError):
        folder.chmod(folder.stat().st_mode & 0o777 | 0o2770)
        for name in names:
            path = folder / name
            path.chmod(path.stat().st_mode & 0o777 | 0o660)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
