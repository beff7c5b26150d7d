"""What the checks share: the server under test, the sandbox, and a customer who consents."""

import json
import os
import subprocess
import time
import urllib.request

BASE = os.environ["BASE"]
KEY = os.environ["KEY"]
SANDBOX = os.environ["SANDBOX"]


def control(method, path, body=None):
    """Call the sandbox's control API."""
    request = urllib.request.Request(
        f"{SANDBOX}/_sandbox/{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def organisation(invoices=240, platform="xero"):
    """Make an organisation with books; its id."""
    wanted = {"platform": platform, "seed": 3, "months": 14, "invoices": invoices, "limits": "off", "latency_ms": 0}
    return control("POST", "organisations", wanted)["id"]


def approve(link, organisation):
    """Consent as the customer."""
    command = [os.environ["LEDGERLINE"], "sandbox", "approve", link, "--organisation", organisation]
    subprocess.run(command, check=True)


def api(method, path, body=None):
    """Call the server without an SDK."""
    request = urllib.request.Request(
        BASE + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"authorization": f"Bearer {KEY}", "content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def until(what, seconds=120):
    """Wait for `what()` to give something; give it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.2)
    raise SystemExit(f"waited {seconds} s in vain for {what.__name__}")
