"""Renders a kustomization with the features that deploy/k8s uses. Others are an error."""

import copy
import json
import pathlib

import yaml

# The one in C is ten times faster.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KNOWN = {"apiVersion", "kind", "namespace", "labels", "resources", "configMapGenerator", "images", "patches"}


def load_all(path):
    """Returns the documents of a YAML file."""
    with open(path, encoding="utf-8") as file:
        # Copies, because the parser shares the objects of anchors.
        return [json.loads(json.dumps(document)) for document in yaml.load_all(file, Loader=LOADER) if document is not None]


def render(directory):
    """Returns the objects of a kustomization and its resources. The names of generated objects have no hash."""
    directory = pathlib.Path(directory)
    (own,) = load_all(directory / "kustomization.yaml")
    unknown = set(own) - KNOWN
    if unknown:
        raise ValueError(f"{directory}: {sorted(unknown)} can't be rendered")
    objects = []
    for resource in own.get("resources", []):
        path = directory / resource
        objects += render(path) if path.is_dir() else load_all(path)
    for generator in own.get("configMapGenerator", []):
        generate(objects, generator, directory)
    for patch in own.get("patches", []):
        apply_patch(objects, patch, directory)
    for image in own.get("images", []):
        set_image(objects, image)
    for pair in own.get("labels", []):
        for item in objects:
            item["metadata"].setdefault("labels", {}).update(pair["pairs"])
    for item in objects:
        if "namespace" in own:
            item["metadata"]["namespace"] = own["namespace"]
            for subject in item.get("subjects", []):
                if ("ServiceAccount", subject["name"]) in [(o["kind"], o["metadata"]["name"]) for o in objects]:
                    subject["namespace"] = own["namespace"]
    return objects


def generate(objects, generator, directory):
    data = dict(literal.split("=", 1) for literal in generator["literals"])
    behavior = generator.get("behavior", "create")
    existing = [o for o in objects if o["kind"] == "ConfigMap" and o["metadata"]["name"] == generator["name"]]
    if (behavior == "merge") != bool(existing):
        raise ValueError(f"{directory}: ConfigMap {generator['name']} cannot be made with behavior {behavior}")
    if existing:
        existing[0]["data"].update(data)
    else:
        objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data})


def apply_patch(objects, patch, directory):
    target = patch["target"]
    found = [o for o in objects if o["kind"] == target["kind"] and target.get("name", o["metadata"]["name"]) == o["metadata"]["name"]]
    if not found:
        raise ValueError(f"{directory}: a patch of {target} has no target")
    text = patch.get("patch") or (directory / patch["path"]).read_text(encoding="utf-8")
    change = yaml.load(text, Loader=LOADER)
    for item in found:
        if isinstance(change, list):
            for step in change:
                replace(item, step)
        else:
            named = copy.deepcopy(change)
            del named["metadata"]
            merge(item, named)


def replace(item, step):
    if step["op"] != "replace":
        raise ValueError(f"{step} cannot be applied")
    *way, last = step["path"].strip("/").split("/")
    for key in way:
        item = item[key]
    if last not in item:
        raise ValueError(f"{step} has no target")
    item[last] = step["value"]


def merge(item, change):
    """A strategic merge: lists of named objects by name, other lists as a whole."""
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(item.get(key), dict):
            merge(item[key], value)
        elif isinstance(value, list) and all(isinstance(v, dict) and "name" in v for v in value) and key in item:
            for entry in value:
                (same,) = [e for e in item[key] if e["name"] == entry["name"]]
                merge(same, entry)
        else:
            item[key] = copy.deepcopy(value)


def set_image(objects, image):
    for item in objects:
        for container in item.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []) if isinstance(item.get("spec"), dict) else []:
            name = container["image"].rsplit(":", 1)[0]
            if name == image["name"]:
                container["image"] = f"{image.get('newName', name)}:{image['newTag']}"
