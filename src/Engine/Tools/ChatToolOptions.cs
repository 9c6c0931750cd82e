namespace GenAI.Chats.Engine.Tools;

/// <summary>How a server-side tool is run.</summary>
public sealed record ChatToolOptions
{
    /// <summary>
    /// Gets the maximum duration of a call. After that, the model gets an error, and the turn continues. More than 0, at most a day. Default: 1 min.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets whether a call runs again if its server failed or stopped before the result was stored. If false, the call doesn't run again, and the model gets
    /// an error that says that the outcome is unknown. Default: true.
    /// </summary>
    public bool RunsAgain { get; init; } = true;
}
