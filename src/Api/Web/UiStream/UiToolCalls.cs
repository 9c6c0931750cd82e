using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>
/// The function calls of a turn as tool calls. A call is available only when it's known who runs it: a page must not run calls of server-side tools. Until then, its
/// input is shown.
/// </summary>
/// <param name="turnId">The turn.</param>
internal sealed class UiToolCalls(string turnId)
{
    private const string Output = "output";
    private const string Result = "result";
    private const string ErrorMember = "error";
    private const int TurnIdLength = 32;

    private readonly List<UiToolCall> _calls = [];
    private bool _continues;

    /// <summary>Gets whether calls wait for responses of the client.</summary>
    public bool HasPending => _calls.Any(static call => !call.IsAnswered);

    /// <summary>Indicates whether an ID of a tool call is from this class, and not from the model.</summary>
    public static bool IsDerived(string toolCallId) =>
        toolCallId.Length > TurnIdLength + 1
        && toolCallId[TurnIdLength] == '.'
        && toolCallId.Take(TurnIdLength).All(char.IsAsciiHexDigitLower)
        && int.TryParse(toolCallId.AsSpan(TurnIdLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>Forgets the calls: the turn starts over.</summary>
    public void Clear()
    {
        _calls.Clear();
        _continues = false;
    }

    /// <summary>Adds a call of the model. A call with arguments in several parts is one call.</summary>
    public IEnumerable<JsonObject> Add(FunctionCall call)
    {
        var isNew = !_continues;
        _continues = call.WillContinue;
        if (!isNew)
        {
            return [];
        }

        var id = call.Id is { Length: > 0 } && _calls.TrueForAll(known => known.Id != call.Id) ? call.Id : $"{turnId}.{_calls.Count + 1}";
        var input = JsonNode.Parse(RestJson.Write(call))!["args"]?.DeepClone() ?? new JsonObject();
        return Add(new UiToolCall(id, call.Id, call.Name, input));
    }

    /// <summary>Adds a call that the model's provider runs.</summary>
    public IEnumerable<JsonObject> AddProviderCall(string name, JsonNode? input) =>
        Add(new UiToolCall($"{turnId}.{_calls.Count + 1}", "", name, input?.DeepClone() ?? new JsonObject()));

    /// <summary>Adds the output of the last call that the model's provider runs.</summary>
    public IEnumerable<JsonObject> AddProviderOutput(string name, JsonNode? output) =>
        _calls.FindLast(call => call.Name == name && !call.IsAnswered) is { } call ? Resolve(call, output?.DeepClone() ?? new JsonObject(), null, isProvider: true) : [];

    /// <summary>Adds a response of a server-side tool.</summary>
    public IEnumerable<JsonObject> Add(FunctionResponse response) => Answer(response, isProvider: true);

    /// <summary>Adds the responses of the client, which the next turn's message contains.</summary>
    public IEnumerable<JsonObject> Answer(Content message)
    {
        // Responses with an ID come first, as in the history.
        var responses = message.Parts.Select(static part => part.FunctionResponse).OfType<FunctionResponse>().OrderBy(static response => response.Id is not { Length: > 0 });
        return responses.SelectMany(response => Answer(response, isProvider: false)).ToList();
    }

    /// <summary>Makes the calls that wait for the client available, when the turn has ended with them.</summary>
    public IEnumerable<JsonObject> Open() => _calls.Where(static call => !call.IsAnswered).Select(static call => Available(call, isProvider: false));

    /// <summary>Ends the calls of a turn that didn't complete. They must not be answered.</summary>
    public IEnumerable<JsonObject> Abandon() => _calls.Where(static call => !call.IsAnswered).Select(static call => UiChunk.Of(
        UiChunk.ToolInputError,
        ("toolCallId", call.Id),
        ("toolName", call.Name),
        ("input", call.Input.DeepClone()),
        ("errorText", "The turn ended before the function ran."),
        ("providerExecuted", true)));

    private List<JsonObject> Add(UiToolCall call)
    {
        _calls.Add(call);
        return
        [
            UiChunk.Of(UiChunk.ToolInputStart, ("toolCallId", call.Id), ("toolName", call.Name)),
            UiChunk.Of(UiChunk.ToolInputDelta, ("toolCallId", call.Id), ("inputTextDelta", call.Input.ToJsonString(UiJson.Options))),
        ];
    }

    private IEnumerable<JsonObject> Answer(FunctionResponse response, bool isProvider)
    {
        var call = response.Id is { Length: > 0 } ? _calls.Find(known => known.ModelId == response.Id && !known.IsAnswered) : null;
        call ??= _calls.Find(known => known.Name == response.Name && !known.IsAnswered);
        if (call is null)
        {
            return [];
        }

        var json = JsonNode.Parse(RestJson.Write(response))!["response"] as JsonObject ?? [];
        var (name, value) = json.Count == 1 ? json.Single() : default;
        if (name == ErrorMember)
        {
            return Resolve(call, null, value is JsonValue text && text.TryGetValue<string>(out var error) ? error : value?.ToJsonString(UiJson.Options) ?? "", isProvider);
        }

        return Resolve(call, (name is Output or Result ? value : json)?.DeepClone(), null, isProvider);
    }

    private static IEnumerable<JsonObject> Resolve(UiToolCall call, JsonNode? output, string? error, bool isProvider)
    {
        call.IsAnswered = true;
        if (isProvider)
        {
            yield return Available(call, isProvider: true);
        }

        JsonNode? provider = isProvider ? true : null;
        if (error is not null)
        {
            yield return UiChunk.Of(UiChunk.ToolOutputError, ("toolCallId", call.Id), ("errorText", error), ("providerExecuted", provider));
            yield break;
        }

        // The output null is a member.
        var chunk = UiChunk.Of(UiChunk.ToolOutputAvailable, ("toolCallId", call.Id), ("providerExecuted", provider));
        chunk["output"] = output;
        yield return chunk;
    }

    private static JsonObject Available(UiToolCall call, bool isProvider) => UiChunk.Of(
        UiChunk.ToolInputAvailable,
        ("toolCallId", call.Id),
        ("toolName", call.Name),
        ("input", call.Input.DeepClone()),
        ("providerExecuted", isProvider ? true : null));

    private sealed record UiToolCall(string Id, string ModelId, string Name, JsonNode Input)
    {
        /// <summary>Gets or sets whether the call has its response.</summary>
        public bool IsAnswered { get; set; }
    }
}
