using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GenAI.Chats.Models;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.V1;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>A model that says what the test tells it to, when the test tells it to.</summary>
internal sealed class ScriptedModel : IChatModel, IChatModels
{
    /// <summary>The names that it takes; no other model is known.</summary>
    public const string Name = "scripted";
    public const string OtherName = "scripted-2";

    private readonly Channel<ScriptedCall> _calls = Channel.CreateUnbounded<ScriptedCall>();

    /// <summary>Set: each call is answered with this at once, and not given to <see cref="NextCallAsync"/>.</summary>
    public Func<ModelRequest, IEnumerable<GenerateContentResponse>>? Answer { get; set; }

    /// <summary>Whether calls read the history. Those that do not are like a model that needs none.</summary>
    public bool ReadsHistory { get; set; } = true;

    /// <summary>Whether calls go on when they are cancelled.</summary>
    public bool IgnoresCancellation { get; set; }

    /// <summary>How often the model was called.</summary>
    public int Calls => _count;

    private int _count;

    /// <summary>Waits for the next call.</summary>
    public async Task<ScriptedCall> NextCallAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    public bool TryResolve(string name, [NotNullWhen(true)] out IChatModel? model)
    {
        model = name is Name or OtherName ? this : null;
        return model is not null;
    }

    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        if (Answer is { } answer)
        {
            foreach (var response in answer(request))
            {
                yield return response;
            }

            yield break;
        }

        var history = ReadsHistory ? await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false) : [];
        var call = new ScriptedCall(request, [.. history, .. request.Contents], cancellationToken);
        _calls.Writer.TryWrite(call);
        await foreach (var response in call.Responses.WithCancellation(IgnoresCancellation ? CancellationToken.None : cancellationToken).ConfigureAwait(false))
        {
            yield return response;
        }
    }
}

/// <summary>One call of the model.</summary>
internal sealed class ScriptedCall
{
    private readonly Channel<GenerateContentResponse> _responses = Channel.CreateUnbounded<GenerateContentResponse>();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ScriptedCall(ModelRequest request, IReadOnlyList<Content> sent, CancellationToken stop)
    {
        Request = request;
        Sent = Messages.Line(sent);
        stop.Register(() => _stopped.TrySetResult());
    }

    public ModelRequest Request { get; }

    /// <summary>The history and the turn's message, as <see cref="Messages.Line(IEnumerable{Content})"/> writes them.</summary>
    public string Sent { get; }

    /// <summary>Completes when the call is to stop.</summary>
    public Task Stopped => _stopped.Task.WaitAsync(Patience.Limit);

    public IAsyncEnumerable<GenerateContentResponse> Responses => _responses.Reader.ReadAllAsync(CancellationToken.None);

    public void Say(GenerateContentResponse response) => _responses.Writer.TryWrite(response);

    public void Say(string text) => Say(Messages.Chunk(text));

    /// <summary>The answer is over.</summary>
    public void End() => _responses.Writer.TryComplete();

    /// <summary>The last text, with a finish reason.</summary>
    public void Finish(string text)
    {
        Say(Messages.Chunk(text, "STOP"));
        End();
    }

    public void Fail(Exception failure) => _responses.Writer.TryComplete(failure);
}
