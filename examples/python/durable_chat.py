#!/usr/bin/python3
"""Streams that resume, and sends that are made once. Kill the server while it prints, and start it again. Usage: durable_chat.py [ADDRESS]"""
import sys
import time
import uuid
import chats_client as v1
import grpc

address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
chats = v1.connect(address)


def call(method, request):
    """Sends a request until there is a response. The id of the request makes it safe."""
    pause = 0.1
    while True:
        try:
            return method(request, wait_for_ready=True)
        except grpc.RpcError as error:
            if not v1.is_transient(error):
                raise
            time.sleep(pause)
            pause = min(pause * 2, 5)


def stream(name, text):
    """Yields what the model says, each piece once, whatever happens to the connection or the server."""
    send = v1.SendMessageRequest(name=name, text=text, request_id=uuid.uuid4().hex)
    turn_id, offset, said, shown, pause = "", 0, "", "", 0.1
    while True:
        try:
            # The id of the request makes a second send the same turn. Once the turn is known, it is read from where it broke off.
            read = v1.ReadTurnRequest(name=name, turn_id=turn_id, after_offset=offset)
            for event in chats.ReadTurn(read, wait_for_ready=True) if turn_id else chats.SendMessageStream(send, wait_for_ready=True):
                if event.offset <= offset:
                    continue
                offset, pause = event.offset, 0.1
                if event.HasField("started"):  # Again, with a higher attempt: what earlier attempts said is void.
                    turn_id, said = event.started.turn_id, ""
                elif event.HasField("chunk"):
                    said += "".join(p.text for c in event.chunk.candidates[:1] for p in c.content.parts if not p.thought)
                    if not said.startswith(shown) and not shown.startswith(said):
                        raise RuntimeError("The new attempt says something else.")
                    if len(said) > len(shown):
                        yield said[len(shown):]
                        shown = said
                elif event.ended.state != v1.Turn.STATE_COMPLETED:
                    raise RuntimeError(event.ended.error.message)
                else:
                    return
        except grpc.RpcError as error:
            if not v1.is_transient(error):
                raise
            time.sleep(pause)
            pause = min(pause * 2, 5)


config = v1.GenerateContentConfig(labels={"echo-delay-ms": "100"})
chat = call(chats.CreateChat, v1.CreateChatRequest(model="echo", config=config, request_id=uuid.uuid4().hex))
print("created", chat.name, flush=True)
for piece in stream(chat.name, "These words come one by one, even if the server is killed between them."):
    print(piece.strip(), flush=True)
again = v1.SendMessageRequest(name=chat.name, text="Once.", request_id=uuid.uuid4().hex)
first, second = call(chats.SendMessage, again), call(chats.SendMessage, again)
print("sent twice, one turn:", str(first.turn.turn_id == second.turn.turn_id).lower())
