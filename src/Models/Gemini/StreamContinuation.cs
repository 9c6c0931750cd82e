using GenAI.Chats.Models.Responses;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// The streaming continuation protocol. Streams contain tokens as checkpoints. If a stream ends or fails without a final finish reason, the next request
/// continues from the latest checkpoint, unless there were chunks after it, which would be duplicated.
/// </summary>
internal sealed class StreamContinuation(GeminiCaller caller)
{
    /// <summary>The maximum number of consecutive streams without content.</summary>
    private const int MaxIdleStreams = 3;

    // The token from which the current stream continues, and the usage of the streams before it.
    private string? _token;
    private UsageMetadata? _usage;
    private int _idleStreams;
    private ModelException? _lastError;
    private StreamState _stream = new();

    /// <summary>Returns the chunks of all streams.</summary>
    public async IAsyncEnumerable<GenerateContentResponse> ReadAsync()
    {
        do
        {
            _stream = new StreamState();
            var call = await TryAsync(() => caller.OpenAsync(_token)).ConfigureAwait(false);
            try
            {
                while (call is not null && await TryAsync(() => call.ReadEventAsync(GeminiCaller.Read)).ConfigureAwait(false) is { } chunk)
                {
                    Observe(chunk);
                    yield return chunk;
                }
            }
            finally
            {
                if (call is not null)
                {
                    await call.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
        while (Continues());
    }

    private async Task<T?> TryAsync<T>(Func<Task<T>> step)
        where T : class?
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (ModelException error)
        {
            _stream.Error = error;
            return null;
        }
    }

    private void Observe(GenerateContentResponse chunk)
    {
        _stream.HasChunk = true;
        _stream.IsBlocked |= chunk.PromptFeedback is not null;
        if (chunk.UsageMetadata is not null)
        {
            // Within a stream, it is the running total.
            _stream.Usage = chunk.UsageMetadata = UsageSum.Add(_usage, chunk.UsageMetadata);
        }

        if (chunk.Candidates.FirstOrDefault() is { } candidate)
        {
            _stream.HasContent |= candidate.Content is { Parts.Count: > 0 };
            _stream.FinishReason = candidate.FinishReason is { Length: > 0 } reason ? reason : _stream.FinishReason;
            _stream.Token = candidate.ContinuationToken is { Length: > 0 } checkpoint ? checkpoint : _stream.Token;
            if (_stream.Token is not null && candidate.FinishReason == UnaryContinuation.FinishReason)
            {
                candidate.FinishReason = "";
            }
        }

        foreach (var each in chunk.Candidates)
        {
            each.ClearContinuationToken();
        }
    }

    private bool Continues()
    {
        _usage = _stream.Usage ?? _usage;
        var hasNewToken = _stream.Token is not null && _stream.Token != _token;
        if (_stream.Error is { } error)
        {
            // An immediate rejection by the API itself is final here: the route decides about retries.
            if (caller.IsOver || (error.InnerException is null && !_stream.HasChunk))
            {
                throw error;
            }

            _lastError = error;
        }
        else if (_stream.HasContent || hasNewToken)
        {
            _lastError = null;
        }

        _token = NextToken(hasNewToken);
        if (_token is not null)
        {
            return true;
        }

        var isEnded = _stream.IsBlocked || _stream.FinishReason.Length > 0;
        return _stream.Error is null && (isEnded || _lastError is null) ? false : throw (_stream.Error ?? _lastError)!;
    }

    private string? NextToken(bool hasNewToken)
    {
        if (_stream.IsBlocked || !UnaryContinuation.IsOpen(_stream.FinishReason))
        {
            return null;
        }

        if (hasNewToken)
        {
            _idleStreams = 0;
            return _stream.Token;
        }

        return _stream.FinishReason.Length > 0 || _stream.HasContent || ++_idleStreams > MaxIdleStreams ? null : _token;
    }

    /// <summary>What was seen of a stream: its latest checkpoint and finish reason, the usage including that of the streams before, and its error.</summary>
    private sealed class StreamState
    {
        public string? Token { get; set; }

        public string FinishReason { get; set; } = "";

        public UsageMetadata? Usage { get; set; }

        public ModelException? Error { get; set; }

        public bool HasChunk { get; set; }

        public bool HasContent { get; set; }

        public bool IsBlocked { get; set; }
    }
}
