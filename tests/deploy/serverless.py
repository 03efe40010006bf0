"""deploy/serverless-devs/s.yaml: against an excerpt of the component's own schema."""

import json
import re
from pathlib import Path

import yaml
from jsonschema import Draft7Validator

TYPES = json.loads((Path(__file__).parent / "fc3-types.json").read_text())


def check(folder):
    content = yaml.safe_load((folder / "deploy/serverless-devs/s.yaml").read_text())
    if str(content.get("edition")) != "3.0.0":
        yield "edition: is not 3.0.0"
    for name, resource in content["resources"].items():
        if resource.get("component") != "fc3":
            yield f"{name}: is not of the component fc3"
        props, unknown = resolved(resource["props"], content["vars"])
        yield from (f"{name}: there is no {variable} among vars" for variable in unknown)
        yield from errors(props, TYPES["props"], name)
        for trigger in props.get("triggers", []):
            at = f"{name}.triggers.{trigger['triggerName']}"
            yield from errors(trigger["triggerConfig"], TYPES["triggers"].get(trigger["triggerType"], False), at)
            pattern = trigger["triggerConfig"].get("eventRuleFilterPattern", "{}")
            if not isinstance(json.loads(pattern), dict):
                yield f"{at}: the pattern is no JSON object"
        role = props["environmentVariables"].get("SEAL_ROLE")
        if role != name:
            yield f"{name}: SEAL_ROLE is {role}"


def errors(value, schema, at):
    for error in Draft7Validator(schema).iter_errors(value):
        yield f"{'.'.join([at, *map(str, error.absolute_path)])}: {error.message}"


def resolved(value, variables):
    """The value with `${vars.…}` and `${env('…')}` put in, and the variables that there are not."""
    unknown = []

    def put_in(text):
        def one(match):
            name = match[1]
            if name.startswith("env("):
                return "of the environment"
            name = name.removeprefix("vars.")
            if name not in variables:
                unknown.append(name)
            return str(variables.get(name))

        return re.sub(r"\$\{([^}]*)\}", one, text)

    def walk(node):
        if isinstance(node, dict):
            return {key: walk(one) for key, one in node.items()}
        if isinstance(node, list):
            return [walk(one) for one in node]
        return put_in(node) if isinstance(node, str) else node

    return walk(value), unknown
