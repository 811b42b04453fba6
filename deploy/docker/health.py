#!/usr/bin/python3 -I
"""Ends with 0 if every address given answers; without one, if this container's server does.

For HEALTHCHECK and for probes of Kubernetes. A single-user server tells its version to
everybody, so nothing secret is needed.
"""

import os
import sys
import urllib.request
from urllib.parse import urlsplit

TIMEOUT_S = 5


def own_address() -> str:
    """Return the address of the server that the Hub wanted here, or of a plain JupyterLab."""
    wanted = urlsplit(os.environ.get("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:8888"))
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")
    return f"http://127.0.0.1:{wanted.port or 8888}{prefix.rstrip('/')}/api"


def main(addresses: list[str]) -> int:
    """Ask every address; say what is wrong with the first that does not answer with 200."""
    # A proxy for the way out of a school's network does not know this container.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for address in addresses or [own_address()]:
        try:
            with opener.open(address, timeout=TIMEOUT_S) as answer:
                if answer.status != 200:
                    print(f"{address} answers with {answer.status}")
                    return 1
        except OSError as error:
            print(f"{address}: {error}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
