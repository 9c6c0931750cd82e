using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// The continuation protocol, streaming. Tokens come along the stream as checkpoints; where a stream ends or breaks without a final
/// reason, the next request goes on from the latest one. What was given after that checkpoint would come twice, so then there is no going on.
/// </summary>
internal sealed class StreamContinuation(GeminiCaller caller)
{
    /// <summary>How many streams in a row may bring nothing.</summary>
    private const int MaxIdleStreams = 3;

    private string? _token;
    private int _idleStreams;
    private UsageMetadata? _usage;
    private ModelException? _lastError;

    /// <summary>Gives the chunks of all streams as those of one.</summary>
    public async IAsyncEnumerable<GenerateContentResponse> ReadAsync()
    {
        bool goesOn;
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

            goesOn = GoesOn(stream);
        }
        while (goesOn);
    }

    private bool GoesOn(ContinuedStream stream)
    {
        _usage = stream.Usage;
        if (stream.Error is { } error)
        {
            // What the API says at once is an answer: asking again is the business of whoever retries.
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
