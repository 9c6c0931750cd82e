using System.Text.Json.Nodes;
using GenAI.Chats.TestKit.ScriptedGemini;

namespace GenAI.Chats.TestKit.ScriptedOpenAi;

/// <summary>Replies as OpenAI's API gives them.</summary>
public static class OpenAiReply
{
    private const string Model = "scripted-model";

    /// <summary>A whole completion with one text.</summary>
    public static ScriptedReply Text(string text, string finishReason = "stop") =>
        Completion(new JsonObject { ["role"] = "assistant", ["content"] = text, ["refusal"] = null }, finishReason);

    /// <summary>A whole completion with one message.</summary>
    public static ScriptedReply Completion(JsonObject message, string finishReason, string? usage = null) => ScriptedReply.Json(new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1_700_000_000,
        ["model"] = Model,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = message,
            ["finish_reason"] = finishReason,
            ["logprobs"] = null,
        }),
        ["usage"] = JsonNode.Parse(usage ?? """{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"""),
    }.ToJsonString());

    /// <summary>A stream with one delta for each, the finish reason, usage, and the end.</summary>
    public static ScriptedReply StreamOf(IEnumerable<string> deltas, string finishReason = "stop", string? usage = null) =>
        deltas.Aggregate(ScriptedReply.Stream(), (reply, delta) => reply.Event(Chunk(delta)))
            .Event(Chunk("{}", finishReason))
            .Event(UsageChunk(usage ?? """{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"""))
            .Event("[DONE]");

    /// <summary>A stream of texts.</summary>
    public static ScriptedReply StreamOfTexts(params string[] texts) => StreamOf(texts.Select(text => $$"""{"content":{{JsonValue.Create(text).ToJsonString()}}}"""));

    /// <summary>A chunk with one delta.</summary>
    public static string Chunk(string delta, string? finishReason = null, int index = 0) => Envelope(new JsonArray(new JsonObject
    {
        ["index"] = index,
        ["delta"] = JsonNode.Parse(delta),
        ["finish_reason"] = finishReason,
        ["logprobs"] = null,
    }));

    /// <summary>The chunk behind the last one.</summary>
    public static string UsageChunk(string usage) => Envelope([], usage);

    /// <summary>An error.</summary>
    public static ScriptedReply Error(int status, string type, string message, string? code = null) =>
        ScriptedReply.Json(ErrorJson(type, message, code), status);

    /// <summary>An error's body, which may also come in a stream.</summary>
    public static string ErrorJson(string type, string message, string? code = null) => new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code },
    }.ToJsonString();

    private static string Envelope(JsonArray choices, string? usage = null) => new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1_700_000_000,
        ["model"] = Model,
        ["choices"] = choices,
        ["usage"] = usage is null ? null : JsonNode.Parse(usage),
    }.ToJsonString();
}
