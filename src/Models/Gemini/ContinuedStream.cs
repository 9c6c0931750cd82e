using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Gemini;

/// <summary>One stream of several that make an answer: what came of it, and where it may go on.</summary>
/// <param name="caller">Makes the request.</param>
/// <param name="token">Where the answer goes on; null: it starts here.</param>
/// <param name="usageBefore">What the streams before this one used.</param>
internal sealed class ContinuedStream(GeminiCaller caller, string? token, UsageMetadata? usageBefore) : IAsyncDisposable
{
    private readonly UsageMetadata? _usageBefore = usageBefore;
    private ApiCall? _call;
    private bool _hasChunk;
    private UsageMetadata? _usage;

    /// <summary>The token that the request went on from.</summary>
    public string? FirstToken => token;

    /// <summary>The latest checkpoint; null where none came.</summary>
    public string? Token { get; private set; }

    /// <summary>Whether the stream brought a checkpoint of its own.</summary>
    public bool HasNewToken => Token is not null && Token != token;

    /// <summary>Whether parts came.</summary>
    public bool HasContent { get; private set; }

    /// <summary>Whether the prompt was blocked.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>How the answer ended, so far.</summary>
    public string FinishReason { get; private set; } = "";

    /// <summary>Whether the API said that the stream is over.</summary>
    public bool IsEnded => IsBlocked || FinishReason.Length > 0;

    /// <summary>What broke the stream.</summary>
    public ModelException? Error { get; private set; }

    /// <summary>Whether the API itself said no, rather than the connection, before anything came.</summary>
    public bool WasRefused => Error is { InnerException: null } && !_hasChunk;

    /// <summary>What all streams used, up to this one.</summary>
    public UsageMetadata? Usage => _usage ?? _usageBefore;

    /// <summary>Reads the next chunk; null at the end, in whichever way it came.</summary>
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
            // Within a stream it is the running total.
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
