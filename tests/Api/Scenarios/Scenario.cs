namespace GenAI.Chats.Api.Tests.Scenarios;

/// <summary>
/// A scenario of the SDKs' own tests, or a situation in which they were measured, and what this service makes of it. Contents are written
/// as in Notation.
/// </summary>
/// <param name="Source">The SDK, and its test or its row.</param>
public sealed record Scenario(string Source)
{
    /// <summary>Why a call that nobody has answered is not curated.</summary>
    public const string OpenCall =
        "A call is curated together with its response; a message without one drops it. The SDKs send a call that lacks its response, and get a 400.";

    /// <summary>What the chat is created with.</summary>
    public string[] History { get; init; } = [];

    /// <summary>What is sent, one after the other.</summary>
    public Exchange[] Sends { get; init; } = [];

    /// <summary>The comprehensive history in the end.</summary>
    public required string[] Comprehensive { get; init; }

    /// <summary>The curated history in the end: the next request carries it, and the next message.</summary>
    public required string[] Curated { get; init; }

    /// <summary>Which kinds of sends it is about.</summary>
    public SendKinds Kinds { get; init; } = SendKinds.Both;

    /// <summary>Where this service departs from that SDK: what that SDK does, and why this one does not. Null: it does the same.</summary>
    public string? Departs { get; init; }
}

/// <summary>A send, and what the model answers.</summary>
/// <param name="Says">The user's content.</param>
/// <param name="Answers">
/// The responses: one to a unary send. <c>m[text] STOP</c>: a content and a finish reason; <c>{...}</c>: the response's own JSON;
/// <c>!503</c>: an HTTP error; <c>!error</c>: an error inside of the stream; <c>!cut</c>: the connection breaks.
/// </param>
public sealed record Exchange(string Says, params string[] Answers);

/// <summary>Kinds of sends.</summary>
[Flags]
public enum SendKinds
{
    Unary = 1,
    Stream = 2,
    Both = Unary | Stream,
}
