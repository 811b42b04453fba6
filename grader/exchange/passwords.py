"""One password for each user of a try-out, without accounts on the system.

None of the Hub's own authenticators does this: PAM wants accounts, the others have one
password for all.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path

from jupyterhub.auth import Authenticator
from tornado.ioloop import IOLoop
from traitlets import Unicode

# No letter that is taken for another; 12 of 31 are 59 bits.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
LENGTH = 12
# 4 MiB and about 10 ms a try: the passwords are random, nobody chose them
COST = {"n": 2**12, "r": 8, "p": 1}


def new_password() -> str:
    """Return a random password in groups of four letters, to be read out and typed."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return "-".join(letters[i : i + 4] for i in range(0, LENGTH, 4))


def hashed(password: str) -> str:
    """Return salt and hash of a password, as they are stored."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{hashlib.scrypt(password.encode(), salt=salt, **COST).hex()}"


def matches(password: str, stored: str) -> bool:
    """Return whether ``stored`` is a hash of ``password``."""
    salt, _, digest = stored.partition(":")
    found = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **COST)
    return secrets.compare_digest(found, bytes.fromhex(digest))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, at no moment anybody else, and whole or not."""
    draft = path.with_name(path.name + ".tmp")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


class PasswordFileAuthenticator(Authenticator):
    """Lets in whoever knows the password that a file has for their name."""

    password_file = Unicode(config=True, help="A JSON object: name, salt and hash.")

    async def authenticate(self, handler, data: dict[str, str]) -> str | None:
        """Return the user's name if the password is theirs, else None."""
        name, password = data["username"], data["password"]
        known = json.loads(Path(self.password_file).read_text("utf-8"))
        # An unknown name takes as long as a wrong password: nobody learns who is there.
        stored = known.get(name) or hashed("")
        right = await IOLoop.current().run_in_executor(None, matches, password, stored)
        return name if right and name in known else None
