"""Renders deploy/helm: with Go's templates, and, where Helm is installed, with Helm, which must give the same."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import jsonschema
import kustomize
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = "deploy/helm/genai-chats"
ENVIRONMENT = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": ""}


class ChartError(Exception):
    """The chart rejected its values."""


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | ENVIRONMENT)
    if done.returncode != 0:
        raise ChartError(done.stderr.strip())
    return done.stdout


def build(directory):
    """Builds the renderer, which renders many values then."""
    program = pathlib.Path(directory) / "helm-render"
    run(["go", "build", "-o", str(program), str(pathlib.Path(__file__).resolve().parent / "helm" / "main.go")])
    return program


def schema():
    return json.loads((ROOT / CHART / "values.schema.json").read_text(encoding="utf-8"))


def defaults():
    return yaml.load((ROOT / CHART / "values.yaml").read_text(encoding="utf-8"), Loader=UniqueKeys)


def merge(base, values):
    """Returns the chart's values with a user's. As in Helm, null removes a value."""
    merged = base | {key: merge(base.get(key) or {}, value) if isinstance(value, dict) else value for key, value in values.items()}
    return {key: value for key, value in merged.items() if value is not None or key not in values}


def render(program, values):
    """Returns the objects of the chart with values."""
    for error in jsonschema.Draft7Validator(schema()).iter_errors(merge(defaults(), values)):
        raise ChartError(f"{'.'.join(map(str, error.absolute_path))}: {error.message}")
    text = run([str(program), str(ROOT / CHART), json.dumps(values)])
    # Helm makes JSON of each file, so keys that occur twice are errors there.
    objects = [document for document in yaml.load_all(text, Loader=UniqueKeys) if document is not None]
    if shutil.which("helm"):
        same = subprocess.run(["helm", "template", "chats", str(ROOT / CHART), "-f", "-"], input=json.dumps(values), capture_output=True, text=True, check=False)
        if same.returncode != 0 or sorted(yaml.safe_load_all(same.stdout), key=name_of) != sorted(objects, key=name_of):
            raise ChartError(f"helm renders {values} differently: {same.stderr}")
    return objects


def name_of(item):
    return item["kind"], item["metadata"]["name"]


class UniqueKeys(kustomize.LOADER):
    """A loader that rejects duplicate keys."""


def _mapping(loader, node, deep=False):
    keys = [loader.construct_object(key, deep=deep) for key, _ in node.value]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise ChartError(f"duplicate keys {sorted(twice)}: {re.sub(' +', ' ', str(node.start_mark))}")
    return yaml.SafeLoader.construct_mapping(loader, node, deep)


UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
