using System.Text.Json.Nodes;
using GenAI.Chats.TestKit.ScriptedGemini;

namespace GenAI.Chats.SystemTests.Sdk;

/// <summary>A conversation that the SDK and the service are to have alike. All of its JSON is the REST API's.</summary>
internal sealed record SdkConversation
{
    /// <summary>The model: a name of its own, by which the scripted server tells its requests.</summary>
    public string Model { get; init; } = $"gemini-2.5-{Guid.NewGuid():N}";

    /// <summary>The chat's config; null for none.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>The initial history.</summary>
    public JsonArray History { get; init; } = [];

    /// <summary>What is sent, in order.</summary>
    public required IReadOnlyList<SdkSend> Sends { get; init; }

    /// <summary>As the SDK's script reads it.</summary>
    public JsonObject ToJson() => new()
    {
        ["model"] = Model,
        ["config"] = Config?.DeepClone(),
        ["history"] = History.DeepClone(),
        ["sends"] = new JsonArray([.. Sends.Select(send => send.ToJson())]),
    };
}

/// <summary>A send, and what the model answers to it.</summary>
/// <param name="Message">The message's parts.</param>
/// <param name="Stream">Whether the answer is streamed.</param>
/// <param name="Answers">What the server answers to each of the requests that the send makes: the chunks of a stream, or one response.</param>
internal sealed record SdkSend(JsonArray Message, bool Stream, params SdkAnswer[] Answers)
{
    /// <summary>The config in place of the chat's; null for the chat's.</summary>
    public JsonObject? Config { get; init; }

    public JsonObject ToJson() => new() { ["message"] = Message.DeepClone(), ["config"] = Config?.DeepClone(), ["stream"] = Stream };
}

/// <summary>What the server answers to one request.</summary>
/// <param name="Chunks">The responses' JSON; of a unary answer, one.</param>
/// <param name="Status">The HTTP status.</param>
internal sealed record SdkAnswer(IReadOnlyList<string> Chunks, int Status = 200)
{
    public SdkAnswer(params string[] chunks)
        : this(chunks, 200)
    {
    }

    public ScriptedReply ToReply(bool stream) => stream && Status == 200
        ? Chunks.Aggregate(ScriptedReply.Stream(), (reply, chunk) => reply.Event(chunk))
        : ScriptedReply.Json(Chunks[0], Status);
}
