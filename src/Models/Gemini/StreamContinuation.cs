using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// The streaming continuation protocol. Streams contain tokens as checkpoints. If a stream ends or fails without a final finish reason, the next request
/// continues from the latest checkpoint, unless there were chunks after it, which would be duplicated.
/// </summary>
internal sealed class StreamContinuation(GeminiCaller caller)
{
    /// <summary>The maximum number of consecutive streams without content.</summary>
    private const int MaxIdleStreams = 3;

    private string? _token;
    private int _idleStreams;
    private UsageMetadata? _usage;
    private ModelException? _lastError;

    /// <summary>Returns the chunks of all streams.</summary>
    public async IAsyncEnumerable<GenerateContentResponse> ReadAsync()
    {
        bool continues;
        do
        {
            var stream = new ContinuedStream(caller, _token, _usage);
            await using (stream.ConfigureAwait(false))
            {
                while (await stream.ReadAsync().ConfigureAwait(false) is { } chunk)
                {
                    yield return chunk;
                }
            }

            continues = Continues(stream);
        }
        while (continues);
    }

    private bool Continues(ContinuedStream stream)
    {
        _usage = stream.Usage;
        if (stream.Error is { } error)
        {
            // An immediate rejection is final here: the route decides about retries.
            if (caller.IsOver || stream.WasRefused)
            {
                throw error;
            }

            _lastError = error;
        }
        else if (stream.HasContent || stream.HasNewToken)
        {
            _lastError = null;
        }

        _token = NextToken(stream);
        if (_token is not null)
        {
            return true;
        }

        return stream.Error is null && (stream.IsEnded || _lastError is null) ? false : throw (stream.Error ?? _lastError)!;
    }

    private string? NextToken(ContinuedStream stream)
    {
        if (stream.IsBlocked || !UnaryContinuation.IsOpen(stream.FinishReason))
        {
            return null;
        }

        if (stream.HasNewToken)
        {
            _idleStreams = 0;
            return stream.Token;
        }

        return stream.FinishReason.Length > 0 || stream.HasContent || ++_idleStreams > MaxIdleStreams ? null : stream.FirstToken;
    }
}
