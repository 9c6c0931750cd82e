using System.Diagnostics;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>What a killed server leaves behind ends by itself, in the time that is promised.</summary>
public sealed class RecoveryTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Providers => [.. TestStore.OfOneServer];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Kill_DefaultTimes_TurnsHaveEndedWithin30SecondsWithoutAClient(string provider)
    {
        await using var store = await TestStore.CreateAsync(provider);
        var sends = new List<SendMessageRequest>();
        await using (var server = await store.StartServerAsync())
        {
            for (var i = 0; i < 5; i++)
            {
                sends.Add(Scene.Send(await Scene.CreateChatAsync(server), $"send-{i}", words: 4, pauseMilliseconds: 200));
                using var stream = server.Client.SendMessageStream(sends[i]);
                await Echo.NextAsync(stream);

                // Another waits behind it.
                using var queued = server.Client.SendMessageStream(Scene.Send(sends[i].Name, "queued", words: 1, pauseMilliseconds: 1));
                await queued.ResponseHeadersAsync;
            }

            await server.KillAsync();
        }

        await using var next = await store.StartServerAsync();
        var recovery = Stopwatch.StartNew();
        var idle = await Scene.IdleAsync(next);
        output.WriteLine($"Recovered after {recovery.Elapsed}.");

        Assert.True(recovery.Elapsed < Promised, $"It took {recovery.Elapsed}.");
        Assert.All(idle.Chats, chat => Assert.Equal((2, 2), (chat.TurnCount, chat.Revision)));
        foreach (var send in sends)
        {
            var history = await ChatChecker.HistoryAsync(next.Client, send.Name, curated: true);
            Assert.Equal([("user", send.Text), ("model", send.Text), ("user", "queued.1"), ("model", "queued.1")], history);
        }
    }
}
