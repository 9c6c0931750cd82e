"""250 streams, and 1,800 cancellations, on one channel. Usage: many_streams.py ADDRESS. Prints what it measured as JSON."""
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples" / "python"))
import chats_client as v1  # noqa: E402
import grpc  # noqa: E402

STREAMS, CANCELLED, ROUNDS = 250, 90, 20
chats = v1.connect(sys.argv[1])


def create(delay):
    config = v1.GenerateContentConfig(labels={"echo-delay-ms": str(delay)})
    return chats.CreateChat(v1.CreateChatRequest(model="echo", config=config)).name


def read(name, turn_id):
    return chats.ReadTurn(v1.ReadTurnRequest(name=name, turn_id=turn_id))


def started(stream):
    return next(stream).started.turn_id


def end(stream):
    """The state that a turn ended in, or the error of the stream, and the text before it."""
    last, text = "", ""
    try:
        for event in stream:
            if event.HasField("chunk"):
                text += event.chunk.candidates[0].content.parts[0].text
            elif event.HasField("ended"):
                last = v1.Turn.State.Name(event.ended.state)
    except grpc.RpcError as error:
        last = last or error.code().name
    return last, text


def seconds(call):
    start = time.monotonic()
    call()
    return time.monotonic() - start


name = create(600000)
sent = chats.SendMessageStream(v1.SendMessageRequest(name=name, text="never ends"))
turn_id = started(sent)
streams = [sent] + [read(name, turn_id) for _ in range(STREAMS - 1)]
for stream in streams[1:]:
    started(stream)
get = seconds(lambda: chats.GetChat(v1.GetChatRequest(name=name)))

# Streams of other turns, which have nothing to do with the cancellations.
words = " ".join(f"w{i}" for i in range(40))
others = [chats.SendMessageStream(v1.SendMessageRequest(name=create(100), text=words)) for _ in range(5)]

for _ in range(ROUNDS):
    short = [read(name, turn_id) for _ in range(CANCELLED)]
    for stream in short:
        started(stream)
    for stream in short:
        stream.cancel()

cancel = seconds(lambda: chats.CancelTurn(v1.CancelTurnRequest(name=name, turn_id=turn_id)))
print(f"GetChat took {get:.3f} s, CancelTurn {cancel:.3f} s.", file=sys.stderr)
print(json.dumps({
    "states": sorted({end(stream)[0] for stream in streams}),
    "others": sorted({" ".join(end(stream)) for stream in others}),
    "withinASecond": get < 1 and cancel < 1,
}))
