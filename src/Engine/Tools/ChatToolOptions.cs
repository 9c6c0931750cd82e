namespace GenAI.Chats.Engine.Tools;

/// <summary>How a tool is run.</summary>
public sealed record ChatToolOptions
{
    /// <summary>
    /// How long a call may take. After that the model is told that the tool did not answer, and the turn goes on. More than 0, at most a day. Default 1 min.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether a call runs again that was begun, and whose result was not stored, as its server was lost or stopped. Off: it is not, and the model is told that
    /// nobody knows whether it was done. Default on.
    /// </summary>
    public bool RunsAgain { get; init; } = true;
}
