"""The Dockerfile: linted, and whether it copies what is there."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def check(folder):
    dockerfile = folder / "Dockerfile"
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "--no-color", dockerfile], capture_output=True, text=True, check=False)
    yield from (line.removeprefix(str(folder)) for line in done.stdout.splitlines())
    if done.returncode != 0 and not done.stdout:
        yield done.stderr.strip()
    for line in dockerfile.read_text().splitlines():
        words = line.split()
        if words[:1] == ["FROM"] and "@sha256:" not in line:
            yield f"{line}: is not pinned by a digest"
        if words[:1] == ["COPY"] and "--from" not in line:
            yield from (f"COPY {source}: there is none" for source in words[1:-1] if not (ROOT / source).exists())
