namespace GenAI.Chats.Console;

/// <summary>What is known of the end of a turn.</summary>
internal enum SentResult
{
    /// <summary>The turn might still run.</summary>
    Unknown,

    /// <summary>The turn completed.</summary>
    Completed,

    /// <summary>The turn failed or was canceled.</summary>
    Failed,
}
