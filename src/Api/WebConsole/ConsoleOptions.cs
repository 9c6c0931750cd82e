namespace GenAI.Chats.Api.WebConsole;

/// <summary>The console, a web page for people: the configuration section <c>Console</c>.</summary>
public sealed record ConsoleOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Console";

    /// <summary>
    /// Gets whether the console is served at <c>/console</c>. Default: only if callers don't need to authenticate, and the server listens only on loopback addresses.
    /// </summary>
    public bool? Enabled { get; init; }
}
