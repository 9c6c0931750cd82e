#!/usr/bin/python3
"""Writes docs/reference/api.md from the comments of the protos. With --check, only checks that the file is up to date.

Every service, method, message, field, enumeration, and value needs a comment above it. Comments behind a declaration
aren't allowed: protoc assigns their second line to the next declaration. Requires protoc and Debian's python3-protobuf.
"""

import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from google.protobuf import descriptor_pb2

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
TARGET = ROOT / "docs" / "reference" / "api.md"
FILES = ["genai/chats/v1/chats.proto", "genai/chats/v1/content.proto", "genai/chats/v1/operator.proto"]
PACKAGE = ".genai.chats.v1."
WIDTH = 100
INTRO = """# API reference

This page describes the gRPC API `genai.chats.v1` for client developers. It is generated from the
comments in [chats.proto](../../protos/genai/chats/v1/chats.proto),
[content.proto](../../protos/genai/chats/v1/content.proto), and
[operator.proto](../../protos/genai/chats/v1/operator.proto) by
[eng/api-docs.py](../../eng/api-docs.py).

- [Turns](../concepts/turns.md) explains turns, offsets, and retries.
- [Errors](errors.md) explains all error reasons.
- Messages with a field `extra` keep members that the schema doesn't know in it, and their exact
  JSON in `extra_json`. The tables below leave these two fields out.
"""

Field = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    Field.TYPE_DOUBLE: "double", Field.TYPE_FLOAT: "float", Field.TYPE_INT64: "int64", Field.TYPE_INT32: "int32",
    Field.TYPE_UINT64: "uint64", Field.TYPE_UINT32: "uint32", Field.TYPE_BOOL: "bool", Field.TYPE_STRING: "string", Field.TYPE_BYTES: "bytes",
}  # fmt: skip
KEPT_MEMBERS = ["extra", "extra_json"]

# The field numbers of descriptor.proto: the path of a declaration's children.
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE, MESSAGE_FIELD, MESSAGE_MESSAGE, MESSAGE_ENUM, MESSAGE_ONEOF, ENUM_VALUE, SERVICE_METHOD = 4, 5, 6, 2, 3, 4, 8, 2, 2


def descriptors():
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "set"
        subprocess.run(["protoc", f"-I{PROTOS}", "--include_source_info", f"--descriptor_set_out={target}", *FILES], check=True)
        return sorted(descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes()).file, key=lambda file: FILES.index(file.name))


def anchor(name):
    return name.lower().replace(".", "")


class Writer:
    def __init__(self, file):
        self.file = file
        self.locations = {tuple(location.path): location for location in file.source_code_info.location}
        self.lines = []

    def say(self, *lines):
        self.lines += lines

    def comment(self, path, name):
        """The comment above a declaration, as lines."""
        location = self.locations[path]
        if location.trailing_comments:
            sys.exit(f"{self.file.name}:{location.span[0] + 1}: {name} has a comment behind it. Move it to the line above.")
        if not location.leading_comments.strip():
            sys.exit(f"{self.file.name}:{location.span[0] + 1}: {name} has no comment.")
        return [line.removeprefix(" ").rstrip() for line in location.leading_comments.strip("\n").split("\n")]

    def cell(self, path, name):
        return " ".join(" ".join(self.comment(path, name)).split()).replace("|", "\\|")

    def text(self, path, name):
        """A comment as Markdown: paragraphs and lists."""
        for block in "\n".join(self.comment(path, name)).split("\n\n"):
            lines = block.split("\n")
            prose = [line for line in lines if not line.startswith(("- ", "  "))]
            if prose:
                self.say(*textwrap.wrap(" ".join(prose), WIDTH, break_long_words=False, break_on_hyphens=False), "")
            items = []
            for line in lines[len(prose):]:
                items += [line] if line.startswith("- ") else [items.pop() + " " + line.strip()]
            for item in items:
                self.say(*textwrap.wrap(item, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
            if items:
                self.say("")

    def service(self, service, path):
        self.say(f"## Service {service.name}", "")
        self.text(path, service.name)
        for i, method in enumerate(service.method):
            response = ("a stream of " if method.server_streaming else "") + link(method.output_type)
            self.say(f"### {method.name}", "", f"Takes {link(method.input_type)}, returns {response}.", "")
            self.text((*path, SERVICE_METHOD, i), method.name)

    def message(self, message, path, outer=""):
        name = outer + message.name
        self.say(f"### {name}", "")
        self.text(path, name)
        maps = {m.name: m for m in message.nested_type if m.options.map_entry}
        rows = []
        for i, field in enumerate(message.field):
            note = self.cell((*path, MESSAGE_FIELD, i), f"{name}.{field.name}")
            if field.HasField("oneof_index") and not field.proto3_optional:
                note = f"One of `{message.oneof_decl[field.oneof_index].name}`. {note}"
            if field.name not in KEPT_MEMBERS:
                rows.append(f"| `{field.name}` | {type_of(field, maps)} | {note} |")
        for i, oneof in enumerate(message.oneof_decl):
            if (*path, MESSAGE_ONEOF, i) in self.locations:
                self.comment((*path, MESSAGE_ONEOF, i), f"{name}.{oneof.name}")
        if rows:
            self.say("| Field | Type | Description |", "| --- | --- | --- |", *rows, "")
        for i, enum in enumerate(message.enum_type):
            self.enum(enum, (*path, MESSAGE_ENUM, i), name + ".")
        for i, nested in enumerate(message.nested_type):
            if not nested.options.map_entry:
                self.message(nested, (*path, MESSAGE_MESSAGE, i), name + ".")

    def enum(self, enum, path, outer=""):
        name = outer + enum.name
        self.say(f"### {name}", "")
        self.text(path, name)
        self.say("| Value | Description |", "| --- | --- |")
        for i, value in enumerate(enum.value):
            self.say(f"| `{value.name}` | {self.cell((*path, ENUM_VALUE, i), f'{name}.{value.name}')} |")
        self.say("")


def link(type_name):
    if type_name.startswith(PACKAGE):
        name = type_name.removeprefix(PACKAGE)
        return f"[{name}](#{anchor(name)})"
    return f"`{type_name.removeprefix('.')}`"


def type_of(field, maps):
    if field.type == Field.TYPE_MESSAGE and (entry := maps.get(field.type_name.rsplit(".", 1)[-1])):
        key, value = entry.field
        return f"map of {type_of(key, {})} to {type_of(value, {})}"
    name = SCALARS.get(field.type) or link(field.type_name)
    if field.label == Field.LABEL_REPEATED:
        return f"list of {name}"
    return f"{name}, optional" if field.proto3_optional else name


def document():
    lines = [INTRO]
    for file in descriptors():
        writer = Writer(file)
        for i, service in enumerate(file.service):
            writer.service(service, (FILE_SERVICE, i))
        writer.say(f"## Messages in {Path(file.name).name}", "")
        for i, message in enumerate(file.message_type):
            writer.message(message, (FILE_MESSAGE, i))
        for i, enum in enumerate(file.enum_type):
            writer.enum(enum, (FILE_ENUM, i))
        lines += writer.lines
    return "\n".join(lines).rstrip() + "\n"


text = document()
if "--check" not in sys.argv[1:]:
    TARGET.write_text(text, encoding="utf-8")
elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
    sys.exit("docs/reference/api.md is out of date. Run eng/api-docs.py.")
