using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>The reader of the client that sent a turn, if the turn runs in its process: it reads the turn's events without calls, until they are gone.</summary>
public sealed class TurnReaderTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly EventLog _log = new();
    private readonly ServerState _server = new();
    private readonly Queue<TurnEvents> _calls = new();
    private readonly TurnReader _turns;

    public TurnReaderTests() => _turns = new TurnReader(
        new ChatCaller(ScriptedGrains.Of(_ => new ValueTask<TurnEvents>(_calls.Dequeue())), TimeProvider.System), _server, TimeProvider.System);

    [Fact]
    public async Task Read_TurnRunsHere_GetsTheEventsWithoutCallsAndForgetsThem()
    {
        var forgotten = 0;
        _log.OnForget(() => forgotten++);
        _log.Append(Started);

        await using var reader = Read(new TurnEvents([], Ended: false));
        Assert.Equal((long[])[1], await NextAsync(reader));
        var next = NextAsync(reader);
        Assert.False(next.IsCompleted);
        _log.Append(Ended(2));

        Assert.Equal((long[])[2], await next.WaitAsync(Limit));
        Assert.Equal(0, forgotten);
        Assert.Empty(await NextAsync(reader));
        Assert.Equal(1, forgotten);
    }

    [Fact]
    public async Task Read_SomeEventsWereReady_ContinuesAfterThem()
    {
        _log.Append(Started);
        _log.Append(Ended(2));

        await using var reader = Read(TurnEvents.Of([Started], ended: false));

        Assert.Equal((long[])[1], await NextAsync(reader));
        Assert.Equal((long[])[2], await NextAsync(reader));
        Assert.Empty(await NextAsync(reader));
    }

    [Fact]
    public async Task Read_ActivationEndsDuringTheTurn_AsksTheChat()
    {
        _log.Append(Started);
        _calls.Enqueue(TurnEvents.Of([Ended(2)], ended: true));

        await using var reader = Read(new TurnEvents([], Ended: false));
        Assert.Equal((long[])[1], await NextAsync(reader));
        var next = NextAsync(reader);
        _log.Fail(new ChatConflictException("The activation has ended."));

        Assert.Equal((long[])[2], await next.WaitAsync(Limit));
        Assert.Empty(await NextAsync(reader));
    }

    [Fact]
    public async Task Read_EventsWereDroppedBeforeTheReaderCame_AsksTheChat()
    {
        _log.Append(Started);
        _log.Append(Ended(2));
        _calls.Enqueue(TurnEvents.Of([Ended(2)], ended: true));

        await using var reader = Read(TurnEvents.Of([Started], ended: false));
        Assert.Equal((long[])[1], await NextAsync(reader));
        _log.Drop();

        Assert.Equal((long[])[2], await NextAsync(reader));
    }

    [Fact]
    public async Task Read_ServerStopsDuringTheTurn_AsksTheChat()
    {
        _log.Append(Started);
        _calls.Enqueue(TurnEvents.Of([Ended(2)], ended: true));

        await using var reader = Read(new TurnEvents([], Ended: false));
        Assert.Equal((long[])[1], await NextAsync(reader));
        var next = NextAsync(reader);
        await _server.ReleaseAllAsync();

        Assert.Equal((long[])[2], await next.WaitAsync(Limit));
    }

    [Fact]
    public async Task Read_CallerGoes_Stops()
    {
        using var caller = new CancellationTokenSource();

        await using var reader = Read(new TurnEvents([], Ended: false), caller.Token);
        var next = NextAsync(reader);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Limit));
    }

    public void Dispose() => _server.Dispose();

    private static TurnEvent Started => new() { Offset = 1, Started = new Turn() };

    private static TurnEvent Ended(long offset) => new() { Offset = offset, Ended = new Turn() };

    private IAsyncEnumerator<TurnEvents> Read(TurnEvents ready, CancellationToken cancellationToken = default) =>
        _turns.ReadAsync("default/chat", new AcceptedTurn("turn", "request", ready) { Log = _log }, cancellationToken).GetAsyncEnumerator(cancellationToken);

    // The offsets of the next events. Empty at the end.
    private static async Task<long[]> NextAsync(IAsyncEnumerator<TurnEvents> reader) =>
        await reader.MoveNextAsync() ? [.. reader.Current.Events.Select(next => EventBytes.Offset(next))] : [];
}
