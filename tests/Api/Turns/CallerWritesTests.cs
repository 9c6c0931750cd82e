using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>What leaves the server together.</summary>
public sealed class CallerWritesTests
{
    [Theory]
    [InlineData(10, "..!")]
    [InlineData(40_000, ".!!")]
    [InlineData(70_000, "!!!")]
    public async Task SendAsync_MessagesThatAreThereAtOnce_LeaveTogetherUpToABound(int length, string expected)
    {
        var stream = new RecordingStream();
        var message = new TurnEvent { Started = new Turn { TurnId = new string('x', length) } };

        await stream.SendAsync([message, message, message], new CallContext(CancellationToken.None));

        Assert.Equal(expected, stream.Written);
    }

    /// <summary>A dot for a message that may wait for the next, an exclamation mark for one that leaves at once.</summary>
    private sealed class RecordingStream : IServerStreamWriter<TurnEvent>
    {
        public WriteOptions? WriteOptions { get; set; }

        public string Written { get; private set; } = "";

        public Task WriteAsync(TurnEvent message)
        {
            Written += (WriteOptions?.Flags & WriteFlags.BufferHint) == WriteFlags.BufferHint ? '.' : '!';
            return Task.CompletedTask;
        }
    }
}
