using GenAI.Chats.Models.Responses;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>
/// Reads a client's updates. Texts are returned as they arrive. Calls, the finish reason, and usage are returned at the end, because a client that
/// executes functions continues after a call and after a finish reason.
/// </summary>
/// <param name="provider">The provider's name.</param>
internal sealed class ChatClientResponses(string provider)
{
    private readonly string _source = ChatClientKept.SourceOf(provider);
    private readonly List<FunctionCallContent> _calls = [];
    private readonly GenerateContentResponse _named = new();
    private UsageDetails? _usage;
    private ChatFinishReason? _finishReason;
    private string? _refusal;

    /// <summary>Reads the next update. Returns null if there is nothing to return yet.</summary>
    public GenerateContentResponse? Read(ChatResponseUpdate update)
    {
        _named.ResponseId = update.ResponseId is { } id ? Unicode.Fix(id) : _named.ResponseId;
        _named.ModelVersion = update.ModelId is { } model ? Unicode.Fix(model) : _named.ModelVersion;
        _named.CreateTime = update.CreatedAt is { } time ? Timestamp.FromDateTimeOffset(time) : _named.CreateTime;
        _finishReason = update.FinishReason ?? _finishReason;
        var content = new Content { Role = "model", Parts = { update.Contents.Select(PartOf).OfType<Part>() } };
        if (content.Parts.Count == 0)
        {
            return null;
        }

        var response = _named.Clone();
        response.Candidates.Add(new Candidate { Content = content });
        return response;
    }

    /// <summary>Returns the rest after all updates.</summary>
    public GenerateContentResponse End()
    {
        var candidate = new Candidate { FinishReason = ReasonOf(_finishReason) };
        if (_refusal is not null)
        {
            candidate.FinishMessage = _refusal;
        }
        else if (candidate.FinishReason == "OTHER")
        {
            candidate.FinishMessage = $"Provider finish reason: '{_finishReason}'.";
        }

        _calls.ForEach(call => AddCall(candidate, call));
        var response = _named.Clone();
        response.Candidates.Add(candidate);
        response.UsageMetadata = _usage is null ? null : UsageOf(_usage);
        return response;
    }

    private Part? PartOf(AIContent content)
    {
        switch (content)
        {
            // Before text, because it is derived from text in some versions.
            case TextReasoningContent thought:
                var extra = ChatClientKept.ExtraOf(thought, _source);
                return thought.Text.Length > 0 || extra is not null ? new Part { Text = thought.Text, Thought = true, Extra = extra } : null;
            case TextContent { Text.Length: > 0 } text:
                return new Part { Text = text.Text };
            case DataContent data:
                return new Part { InlineData = new Blob { MimeType = data.MediaType, Data = ByteString.CopyFrom(data.Data.Span) } };
            case UriContent uri:
                return new Part { FileData = new FileData { MimeType = uri.MediaType, FileUri = uri.Uri.OriginalString } };
            case ErrorContent error:
                _refusal = "The model refused to answer.";
                return new Part { Text = error.Message };
            case FunctionCallContent { InformationalOnly: false } call:
                _calls.Add(call);
                return null;
            case FunctionResultContent result:
                _calls.RemoveAll(call => call.CallId == result.CallId);
                return null;
            case UsageContent usage:
                (_usage ??= new UsageDetails()).Add(usage.Details);
                return null;
            default:
                return null;
        }
    }

    private void AddCall(Candidate candidate, FunctionCallContent call)
    {
        ExactJson? exact = null;
        if (ArgumentsOf(call, ref exact) is not { } arguments)
        {
            candidate.FinishReason = "MALFORMED_FUNCTION_CALL";
            candidate.FinishMessage = Unicode.Fix($"Arguments for function '{call.Name}' aren't a JSON object, or are nested too deeply.");
            return;
        }

        var part = new Part
        {
            FunctionCall = new FunctionCall { Name = Unicode.Fix(call.Name), Args = arguments, ArgsJson = exact },
            Extra = ChatClientKept.ExtraOf(call, _source),
        };
        if (call.CallId.Length > 0)
        {
            part.FunctionCall.Id = Unicode.Fix(call.CallId);
        }

        candidate.Content ??= new Content { Role = "model" };
        candidate.Content.Parts.Add(part);
    }

    private static Struct? ArgumentsOf(FunctionCallContent call, ref ExactJson? exact)
    {
        if (call.Exception is not null)
        {
            return null;
        }

        try
        {
            var arguments = new Struct();
            foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
            {
                using var document = value is JsonElement ? null : RestJson.Parse(JsonSerializer.SerializeToUtf8Bytes(value, AIJsonUtilities.DefaultOptions));
                StructJson.AddMember(arguments, ref exact, Unicode.Fix(name), value as JsonElement? ?? document!.RootElement);
            }

            return arguments;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }

    // Without a reason, the response has ended normally.
    private static string ReasonOf(ChatFinishReason? reason) => reason switch
    {
        null => "STOP",
        _ when reason == ChatFinishReason.Stop || reason == ChatFinishReason.ToolCalls => "STOP",
        _ when reason == ChatFinishReason.Length => "MAX_TOKENS",
        _ when reason == ChatFinishReason.ContentFilter => "SAFETY",
        _ => "OTHER",
    };

    private static UsageMetadata UsageOf(UsageDetails details) => UsageCounts.ToUsage(
        details.InputTokenCount, details.OutputTokenCount, details.TotalTokenCount, details.ReasoningTokenCount, details.CachedInputTokenCount);
}
