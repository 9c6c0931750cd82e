using System.Diagnostics.Metrics;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Telemetry;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Api.Watching;
using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Grains;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Messaging;

namespace GenAI.Chats.Api.Tests.Services;

/// <summary>The service over a cluster that is scripted: what a real one does only at the wrong moment.</summary>
public sealed class ChatsServiceTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_CallerGoesWhileTheTurnIsAccepted_TurnIsCancelledIfItAskedForThat(bool stream)
    {
        using var caller = new CancellationTokenSource();
        var accepted = new TaskCompletionSource<AcceptedTurn>();
        var cancelled = false;
        var service = Service(method =>
        {
            switch (method)
            {
                case nameof(IChatGrain.SendAsync):
                    return new ValueTask<AcceptedTurn>(accepted.Task);
                case nameof(IChatGrain.CancelTurnAsync):
                    cancelled = true;
                    return Task.FromResult(new Turn());
                default:
                    return new ValueTask<TurnEvents>(new TaskCompletionSource<TurnEvents>().Task);
            }
        });
        var request = new SendMessageRequest { Name = "chats/a", Text = "hi", OnDisconnect = DisconnectPolicy.Cancel };
        var context = new CallContext(caller.Token);

        var call = stream ? service.SendMessageStream(request, (IServerStreamWriter<byte[]>)null!, context) : service.SendMessage(request, context);
        await caller.CancelAsync();
        accepted.SetResult(new AcceptedTurn("turn", "request"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(cancelled);
    }

    [Theory]
    [InlineData(DisconnectPolicy.Continue, false)]
    [InlineData(DisconnectPolicy.Cancel, true)]
    public async Task SendMessageStream_CallerHasGoneBeforeTheTokenIsCancelled_IsNoDefect(DisconnectPolicy policy, bool cancels)
    {
        var cancelled = false;
        var started = TurnEvents.Of([new TurnEvent { Offset = 1, Started = new Turn() }], ended: false);
        var reads = new Queue<Task<TurnEvents>>([Task.FromResult(started), new TaskCompletionSource<TurnEvents>().Task]);
        var service = Service(method =>
        {
            switch (method)
            {
                case nameof(IChatGrain.SendAsync):
                    return new ValueTask<AcceptedTurn>(new AcceptedTurn("turn", "request"));
                case nameof(IChatGrain.CancelTurnAsync):
                    cancelled = true;
                    return Task.FromResult(new Turn());
                default:
                    return new ValueTask<TurnEvents>(reads.Dequeue());
            }
        });
        using var errors = new ErrorLogs();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(errors));
        using var metrics = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var interceptor = new CallInterceptor(new FrontDoorMetrics(metrics.GetRequiredService<IMeterFactory>()), logs.CreateLogger<CallInterceptor>());
        var request = new SendMessageRequest { Name = "chats/a", Text = "hi", OnDisconnect = policy };

        var failure = await Failure.OfAsync(() => interceptor.ServerStreamingServerHandler(
            request, new ClosedStream(), new CallContext(CancellationToken.None), service.SendMessageStream));

        Assert.Equal(StatusCode.Cancelled, failure.Code);
        Assert.Empty(errors.Take());
        Assert.Equal(cancels, cancelled);
    }

    [Fact]
    public async Task SendMessageStream_CallerReadsNothing_TurnContinuesWithAnyPolicy()
    {
        var cancelled = false;
        var started = TurnEvents.Of([new TurnEvent { Offset = 1, Started = new Turn() }], ended: false);
        var service = Service(method =>
        {
            cancelled |= method == nameof(IChatGrain.CancelTurnAsync);
            return method == nameof(IChatGrain.SendAsync) ? new ValueTask<AcceptedTurn>(new AcceptedTurn("turn", "request", started)) : Task.FromResult(new Turn());
        });
        var request = new SendMessageRequest { Name = "chats/a", Text = "hi", OnDisconnect = DisconnectPolicy.Cancel };
        using var reset = new CancellationTokenSource();
        var stream = new StalledStream();

        var call = service.SendMessageStream(request, stream, new CallContext(reset.Token));
        await stream.Written.InTime();
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);

        // The web server cancels the call's token with the reset.
        await reset.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(1));

        var failure = await Failure.OfAsync(() => call);
        Assert.Equal((StatusCode.Unavailable, "STREAM_STALLED"), (failure.Code, failure.Reason));
        Assert.False(cancelled);
    }

    public static TheoryData<Exception> Transient =>
    [
        new TimeoutException(),
        new OperationCanceledException(),
        new SiloUnavailableException(),
        new GatewayTooBusyException(),
        new ConnectionFailedException("failed"),
        new OrleansException("The silo is shutting down."),
        new ChatConflictException("conflict"),
    ];

    [Theory]
    [MemberData(nameof(Transient))]
    public async Task ListChats_SiloIsGoneForAMoment_IsAskedAgain(Exception failure)
    {
        var calls = 0;
        var listed = new ListChatsResponse { NextPageToken = "next" };
        var service = Service(_ => ++calls == 1
            ? Task.FromException<ListChatsResponse>(failure)
            : Task.FromResult(listed));

        var reply = await service.ListChats(new ListChatsRequest(), new CallContext(CancellationToken.None));

        Assert.Equal((listed, 2), (reply, calls));
    }

    [Fact]
    public async Task ListChats_MessageIsTooLargeForTheCluster_IsNotAskedAgain()
    {
        var calls = 0;
        var service = Service(_ =>
        {
            calls++;
            return Task.FromException<ListChatsResponse>(new InvalidMessageFrameException("Invalid body size"));
        });

        await Assert.ThrowsAsync<InvalidMessageFrameException>(() => service.ListChats(new ListChatsRequest(), new CallContext(CancellationToken.None)));
        Assert.Equal(1, calls);
    }

    private ChatsService Service(Func<string, object> answer)
    {
        var chats = new ChatCaller(ScriptedGrains.Of(answer), TimeProvider.System);
        var turns = new TurnReader(chats, new ServerState(), TimeProvider.System);
        var callers = new CallerWrites(Options.Create(new ApiOptions()), _time);
        var watcher = new ChatWatcher(chats, new ChatFeeds(chats, new ServerState(), _time), new ServerState(), _time);
        return new ChatsService(chats, turns, new TurnFeeds(turns), watcher, callers, new RequestRules(Options.Create(new ChatsOptions()), _time));
    }

    /// <summary>A stream that nobody reads.</summary>
    private sealed class StalledStream : IServerStreamWriter<byte[]>
    {
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public WriteOptions? WriteOptions { get; set; }

        public Task Written => _written.Task;

        public Task WriteAsync(byte[] message) => WriteAsync(message, CancellationToken.None);

        public Task WriteAsync(byte[] message, CancellationToken cancellationToken)
        {
            _written.TrySetResult();
            return new TaskCompletionSource().Task;
        }
    }

    /// <summary>A stream as the web server leaves it for a moment, when its call is over.</summary>
    private sealed class ClosedStream : IServerStreamWriter<byte[]>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(byte[] message) => Task.FromException(new InvalidOperationException("Writing is not allowed."));
    }
}
