using Google.Protobuf;

namespace GenAI.Chats.Engine.Storage;

/// <summary>A turn with its messages as bytes, which are made once, before a step may run again.</summary>
internal readonly record struct StoredTurn(TurnRecord Record, byte[] Input, byte[]? Outcome)
{
    public long Bytes => Input.Length + (Outcome?.Length ?? 0);

    public static StoredTurn From(TurnRecord turn) => new(turn, turn.Input.ToByteArray(), turn.Outcome?.ToByteArray());
}
