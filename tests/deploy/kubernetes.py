"""deploy/kubernetes: against the API's own schemas, and whether the parts name each other rightly."""

import json
import re
import tomllib
from pathlib import Path

import kubernetes_validate
import yaml

VERSION = "1.37"


def check(folder):
    folder = folder / "deploy/kubernetes"
    parts = {}
    for part in yaml.safe_load_all((folder / "rds-seal.yaml").read_text()):
        parts[part["kind"]] = part
        try:
            kubernetes_validate.validate(part, VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            at = ".".join(map(str, error.path))
            yield f"{part['kind']} {at}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError:
            yield f"{part['kind']}: {part['apiVersion']} is no version that {VERSION} has"
    pod = parts["Deployment"]["spec"]["template"]
    yield from linked(parts, pod)
    yield from hardened(pod["spec"])
    statement = json.loads((folder / "trust-policy.json").read_text())["Statement"][0]
    name, namespace = (parts["ServiceAccount"]["metadata"][key] for key in ["name", "namespace"])
    if statement["Condition"]["StringEquals"]["oidc:sub"] != [f"system:serviceaccount:{namespace}:{name}"]:
        yield "trust-policy.json: trusts another service account"


def linked(parts, pod):
    labels = pod["metadata"]["labels"]
    for kind, selector in [
        ("Deployment", parts["Deployment"]["spec"].get("selector", {}).get("matchLabels")),
        ("Service", parts["Service"]["spec"].get("selector")),
    ]:
        if selector != labels:
            yield f"{kind}: selects {selector}, the pods have {labels}"
    text = parts["ConfigMap"]["data"]["seal.toml"]
    tomllib.loads(text)
    for name in re.findall(r'env = "(\w+)"', text):
        if name not in parts["Secret"]["stringData"]:
            yield f"Secret: has no {name}, which seal.toml reads"


def hardened(spec):
    (container,) = spec["containers"]
    own = container.get("securityContext", {})
    wanted = {
        "runAsNonRoot": spec.get("securityContext", {}).get("runAsNonRoot"),
        "readOnlyRootFilesystem": own.get("readOnlyRootFilesystem"),
        "limits": container.get("resources", {}).get("limits"),
        "readinessProbe": container.get("readinessProbe"),
        "livenessProbe": container.get("livenessProbe"),
    }
    yield from (f"Deployment: {name} is missing" for name, value in wanted.items() if not value)
