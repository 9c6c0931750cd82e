using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Tests.Calls.Support;

/// <summary>How a model answers one call.</summary>
internal delegate IAsyncEnumerable<GenerateContentResponse> Answer(CancellationToken cancellationToken);

/// <summary>A model that answers its calls as the test has scripted, one after the other, and keeps what it was asked.</summary>
internal sealed class ScriptedTarget(TimeProvider time) : IChatModel
{
    private readonly Lock _lock = new();
    private readonly Queue<Answer> _answers = [];
    private readonly List<ScriptedTargetCall> _calls = [];
    private readonly Channel<ScriptedTargetCall> _new = Channel.CreateUnbounded<ScriptedTargetCall>();

    /// <summary>Answers calls for which nothing else is scripted.</summary>
    public Answer Otherwise { get; set; } = Answers.Text("ok");

    public IReadOnlyList<ScriptedTargetCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    public void Enqueue(params Answer[] answers)
    {
        lock (_lock)
        {
            Array.ForEach(answers, _answers.Enqueue);
        }
    }

    public async Task<ScriptedTargetCall> NextCallAsync() => await _new.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = new ScriptedTargetCall(request, time.GetUtcNow(), cancellationToken);
        Answer answer;
        lock (_lock)
        {
            _calls.Add(call);
            answer = _answers.TryDequeue(out var next) ? next : Otherwise;
        }

        _new.Writer.TryWrite(call);
        try
        {
            await foreach (var response in answer(cancellationToken).WithCancellation(cancellationToken))
            {
                yield return response;
            }
        }
        finally
        {
            call.SetEnded();
        }
    }
}

/// <summary>A call as the model got it.</summary>
internal sealed class ScriptedTargetCall(ModelRequest request, DateTimeOffset time, CancellationToken token)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelRequest Request { get; } = request;

    public DateTimeOffset Time { get; } = time;

    public CancellationToken Token { get; } = token;

    /// <summary>Completes when the model is done with the call, in whichever way.</summary>
    public Task Ended => _ended.Task.WaitAsync(Patience.Limit);

    public void SetEnded() => _ended.TrySetResult();
}
