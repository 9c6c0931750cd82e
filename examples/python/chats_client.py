"""Connections and errors, and the service's messages and stubs, generated from protos/ when they are first imported, and kept in __pycache__."""
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import google.protobuf
    import grpc
except ImportError as missing:
    sys.exit(f"This needs grpcio and grpcio-tools ({missing}): pip install -r {Path(__file__).with_name('requirements.txt')}, or the packages of Debian "
             "that README.md names, for /usr/bin/python3.")

HERE = Path(__file__).resolve().parent
PROTOS = HERE.parent.parent / "protos"
SOURCES = sorted(PROTOS.rglob("*.proto"))
# An older protobuf can't import what a newer one generated.
GENERATED = HERE / "__pycache__" / f"protos-{max(source.stat().st_mtime_ns for source in SOURCES)}-{google.protobuf.__version__}"


# No limit of 4 MiB for messages, which is gRPC's default. After a failure, the channel connects again within a second.
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1000)]


class Unlimited(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Tells the service that the channel has no limit. Otherwise, it leaves out the data of parts that are too large for gRPC's default."""

    def intercept_unary_unary(self, continuation, details, request):
        return continuation(details._replace(metadata=[*(details.metadata or ()), ("x-chat-max-message-bytes", "-1")]), request)

    intercept_unary_stream = intercept_unary_unary


def connect(address):
    return ChatsStub(grpc.intercept_channel(grpc.insecure_channel(address, OPTIONS), Unlimited()))


def is_transient(error):
    """Whether to resume the stream, or to send the request again: the service is unavailable, or the error isn't the service's own, which has details."""
    has_details = any(key == "grpc-status-details-bin" for key, _ in error.trailing_metadata() or ())
    broken = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED)
    return error.code() == grpc.StatusCode.UNAVAILABLE or (error.code() in broken and not has_details)


def generator():
    """The command that generates code: pip's grpcio-tools if this Python has it, else Debian's protoc."""
    if importlib.util.find_spec("grpc_tools"):
        return [sys.executable, "-m", "grpc_tools.protoc"]
    plugin = shutil.which("grpc_python_plugin")
    if plugin is None or shutil.which("protoc") is None:
        sys.exit("This needs: pip install grpcio-tools, or sudo apt-get install protobuf-compiler protobuf-compiler-grpc libprotobuf-dev")
    return ["protoc", f"--plugin=protoc-gen-grpc_python={plugin}"]


def generate():
    command = generator()
    GENERATED.parent.mkdir(exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=GENERATED.parent))
    command += [f"-I{PROTOS}", f"--python_out={fresh}", f"--grpc_python_out={fresh}"]
    subprocess.run(command + [str(source) for source in SOURCES], check=True)
    try:
        fresh.rename(GENERATED)
    except OSError:
        shutil.rmtree(fresh)  # Another process was faster.


if not GENERATED.is_dir():
    generate()
sys.path.insert(0, str(GENERATED))
from genai.chats.v1.chats_pb2 import *  # noqa: E402,F401,F403
from genai.chats.v1.chats_pb2_grpc import ChatsStub  # noqa: E402,F401
from genai.chats.v1.content_pb2 import *  # noqa: E402,F401,F403
