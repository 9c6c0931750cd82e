using System.Diagnostics;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Watching;

/// <summary>A watch goes on after the last event that the client has, whatever has become of its server.</summary>
public sealed class WatchTests(ITestOutputHelper output)
{
    public static TheoryData<string> Providers => [.. TestStore.OfOneServer];

    public static TheoryData<string> ServersProviders => [.. TestStore.OfServers];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Kill_WhileATurnRuns_WatchGoesOnWithTheNextServer(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var server = await scene.StartAsync();
        var name = await Scene.CreateChatAsync(server);
        var copy = new ChatCopy(name);
        await copy.ReadAsync(server.Client, c => c.Chat is not null);
        await server.Client.SendMessageAsync(Scene.Send(name, "first", words: 3, pauseMilliseconds: 1));
        using var sent = server.Client.SendMessageStream(Scene.Send(name, "struck", words: 4, pauseMilliseconds: 300));
        await sent.ResponseHeadersAsync;
        using var queued = server.Client.SendMessageStream(Scene.Send(name, "queued", words: 2, pauseMilliseconds: 1));
        await queued.ResponseHeadersAsync;
        await copy.ReadAsync(server.Client, c => c.Turns is [_, { Copy.Chunks: > 0 }, _]);
        var cut = copy.ReadToFailureAsync(server.Client);

        await server.KillAsync();

        await cut;
        server = await scene.StartAsync();
        await copy.ReadAsync(server.Client, c => c.HasEndedAt(3));
        Assert.Equal([1, 2, 1], copy.Turns.Select(turn => turn.Copy.Attempt));
        await copy.CheckAsync(server.Client);

        // After that: other branches, and a server that knows the chat from the store only.
        await server.Client.RewindChatAsync(new RewindChatRequest { Name = name, Revision = 1 });
        await server.Client.SendMessageAsync(Scene.Send(name, "branch", words: 2, pauseMilliseconds: 1));
        var edit = Scene.Send(name, "edit", words: 2, pauseMilliseconds: 1);
        edit.AfterRevision = 2;
        await server.Client.SendMessageAsync(edit);
        await server.KillAsync();
        server = await scene.StartAsync();
        await copy.ReadAsync(server.Client, c => c.HasEndedAt(6) && c.Turns.Count == 5);
        Assert.Equal((6L, 6L, 3L), (copy.Chat!.Revision, copy.Chat.HeadRevision, copy.Chat.TurnCount));
        await copy.CheckAsync(server.Client);
    }

    [Theory]
    [MemberData(nameof(ServersProviders))]
    public async Task AnotherServer_OfTheSameStore_TellsTheSame(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var (runs, other) = (await scene.StartAsync(), await scene.StartAsync());
        var name = await Scene.CreateChatAsync(runs);
        var (near, far, changing) = (new ChatCopy(name), new ChatCopy(name), new ChatCopy(name));

        // A watch tells of turns from its beginning on.
        await Task.WhenAll(near.ReadAsync(runs.Client, HasChat), far.ReadAsync(other.Client, HasChat), changing.ReadAsync(other.Client, HasChat));
        var watches = new[] { near.ReadAsync(runs.Client, c => c.HasEndedAt(4)), far.ReadAsync(other.Client, c => c.HasEndedAt(4)) };
        for (var i = 1; i <= 4; i++)
        {
            // The one that changes reads a little here, and a little there.
            var reader = changing.ReadAsync((i % 2 == 0 ? runs : other).Client, c => c.HasEndedAt(i));
            await (i % 2 == 0 ? runs : other).Client.SendMessageAsync(Scene.Send(name, $"send-{i}", words: 5, pauseMilliseconds: 50));
            await reader;
        }

        await Task.WhenAll(watches);
        foreach (var copy in new[] { near, far, changing })
        {
            await copy.CheckAsync(other.Client);
        }
    }

    [LongTheory]
    [MemberData(nameof(ServersProviders))]
    public async Task Freeze_WhileATurnRuns_WatchGoesOnElsewhereAndTheThawedServerTellsNothingOld(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var (frozen, other) = (await scene.StartAsync(), await scene.StartAsync());
        var name = await Scene.CreateChatAsync(frozen);
        var (stays, moves) = (new ChatCopy(name), new ChatCopy(name));
        using var sent = frozen.Client.SendMessageStream(Scene.Send(name, "send", words: 4, pauseMilliseconds: 1000));
        await sent.ResponseHeadersAsync;
        await moves.ReadAsync(frozen.Client, c => c.Turns is [{ Copy.Chunks: > 0 }]);
        var watches = new TaskCompletionSource();
        var staying = stays.ReadAsync(frozen.Client, c =>
        {
            if (c.Turns is [{ Copy.Chunks: > 0 }])
            {
                watches.TrySetResult();
            }

            return c.HasEndedAt(2) && c.Turns.Count == 2;
        });
        await watches.Task.WaitAsync(TimeLimit.Token);
        await scene.Store.FreezeAsync(frozen);

        await moves.ReadAsync(other.Client, c => c.HasEndedAt(1));
        Assert.Equal(2, Assert.Single(moves.Turns).Copy.Attempt);
        await other.Client.SendMessageAsync(Scene.Send(name, "next", words: 1, pauseMilliseconds: 1));
        await frozen.SignalAsync("CONT");

        await staying;
        await stays.CheckAsync(frozen.Client);
        await moves.ReadAsync(frozen.Client, c => c.HasEndedAt(2) && c.Turns.Count == 2);
        await moves.CheckAsync(frozen.Client);
    }

    [Fact]
    public async Task Resume_ManyTurnsLater_TellsThemAll()
    {
        var turns = Suite.Pick(300, 10_000);
        await using var scene = await Scene.CreateAsync(SqliteTestStore.Provider);
        var server = await scene.StartAsync();
        var name = await Scene.CreateChatAsync(server);
        var copy = new ChatCopy(name);
        await copy.ReadAsync(server.Client, c => c.Chat is not null);
        for (var i = 0; i < turns; i += 10)
        {
            await Task.WhenAll(Enumerable.Range(i, 9).Select(j => server.Client.RecordHistoryAsync(new RecordHistoryRequest
            {
                Name = name,
                UserInput = Content("user", $"u{j}"),
                ModelOutput = { Content("model", $"m{j}") },
                IsValid = true,
            }).ResponseAsync));
            await server.Client.SendMessageAsync(Scene.Send(name, $"send-{i}", words: 2, pauseMilliseconds: 0));
        }

        await server.KillAsync();
        server = await scene.StartAsync();
        var clock = Stopwatch.StartNew();
        await copy.ReadAsync(server.Client, c => c.Turns.Count == turns && c.HasEndedAt(turns));
        output.WriteLine($"{turns} turns in {clock.Elapsed}");

        Assert.Equal(Enumerable.Range(1, turns).Select(i => (long)i), copy.Turns.Select(turn => turn.Copy.Ended!.Revision));
        Assert.Equal(turns, copy.Chat!.Revision);
        await copy.ReadAsync(server.Client, c => c.Chat!.Revision == turns);
        await server.Client.DeleteChatAsync(new DeleteChatRequest { Name = name });
        await copy.ReadAsync(server.Client, _ => false);
        Assert.True(copy.IsDeleted);
    }

    private static Content Content(string role, string text) => new() { Role = role, Parts = { new Part { Text = text } } };

    private static bool HasChat(ChatCopy copy) => copy.Chat is not null;
}
