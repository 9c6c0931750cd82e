#!/usr/bin/python3
"""Edits, regenerates, rewinds, and forks. Usage: branch_chat.py [ADDRESS]"""
import sys
import chats_client as v1

address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
chats = v1.connect(address)


def show(step, name):
    turns = chats.ListTurns(v1.ListTurnsRequest(name=name, view=v1.TURN_VIEW_FULL)).turns
    print(f"{step}:", ", ".join(f"{turn.revision} {turn.message.parts[0].text}" for turn in turns))


name = chats.CreateChat(v1.CreateChatRequest(model="echo")).name
chats.SendMessage(v1.SendMessageRequest(name=name, text="I have 2 dogs."))
sent = chats.SendMessage(v1.SendMessageRequest(name=name, text="How many paws?"))
show("sent", name)

# The edited message follows the same turn as the message that it replaces.
old = chats.GetTurn(v1.GetTurnRequest(name=name, turn_id=sent.turn.turn_id))
chats.SendMessage(v1.SendMessageRequest(name=name, text="How many tails?", after_revision=old.parent_revision))
show("edited", name)

chats.SendMessage(v1.SendMessageRequest(name=name, regenerate_turn_id=old.turn_id))
show("regenerated", name)

chats.RewindChat(v1.RewindChatRequest(name=name, revision=old.revision))
show("rewound", name)

fork = chats.ForkChat(v1.ForkChatRequest(name=name, revision=old.parent_revision))
show("forked", fork.name)
