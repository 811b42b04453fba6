"""Keeps the ports of the classroom for the accounts that they are for.

A port above 1024 is anybody's who listens first. While a service is being started again, a program
of a student could listen in its place, and be handed the tokens of all who hand in. What another
account answers from these ports is dropped by the kernel (nftables), so nobody gets to talk to it.
"""

from __future__ import annotations

import logging
import pwd
import subprocess

from hub_settings import Accounts, Ports

log = logging.getLogger("jupyterhub")


def table(ports: Ports) -> str:
    """Return the name of the table in nftables; each classroom of a host has its own."""
    return f"backprop_{ports.classroom}"


def rules(ports: Ports, uid: int) -> str:
    """Return the rules for ``nft -f``, in place of those from before."""
    numbers = ", ".join(str(port) for port in vars(ports).values())
    name = f"table inet {table(ports)}"
    return (
        f"add {name}\ndelete {name}\n{name} {{\n"
        "  chain output {\n"
        "    type filter hook output priority filter; policy accept;\n"
        f'    oifname "lo" tcp sport {{ {numbers} }} meta skuid != {{ 0, {uid} }} drop\n'
        "  }\n}\n"
    )


def keep(ports: Ports, accounts: Accounts) -> None:
    """Load the rules; they stay while the Hub is down. Without nftables, say so and go on."""
    try:
        uid = pwd.getpwnam(accounts.services).pw_uid
        done = subprocess.run(
            ["nft", "-f", "-"], input=rules(ports, uid), capture_output=True, text=True
        )
        reason = done.stderr.strip().splitlines()[:1] if done.returncode else []
    except (OSError, KeyError) as error:
        reason = [str(error)]
    if reason:
        log.warning(
            "the services' ports are not kept for them (%s): while the Hub starts, a program of "
            "a user could listen in their place; see docs/operator.md, Security",
            reason[0],
        )
