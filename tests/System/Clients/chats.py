"""A client's walk through the service; prints what it saw as JSON. Usage: chats.py ADDRESS CHAT_ID"""
import json
import sys
from pathlib import Path

import grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples" / "python"))
import chats_client as v1  # noqa: E402

address, chat_id = sys.argv[1:]
service_config = (v1.PROTOS / "genai/chats/v1/chats_grpc_service_config.json").read_text()
chats = v1.ChatsStub(grpc.insecure_channel(address, [*v1.OPTIONS, ("grpc.service_config", service_config)]))


def content(role, *texts):
    return v1.Content(role=role, parts=[v1.Part(text=text) for text in texts])


def said(contents):
    return [[c.role, [part.text for part in c.parts]] for c in contents]


def history(name, curated):
    return said(chats.GetHistory(v1.GetHistoryRequest(name=name, curated=curated)).history)


def send(name, text):
    answer = chats.SendMessage(v1.SendMessageRequest(name=name, text=text))
    return {
        "answer": said([answer.response.candidates[0].content])[0],
        "finish_reason": answer.response.candidates[0].finish_reason,
        "tokens": answer.response.usage_metadata.total_token_count,
        "revision": answer.turn.revision,
    }


def stream(name, text):
    events = list(chats.SendMessageStream(v1.SendMessageRequest(name=name, text=text)))
    return {
        "kinds": [event.WhichOneof("event") for event in events],
        "offsets": [event.offset for event in events],
        "chunks": [event.chunk.candidates[0].content.parts[0].text for event in events if event.HasField("chunk")],
        "curated": events[-1].ended.curated,
    }


plain = chats.CreateChat(v1.CreateChatRequest(model="echo")).name
seeded = chats.CreateChat(v1.CreateChatRequest(
    model="echo",
    chat_id=chat_id,
    history=[content("user", "Hi."), content("model", "Hello."), content("user", "Lost?"), v1.Content(role="model")],
    config=v1.GenerateContentConfig(temperature=0.5, system_instruction=content("user", "Be brief."), labels={"echo-repeat": "2"}),
)).name
kept = chats.GetChat(v1.GetChatRequest(name=seeded))
seen = {
    "config": [kept.config.temperature, said([kept.config.system_instruction])[0], dict(kept.config.labels)],
    "plain": {"config": chats.GetChat(v1.GetChatRequest(name=plain)).HasField("config"), "send": send(plain, "Hello there!")},
    "seeded": {"send": send(seeded, "Again! ")},
    "stream": stream(plain, "One chunk a word."),
    "history": history(plain, False),
    "comprehensive": history(seeded, False),
    "curated": history(seeded, True),
}
for name in (plain, seeded):
    chats.DeleteChat(v1.DeleteChatRequest(name=name))
try:
    chats.GetChat(v1.GetChatRequest(name=seeded))
except grpc.RpcError as error:
    seen["deleted"] = error.code().name
print(json.dumps(seen))
