"""deploy/org: rendered by the vendor's classes of ROS types, in Node."""

import subprocess
from pathlib import Path


def check(folder):
    templates = [folder / "deploy/org" / name for name in ["stack-group.yml", "member-role.json"]]
    script = Path(__file__).with_name("org.mjs")
    done = subprocess.run(["node", script, *templates], capture_output=True, text=True, check=False)
    yield from done.stdout.splitlines()
    if done.stderr:
        yield done.stderr.strip()
