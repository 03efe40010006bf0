"""deploy/terraform: parsed by an HCL parser, then held to a table of what the resource types take."""

import json
import re
from pathlib import Path

import hcl2
from hcl2.utils import SerializationOptions

TYPES = json.loads((Path(__file__).parent / "terraform-types.json").read_text())
META = {"for_each", "count", "depends_on", "provider", "lifecycle"}
WITHOUT_COMMENTS = SerializationOptions(with_comments=False)


def check(folder):
    module = Module(folder / "deploy/terraform")
    for kind in ["resource", "data"]:
        for (type_name, name), body in module.blocks[kind].items():
            takes = TYPES[kind].get(type_name, {}).get("takes")
            if takes is None:
                yield f"{type_name}.{name}: no such {kind} in the table"
                continue
            without = {key: value for key, value in body.items() if key not in META}
            yield from block(without, takes, f"{type_name}.{name}")
    yield from module.references()
    for name, body in module.variables.items():
        for key in ["description", "type"]:
            if key not in body:
                yield f"variable {name}: has no {key}"
        if f"var.{name}" not in module.used:
            yield f"variable {name}: is used nowhere"


def block(body, takes, at):
    """What is wrong with one block, by what it takes."""
    rules = {name.rstrip("*"): rule for name, rule in takes.items()}
    for name in takes:
        if name.endswith("*") and name[:-1] not in body:
            yield f"{at}: {name[:-1]} is missing"
    for name, value in body.items():
        if name == "__is_block__":
            continue
        if name not in rules:
            yield f"{at}.{name}: is not known there"
        else:
            yield from argument(value, rules[name], f"{at}.{name}")


def argument(value, rule, at):
    nested = rule.get("block") if isinstance(rule, dict) else None
    is_block = isinstance(value, list) and any(isinstance(one, dict) and "__is_block__" in one for one in value)
    if (nested is not None) != is_block:
        yield f"{at}: is {'a value' if nested else 'a block'} where {'a block' if nested else 'a value'} belongs"
    elif nested is not None:
        for one in value:
            yield from block(one, nested, at)
    elif is_expression(value):
        return
    elif isinstance(rule, list) and literal(value) not in rule:
        yield f"{at}: {literal(value)} is none of {rule}"
    elif isinstance(rule, dict) and not (isinstance(value, (int, float)) and rule["min"] <= value <= rule["max"]):
        yield f"{at}: {value} is not between {rule['min']} and {rule['max']}"
    elif rule == "flag" and not isinstance(value, bool):
        yield f"{at}: {value} is neither true nor false"
    elif rule == "text" and not isinstance(value, str):
        yield f"{at}: {value} is no text"


def is_expression(value):
    return isinstance(value, str) and ("${" in value or not value.startswith('"'))


def literal(value):
    return value.strip('"') if isinstance(value, str) else value


class Module:
    """Every file of a module, and what its expressions name."""

    def __init__(self, folder):
        self.blocks = {"resource": {}, "data": {}}
        self.variables, self.locals, self.expressions = {}, set(), []
        for path in sorted(folder.glob("*.tf")):
            with open(path) as file:
                content = hcl2.load(file, serialization_options=WITHOUT_COMMENTS)
            for kind, found in self.blocks.items():
                for entry in content.get(kind, []):
                    ((type_name, named),) = entry.items()
                    ((name, body),) = named.items()
                    found[literal(type_name), literal(name)] = body
            for entry in content.get("variable", []):
                self.variables.update({literal(name): body for name, body in entry.items()})
            for entry in content.get("locals", []):
                self.locals.update(key for key in entry if key != "__is_block__")
            self.expressions += texts(content)
        words = re.findall(r"(?<![\w.\"-])[a-z]\w*\.[a-z]\w*(?:(?:\[[^\]]*\])*\.[a-z]\w*)*", "\n".join(self.expressions))
        self.used = {".".join(word.split(".")[:2]) for word in words}
        self.words = sorted(set(words))

    def references(self):
        """What an expression names that the module does not have."""
        for word in self.words:
            root, *rest = re.sub(r"\[[^\]]*\]", "", word).split(".")
            if root == "var" and rest[0] not in self.variables:
                yield f"{word}: no such variable"
            elif root == "local" and rest[0] not in self.locals:
                yield f"{word}: no such local"
            elif root == "data":
                yield from self.attribute("data", rest, word)
            elif root.startswith("alicloud_"):
                yield from self.attribute("resource", [root, *rest], word)

    def attribute(self, kind, rest, word):
        type_name, name, *attribute = rest
        if (type_name, name) not in self.blocks[kind]:
            yield f"{word}: no such {kind}"
        elif attribute and attribute[0] not in attributes(kind, type_name):
            yield f"{word}: {type_name} has no {attribute[0]}"


def attributes(kind, type_name):
    table = TYPES[kind].get(type_name, {"takes": {}, "gives": []})
    return {name.rstrip("*") for name in table["takes"]} | set(table["gives"]) | {"id"}


def texts(value):
    """Every expression of a parsed file: what stands in quotes counts where something is put into it."""
    if isinstance(value, dict):
        return [text for key, one in value.items() if key != "description" for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return re.findall(r"\$\{(.*)\}", value, re.DOTALL) if isinstance(value, str) else []
