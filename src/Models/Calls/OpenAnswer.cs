using GenAI.Chats.Models.Responses;
using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// A response that has its first content, or ended without content. Until then, the caller has seen nothing of it, so it can be
/// dropped for another attempt. From then on, it is the turn's response.
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

    /// <summary>Gets whether the model said STOP and nothing else.</summary>
    public bool IsEmptyStop => _hasStopped && !_hasContent;

    /// <summary>Gets the token count of a response without content, if the model sent it.</summary>
    public int HeldTokens => _held.LastOrDefault(response => response.UsageMetadata is not null)?.UsageMetadata.TotalTokenCount ?? 0;

    /// <summary>Calls a model and waits for the first content.</summary>
    /// <exception cref="ModelException">The call failed before its first content.</exception>
    public static async ValueTask<OpenAnswer> OpenAsync(
        IChatModel model, ModelRequest request, CallTimeoutOptions timeouts, TimeProvider time, CancellationToken cancellationToken)
    {
        var answer = new OpenAnswer(model, request, timeouts, time, cancellationToken);
        try
        {
            while (!answer._hasContent && await answer.TakeAsync().ConfigureAwait(false) is { } response)
            {
                answer._held.Enqueue(response);
                answer._hasContent = response.Candidates.Any(candidate => candidate.Content?.Parts.Any(IsContent) == true);
                answer._hasStopped |= response.Candidates is [{ FinishReason: "STOP" }, ..];
            }

            return answer;
        }
        catch
        {
            await answer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Returns the next response, or null at the end.</summary>
    public ValueTask<GenerateContentResponse?> ReadAsync() =>
        _held.TryDequeue(out var response) ? ValueTask.FromResult<GenerateContentResponse?>(response) : TakeAsync();

    /// <summary>Adds a resource that is disposed with the response.</summary>
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

        _halves.Fix(_responses.Current, isWhole: !_isStream);
        return _responses.Current;
    }

    // A call, media, a signature, or non-empty text.
    private static bool IsContent(Part part) =>
        part.HasThoughtSignature
        || part.Extra is { Fields.Count: > 0 }
        || part.DataCase switch
        {
            Part.DataOneofCase.None => false,
            Part.DataOneofCase.Text => part.Text.Length > 0,
            _ => true,
        };
}
