#!/usr/bin/python3
"""Writes docs/api.md from the comments of the protos. With --check it only says whether the file is what it would write. Needs protoc and Debian's python3-protobuf."""
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
TARGET = ROOT / "docs" / "api.md"
FILES = ["genai/chats/v1/chats.proto", "genai/chats/v1/content.proto"]
PACKAGE = ".genai.chats.v1."
INTRO = """# API reference

The contract `genai.chats.v1`, as its protos say it: this file is written from their comments by [eng/api-docs.py](../eng/api-docs.py). What turns, offsets and retries mean
together: [turns.md](turns.md). Errors and their reasons: [architecture.md](architecture.md#errors).
"""

Field = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    Field.TYPE_DOUBLE: "double", Field.TYPE_FLOAT: "float", Field.TYPE_INT64: "int64", Field.TYPE_INT32: "int32",
    Field.TYPE_UINT64: "uint64", Field.TYPE_UINT32: "uint32", Field.TYPE_BOOL: "bool", Field.TYPE_STRING: "string", Field.TYPE_BYTES: "bytes",
}  # fmt: skip
# Where in a descriptor its children are: the field numbers of descriptor.proto.
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE, MESSAGE_FIELD, MESSAGE_MESSAGE, MESSAGE_ENUM, ENUM_VALUE, SERVICE_METHOD = 4, 5, 6, 2, 3, 4, 2, 2


def descriptors():
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "set"
        subprocess.run(["protoc", f"-I{PROTOS}", "--include_source_info", f"--descriptor_set_out={target}", *FILES], check=True)
        return sorted(descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes()).file, key=lambda file: FILES.index(file.name))


def comments_of(file):
    """Comments by path: what stands before a thing, or behind it on its line, and on the lines that follow it there."""
    comments = {}
    for location in file.source_code_info.location:
        text = location.leading_comments + " " + location.trailing_comments
        comments[tuple(location.path)] = " ".join(text.split()).replace("|", "\\|")
    return comments


def anchor(name):
    return name.lower().replace(".", "")


class Writer:
    def __init__(self, file):
        self.comments = comments_of(file)
        self.lines = []

    def say(self, *lines):
        self.lines += lines

    def comment(self, path):
        return self.comments.get(path, "")

    def service(self, service, path):
        self.say(f"## Service {service.name}", "", self.comment(path), "", "| call | takes | gives | |", "| --- | --- | --- | --- |")
        for i, method in enumerate(service.method):
            gives = ("stream of " if method.server_streaming else "") + link(method.output_type)
            self.say(f"| `{method.name}` | {link(method.input_type)} | {gives} | {self.comment((*path, SERVICE_METHOD, i))} |")
        self.say("")

    def message(self, message, path, outer=""):
        name = outer + message.name
        self.say(f"### {name}", "")
        if self.comment(path):
            self.say(self.comment(path), "")
        maps = {f"{m.name}": m for m in message.nested_type if m.options.map_entry}
        if message.field:
            self.say("| field | type | |", "| --- | --- | --- |")
            for i, field in enumerate(message.field):
                note = self.comment((*path, MESSAGE_FIELD, i))
                if field.HasField("oneof_index") and not field.proto3_optional:
                    note = f"One of `{message.oneof_decl[field.oneof_index].name}`. {note}".strip()
                self.say(f"| `{field.name}` | {type_of(field, maps)} | {note} |")
        else:
            self.say("No fields.")
        self.say("")
        for i, enum in enumerate(message.enum_type):
            self.enum(enum, (*path, MESSAGE_ENUM, i), name + ".")
        for i, nested in enumerate(message.nested_type):
            if not nested.options.map_entry:
                self.message(nested, (*path, MESSAGE_MESSAGE, i), name + ".")

    def enum(self, enum, path, outer=""):
        self.say(f"### {outer}{enum.name}", "")
        if self.comment(path):
            self.say(self.comment(path), "")
        self.say("| value | |", "| --- | --- |")
        for i, value in enumerate(enum.value):
            self.say(f"| `{value.name}` | {self.comment((*path, ENUM_VALUE, i))} |")
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
        writer.say(f"## Messages of {Path(file.name).name}", "")
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
    sys.exit("docs/api.md is not what the protos say. Write it anew: eng/api-docs.py")
