namespace GenAI.Chats.Engine.Storage;

/// <summary>The result of a step. For most steps it is always <see cref="Applied"/>.</summary>
public readonly record struct StepResult
{
    /// <summary>The store applied the step.</summary>
    public static StepResult Applied => default;

    /// <summary>Result of a <see cref="CreateStep"/>: the chat that already has the key. Null if the store created the chat.</summary>
    public ChatRecord? ExistingChat { get; private init; }

    /// <summary>Result of an <see cref="AcceptStep"/>: the turn that already has the request ID. Null if the store appended the turn.</summary>
    public TurnRecord? ExistingTurn { get; private init; }

    /// <summary>Result of a <see cref="DeleteStep"/>.</summary>
    public Deletion Deletion { get; private init; }

    /// <summary>The store did nothing, because the chat exists.</summary>
    public static StepResult Exists(ChatRecord chat) => new() { ExistingChat = chat };

    /// <summary>The store did nothing, because another turn of the chat has the request ID.</summary>
    public static StepResult Exists(TurnRecord turn) => new() { ExistingTurn = turn };

    /// <summary>The result of a deletion.</summary>
    public static StepResult Of(Deletion deletion) => new() { Deletion = deletion };
}

/// <summary>The result of a deletion.</summary>
public enum Deletion
{
    /// <summary>The store deleted the chat.</summary>
    Done,

    /// <summary>The chat doesn't exist.</summary>
    NotFound,

    /// <summary>The same request deleted the chat before. If a chat was created under the key since then, it stays.</summary>
    DoneBefore,
}
