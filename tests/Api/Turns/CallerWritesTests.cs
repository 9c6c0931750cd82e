using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.TestKit;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>What leaves the server together, and what becomes of callers who take nothing.</summary>
public sealed class CallerWritesTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(10, "..!")]
    [InlineData(40_000, ".!!")]
    [InlineData(70_000, "!!!")]
    public async Task SendAsync_MessagesThatAreThereAtOnce_LeaveTogetherUpToABound(int length, string expected)
    {
        var stream = new RecordingStream();
        var message = new byte[length];

        await Writes().SendAsync(stream, [message, message, message], new CallContext(CancellationToken.None));

        Assert.Equal(expected, stream.Written);
    }

    [Fact]
    public async Task SendAsync_CallerReadsNothing_EndsUnavailable()
    {
        var stream = new RecordingStream { Taken = new TaskCompletionSource() };

        var send = Writes().SendAsync(stream, [[1], [2]], new CallContext(CancellationToken.None));
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(send.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        var failure = await Failure.OfAsync(() => send);
        Assert.Equal((StatusCode.Unavailable, "STREAM_STALLED"), (failure.Code, failure.Reason));
        Assert.Single(stream.Written);
    }

    [Fact]
    public async Task SendAsync_CallerReadsEachMessageLate_Continues()
    {
        var stream = new RecordingStream { Taken = new TaskCompletionSource() };

        var send = Writes().SendAsync(stream, [[1], [2], [3]], new CallContext(CancellationToken.None));
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(29));
            await stream.TakeAsync();
        }

        await send.InTime();
        Assert.Equal(3, stream.Written.Length);
    }

    private CallerWrites Writes() => new(Options.Create(new ApiOptions()), _time);

    /// <summary>A dot for a message that may wait for the next, an exclamation mark for one that leaves at once.</summary>
    private sealed class RecordingStream : IServerStreamWriter<byte[]>
    {
        private TaskCompletionSource _next = new();

        public WriteOptions? WriteOptions { get; set; }

        public string Written { get; private set; } = "";

        /// <summary>Completes when the message was taken; null: at once.</summary>
        public TaskCompletionSource? Taken { get; set; }

        /// <summary>Waits for a message, and takes it.</summary>
        public async Task TakeAsync()
        {
            await _next.Task.InTime();
            _next = new TaskCompletionSource();
            var taken = Taken!;
            Taken = new TaskCompletionSource();
            taken.SetResult();
        }

        public Task WriteAsync(byte[] message)
        {
            Written += (WriteOptions?.Flags & WriteFlags.BufferHint) == WriteFlags.BufferHint ? '.' : '!';
            _next.TrySetResult();
            return Taken?.Task ?? Task.CompletedTask;
        }
    }
}
