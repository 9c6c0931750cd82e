using Google.Protobuf;

namespace GenAI.Chats.Grains.Storage.Sqlite;

/// <summary>A turn with its messages as bytes, which are made before the writer's thread gets it.</summary>
internal readonly record struct StoredTurn(TurnRecord Record, byte[] Input, byte[]? Outcome)
{
    public long Bytes => Input.Length + (Outcome?.Length ?? 0);

    public static StoredTurn From(TurnRecord turn) => new(turn, turn.Input.ToByteArray(), turn.Outcome?.ToByteArray());
}
