#!/usr/bin/python3
"""A first chat. Usage: first_chat.py [ADDRESS [MODEL]]. Needs Debian's python3-grpcio, protobuf-compiler and protobuf-compiler-grpc."""
import sys
import chats_client as v1

address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
model = sys.argv[2] if len(sys.argv) > 2 else "echo"
text = lambda content: "".join(part.text for part in content.parts)  # noqa: E731

chats = v1.connect(address)
chat = chats.CreateChat(v1.CreateChatRequest(model=model))
print("created", chat.name)
sent = chats.SendMessage(v1.SendMessageRequest(name=chat.name, text="Hello there!"))
print("answer:", text(sent.response.candidates[0].content))
for event in chats.SendMessageStream(v1.SendMessageRequest(name=chat.name, text="One chunk a word.")):
    if event.HasField("chunk"):
        print(f'chunk at offset {event.offset}: "{text(event.chunk.candidates[0].content)}"')
for content in chats.GetHistory(v1.GetHistoryRequest(name=chat.name)).history:
    print(f"{content.role}: {text(content)}")
