using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Gemini;

/// <summary>One of the streams that form a response, and the position where the next one continues.</summary>
/// <param name="caller">Sends the request.</param>
/// <param name="token">The token from which the response continues. If null, it starts.</param>
/// <param name="usageBefore">The usage of the previous streams.</param>
internal sealed class ContinuedStream(GeminiCaller caller, string? token, UsageMetadata? usageBefore) : IAsyncDisposable
{
    private readonly UsageMetadata? _usageBefore = usageBefore;
    private ApiCall? _call;
    private bool _hasChunk;
    private UsageMetadata? _usage;

    /// <summary>Gets the token from which the request continued.</summary>
    public string? FirstToken => token;

    /// <summary>Gets the latest checkpoint, if one arrived.</summary>
    public string? Token { get; private set; }

    /// <summary>Gets whether the stream had a new checkpoint.</summary>
    public bool HasNewToken => Token is not null && Token != token;

    /// <summary>Gets whether parts arrived.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Gets whether the prompt was blocked.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>Gets the latest finish reason.</summary>
    public string FinishReason { get; private set; } = "";

    /// <summary>Gets whether the API reported the end of the stream.</summary>
    public bool IsEnded => IsBlocked || FinishReason.Length > 0;

    /// <summary>Gets the error that ended the stream.</summary>
    public ModelException? Error { get; private set; }

    /// <summary>Gets whether the API itself rejected the request before the first chunk.</summary>
    public bool WasRefused => Error is { InnerException: null } && !_hasChunk;

    /// <summary>Gets the usage of all streams, including this one.</summary>
    public UsageMetadata? Usage => _usage ?? _usageBefore;

    /// <summary>Reads the next chunk. Returns null at the end or after an error.</summary>
    public async Task<GenerateContentResponse?> ReadAsync()
    {
        try
        {
            _call ??= await caller.OpenAsync(token).ConfigureAwait(false);
            var chunk = await _call.ReadEventAsync(GeminiCaller.Read).ConfigureAwait(false);
            if (chunk is not null)
            {
                Observe(chunk);
            }

            return chunk;
        }
        catch (ModelException error)
        {
            Error = error;
            return null;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _call?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Observe(GenerateContentResponse chunk)
    {
        _hasChunk = true;
        IsBlocked |= chunk.PromptFeedback is not null;
        if (chunk.UsageMetadata is not null)
        {
            // Within a stream, it is the running total.
            _usage = chunk.UsageMetadata = UsageSum.Add(_usageBefore, chunk.UsageMetadata);
        }

        if (chunk.Candidates.FirstOrDefault() is { } candidate)
        {
            HasContent |= candidate.Content is { Parts.Count: > 0 };
            FinishReason = candidate.FinishReason is { Length: > 0 } reason ? reason : FinishReason;
            Token = candidate.ContinuationToken is { Length: > 0 } checkpoint ? checkpoint : Token;
            if (Token is not null && candidate.FinishReason == UnaryContinuation.FinishReason)
            {
                candidate.FinishReason = "";
            }
        }

        foreach (var each in chunk.Candidates)
        {
            each.ClearContinuationToken();
        }
    }
}
