using GenAI.Chats.Models.Responses;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// An answer whose first content has come, or that has ended without any. Up to here nothing of it has reached the caller, and it may be
/// dropped for another try; from here on it is the turn's answer.
/// </summary>
internal sealed class OpenAnswer : IAsyncDisposable
{
    private readonly StallWatch _watch;
    private readonly AbandonableSequence<GenerateContentResponse> _responses;
    private readonly Queue<GenerateContentResponse> _held = [];
    private readonly List<IDisposable> _owned = [];
    private readonly HalfPairs _halves = new();
    private readonly bool _isStream;
    private bool _ended;
    private bool _hasContent;
    private bool _hasStopped;

    private OpenAnswer(
        IChatModel model, ModelRequest request, CallTimeoutOptions timeouts, TimeProvider time, CancellationToken cancellationToken)
    {
        _isStream = request.Stream;
        _watch = new StallWatch(timeouts, _isStream, time, cancellationToken);
        _responses = new(model.GenerateAsync(request with { OnActivity = _watch.Touch }, _watch.Token), onContext: false, _watch.Token);
    }

    /// <summary>Whether the model said STOP, and nothing else.</summary>
    public bool IsEmptyStop => _hasStopped && !_hasContent;

    /// <summary>The tokens that an answer without content took, as far as the model told.</summary>
    public int HeldTokens => _held.LastOrDefault(response => response.UsageMetadata is not null)?.UsageMetadata.TotalTokenCount ?? 0;

    /// <summary>Calls a model and waits for its first content.</summary>
    /// <exception cref="ModelException">The call failed before.</exception>
    public static async ValueTask<OpenAnswer> OpenAsync(
        IChatModel model, ModelRequest request, CallTimeoutOptions timeouts, TimeProvider time, CancellationToken cancellationToken)
    {
        var answer = new OpenAnswer(model, request, timeouts, time, cancellationToken);
        try
        {
            while (!answer._hasContent && await answer.TakeAsync().ConfigureAwait(false) is { } response)
            {
                answer._held.Enqueue(response);
                answer._hasContent = AnswerContent.HasContent(response);
                answer._hasStopped |= AnswerContent.IsStop(response);
            }

            return answer;
        }
        catch
        {
            await answer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The next response; null at the end.</summary>
    public ValueTask<GenerateContentResponse?> ReadAsync() =>
        _held.TryDequeue(out var response) ? ValueTask.FromResult<GenerateContentResponse?>(response) : TakeAsync();

    /// <summary>Gives the answer what it is to release when it is done.</summary>
    public void Own(IDisposable resource) => _owned.Add(resource);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _responses.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _watch.Dispose();
            _owned.ForEach(static resource => resource.Dispose());
        }
    }

    private async ValueTask<GenerateContentResponse?> TakeAsync()
    {
        _ended = _ended || !await _watch.MoveNextAsync(_responses).ConfigureAwait(false);
        if (_ended)
        {
            return null;
        }

        _halves.Mend(_responses.Current, isWhole: !_isStream);
        return _responses.Current;
    }
}
