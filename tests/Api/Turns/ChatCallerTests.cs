using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.TestKit;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Calls of a front door whose silos come and go. Calls that are lost are not answered: Orleans lets them wait for their time limit.</summary>
public sealed class ChatCallerTests : IDisposable
{
    private static readonly TurnEvents Answer = new([], Ended: true);

    private readonly ManualTimeProvider _time = new();
    private readonly Queue<TaskCompletionSource<TurnEvents>> _unanswered = new();
    private readonly SemaphoreSlim _calls = new(0);
    private readonly ClusterConnection _cluster;
    private readonly ChatCaller _chats;

    public ChatCallerTests()
    {
        var host = new HostApplicationBuilder().Build();
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        _cluster = new ClusterConnection(() => throw new InvalidOperationException(), lifetime, _time, NullLogger<ClusterConnection>.Instance);
        ((Microsoft.Extensions.Hosting.Internal.ApplicationLifetime)lifetime).NotifyStarted();
        _chats = new ChatCaller(ScriptedGrains.Of(_ => new ValueTask<TurnEvents>(CallAsync())), _time, _cluster);
        Connected(2, before: 0);
    }

    [Fact]
    public async Task Call_SilosConnectionIsLost_IsMadeAgain()
    {
        var call = ReadAsync();
        await NextAsync();

        Connected(1, before: 2);
        var again = await NextAsync();
        again.SetResult(Answer);

        Assert.Equal(Answer, await call);
    }

    [Fact]
    public async Task Call_AnotherSilosConnectionIsLost_TheAnswerThatComesCounts()
    {
        var call = ReadAsync();
        var first = await NextAsync();

        Connected(1, before: 2);
        first.SetResult(Answer);

        Assert.Equal(Answer, await call);
        Assert.Equal(0, _calls.CurrentCount);
    }

    [Fact]
    public async Task Call_CallerGoesAfterALoss_IsNotMadeAgain()
    {
        using var gone = new CancellationTokenSource();
        var call = ReadAsync(gone.Token);
        await NextAsync();

        Connected(1, before: 2);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(0, _calls.CurrentCount);
    }

    [Fact]
    public async Task Call_ASiloIsConnected_WaitsOn()
    {
        var call = ReadAsync();
        var first = await NextAsync();

        Connected(3, before: 2);
        _time.Advance(TimeSpan.FromSeconds(5));
        first.SetResult(Answer);

        Assert.Equal(Answer, await call);
        Assert.Equal(0, _calls.CurrentCount);
    }

    [Fact]
    public async Task Call_ServerWasSuspended_IsMadeAgain()
    {
        var call = ReadAsync();
        var first = await NextAsync();

        _time.Advance(TimeSpan.FromMinutes(10));
        first.SetException(new TimeoutException());
        (await NextAsync()).SetException(new ChatConflictException("The turn that ran here is another server's now."));
        (await NextAsync()).SetResult(Answer);

        Assert.Equal(Answer, await call);
    }

    [Fact]
    public async Task Call_FailsForLong_Unavailable()
    {
        var start = _time.GetTimestamp();
        var call = ReadAsync();
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            var answer = await NextAsync();
            _time.Advance(TimeSpan.FromSeconds(10));
            answer.SetException(new TimeoutException());
        }

        var failure = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.InRange(_time.GetElapsedTime(start), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(21));
    }

    [Fact]
    public async Task Call_GrainDirectoryFails_IsMadeAgain()
    {
        var call = ReadAsync();

        (await NextAsync()).SetException(new OrleansException("Lookup failed."));
        (await NextAsync()).SetException(new OperationCanceledException("The message expired before placement could complete."));
        (await NextAsync()).SetResult(Answer);

        Assert.Equal(Answer, await call);
    }

    public void Dispose()
    {
        _calls.Dispose();
        _cluster.Dispose();
    }

    private Task<TurnEvents> ReadAsync(CancellationToken cancellationToken = default) =>
        _chats.CallAsync("default/chat", chat => chat.ReadTurnAsync("turn", 0), cancellationToken).AsTask();

    private void Connected(int gateways, int before) =>
        ((IClusterConnectionStatusObserver)_cluster).NotifyGatewayCountChanged(gateways, before, connectionRecovered: false);

    private Task<TurnEvents> CallAsync()
    {
        var answer = new TaskCompletionSource<TurnEvents>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_unanswered)
        {
            _unanswered.Enqueue(answer);
        }

        _calls.Release();
        return answer.Task;
    }

    // The next call. Until it is made, time moves to each timer that the caller sets, and no further.
    private async Task<TaskCompletionSource<TurnEvents>> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var made = _calls.WaitAsync(limit.Token);
        while (!made.IsCompleted)
        {
            var timer = _time.WaitForTimerAsync(within: TimeSpan.FromSeconds(1), limit.Token);
            if (await Task.WhenAny(made, timer) == timer)
            {
                _time.Advance(await timer);
            }
        }

        await made;
        await limit.CancelAsync();
        lock (_unanswered)
        {
            return _unanswered.Dequeue();
        }
    }
}
