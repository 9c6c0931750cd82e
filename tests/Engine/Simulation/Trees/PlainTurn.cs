using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>A turn of a <see cref="PlainChat"/>. Once it is recorded, it doesn't change, and forks share it.</summary>
internal sealed class PlainTurn
{
    public required string TurnId { get; init; }

    /// <summary>The request that created it.</summary>
    public required IMessage Request { get; init; }

    public required long Sequence { get; init; }

    public required Content? Message { get; init; }

    /// <summary>The revision of the turn that it must follow. Null: whichever is the head when it ends.</summary>
    public long? Edits { get; init; }

    public TurnState State { get; set; }

    public TurnStop Stop { get; set; }

    /// <summary>The contents that its model is sent first, with the history. Null: it hasn't started.</summary>
    public IReadOnlyList<Content>? Prompt { get; set; }

    /// <summary>The revision; 0 if it isn't recorded.</summary>
    public long Revision { get; set; }

    /// <summary>The revision of the turn that it follows, if it is recorded.</summary>
    public long Parent { get; set; }

    /// <summary>Whether it was curated when it ended. A turn with open calls becomes curated on the paths on which they are closed.</summary>
    public bool Curated { get; set; }

    public TurnOutcome? Outcome { get; set; }

    public bool IsPending => State is TurnState.Queued or TurnState.Running;

    /// <summary>The model's name, if the request gives one.</summary>
    public string Model => (Request as SendMessageRequest)?.Model ?? "";

    /// <summary>The model that ran it. Empty if it was recorded elsewhere.</summary>
    public string RanModel => Request is not SendMessageRequest ? "" : Model.Length > 0 ? Model : "any";

    /// <summary>What it adds to the history.</summary>
    public IEnumerable<Content> Contents => [.. Message is null ? (Content[])[] : [Message], .. Outcome!.Contents];

    /// <summary>Whether it answers function calls of the turns before it.</summary>
    public bool Answers => (Message ?? Outcome?.Contents.FirstOrDefault()) is { Role: not "model" } first && FunctionCalls.HasResponses(first);
}
