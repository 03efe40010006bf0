"""Checks what is in deploy/, and the Dockerfile, without a cloud; then damages copies, and each has to be refused.

python check.py              what is wrong, one sentence a line
python check.py --self-test  the damages
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import docker
import kubernetes
import org
import serverless
import terraform
from damages import DAMAGES

ROOT = Path(__file__).parents[2]
CHECKS = {module.__name__: module.check for module in [terraform, serverless, org, kubernetes, docker]}


def sentences(name, folder):
    """What a check says of a folder. A file that cannot be parsed is said too."""
    said = []
    try:
        said.extend(CHECKS[name](folder))
    except Exception as error:  # noqa: BLE001: parsers raise what they like
        said.append(f"{type(error).__name__}: {error}")
    return said


def check():
    wrong = 0
    for name in CHECKS:
        said = sentences(name, ROOT)
        wrong += len(said)
        for sentence in said:
            print(f"{name}: {sentence}")
        if not said:
            print(f"{name}: ok")
    return wrong


def self_test():
    wrong = 0
    for name, file, old, new, expected in DAMAGES:
        with tempfile.TemporaryDirectory() as copy:
            copy = Path(copy)
            shutil.copytree(ROOT / "deploy", copy / "deploy")
            shutil.copy(ROOT / "Dockerfile", copy)
            text = (copy / file).read_text()
            if old not in text:
                said = "there is nothing to damage"
            else:
                (copy / file).write_text(text.replace(old, new))
                said = " ".join("; ".join(sentences(name, copy)).split())
        if expected not in said:
            wrong += 1
            print(f"{name}: {file} with {new!r} for {old!r} is not refused as it should be: {said or 'accepted'}")
    print(f"{len(DAMAGES) - wrong} of {len(DAMAGES)} damages refused")
    return wrong


sys.exit(1 if (self_test() if sys.argv[1:] == ["--self-test"] else check()) else 0)
