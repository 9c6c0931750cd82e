#!/usr/bin/python3
"""A chat over TLS with an API key, from GENAI_CHATS_API_KEY. Usage: secure_chat.py ADDRESS CA_FILE [CLIENT_CERTIFICATE CLIENT_KEY]."""
import os
import sys
import chats_client as v1
import grpc

address, files = sys.argv[1], [open(name, "rb").read() for name in sys.argv[2:]]
authority, certificate, key = files + [None] * (3 - len(files))
tls = grpc.ssl_channel_credentials(root_certificates=authority, private_key=key, certificate_chain=certificate)
if "GENAI_CHATS_API_KEY" in os.environ:
    # Sent with every call, as "authorization: Bearer ...".
    tls = grpc.composite_channel_credentials(tls, grpc.access_token_call_credentials(os.environ["GENAI_CHATS_API_KEY"]))

chats = v1.ChatsStub(grpc.intercept_channel(grpc.secure_channel(address, tls, v1.OPTIONS), v1.Unlimited()))
chat = chats.CreateChat(v1.CreateChatRequest(model="echo"))
sent = chats.SendMessage(v1.SendMessageRequest(name=chat.name, text="Hello there!"))
print("answer:", sent.response.candidates[0].content.parts[0].text)
