using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests;

/// <summary>SIGTERM ends the server cleanly, whatever it is doing.</summary>
public sealed class StopTests
{
    [LongFact]
    public async Task Sigterm_Idle_EndsWithZero()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });

        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task Sigterm_TurnThatEndsInTime_IsReadToItsEnd()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        var name = (await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model })).Name;
        using var stream = server.Client.SendMessageStream(Echo.Slow(name, 100));
        await Echo.NextAsync(stream);

        var exit = server.TerminateAsync();
        var events = await Echo.AllAsync(stream);

        Assert.Equal(Echo.Words, Echo.WordsOf(events));
        Assert.Equal(Turn.Types.State.Completed, events[^1].Ended.State);
        Assert.Equal(0, await exit);
    }

    [LongFact]
    public async Task Sigterm_TurnThatOutlastsTheDrain_IsLeftToTheNextServer()
    {
        using var directory = new TestDirectory();
        Turn started;
        string name;
        await using (var server = await ServerProcess.StartAsync(directory.Database, "--Chats:DrainTimeout=00:00:00.5"))
        {
            name = (await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model })).Name;

            // So slow that it would outlast the test.
            using var stream = server.Client.SendMessageStream(Slow(name));
            started = (await Echo.NextAsync(stream)).Started;
            var exit = server.TerminateAsync();

            var cut = await Assert.ThrowsAsync<RpcException>(() => Echo.AllAsync(stream));
            Assert.Equal(StatusCode.Unavailable, cut.StatusCode);
            Assert.Equal(0, await exit);
        }

        await using var again = await ServerProcess.StartAsync(directory.Database);

        // The next server has it at once: the last one gave it up, and did not merely vanish.
        using var rerun = again.Client.ReadTurn(new ReadTurnRequest { Name = name, TurnId = started.TurnId, AfterOffset = 1 });
        Assert.Equal(2, (await Echo.NextAsync(rerun)).Started.Attempt);
        var cancelled = await again.Client.CancelTurnAsync(new CancelTurnRequest { Name = name, TurnId = started.TurnId });
        Assert.Equal(Turn.Types.State.Cancelled, cancelled.State);
    }

    private static SendMessageRequest Slow(string name) => Echo.Slow(name, pauseMilliseconds: 600_000);
}
