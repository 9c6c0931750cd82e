using System.Text.Json;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Clusters with a membership table outside Postgres. The other tests of clusters use Postgres.</summary>
public sealed class ProviderTests
{
    private const string ChatGrain = "GenAI.Chats.Grains.ChatGrain";

    public static TheoryData<string, string> Providers
    {
        get
        {
            var providers = new TheoryData<string, string> { { TestCluster.Redis, "Redis" } };
            if (Suite.IsLong)
            {
                providers.Add(TestCluster.AzureTables, "Distributed");
            }

            return providers;
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Kill_OneOfTwoSilos_ChatContinuesOnTheOther(string provider, string directory)
    {
        string[] settings = [$"--Orleans:Directory={directory}", "--Orleans:Dashboard=true"];
        await using var cluster = await TestCluster.CreateAsync(provider);
        var first = await cluster.StartSiloAsync(settings);
        var door = await cluster.StartDoorAsync(settings);
        var name = await Scene.CreateChatAsync(door);
        Assert.Equal(1, await SendAsync(door, name, "first"));
        var second = await cluster.StartSiloAsync(settings);
        await AssertDashboardShowsTheChatAsync(door.Ready!);
        await AssertDashboardShowsTheChatAsync(second.Health);

        await first.KillAsync();

        Assert.Equal(2, await SendAsync(door, name, "second"));
        Assert.Equal(2, await SendAsync(door, await Scene.CreateChatAsync(door), "third", "fourth"));
    }

    /// <summary>Sends one text after the other, and returns the chat's revision then.</summary>
    private static async Task<long> SendAsync(ServerProcess door, string name, params string[] texts)
    {
        var revision = 0L;
        foreach (var text in texts)
        {
            var send = Scene.Send(name, text, words: 3, pauseMilliseconds: 1);
            var sent = await door.Client.SendMessageAsync(send, cancellationToken: TimeLimit.Token);
            Assert.Equal(send.Text, string.Concat(sent.Response.Candidates[0].Content.Parts.Select(part => part.Text)));
            revision = sent.Turn.Revision;
        }

        return revision;
    }

    // The dashboard counts each second at most.
    private static async Task AssertDashboardShowsTheChatAsync(Uri health)
    {
        using var http = new HttpClient();
        var page = await http.GetStringAsync(new Uri(health, "/orleans/"));
        Assert.Contains("<html", page, StringComparison.OrdinalIgnoreCase);
        await TimeLimit.UntilAsync(
            async () =>
            {
                using var counters = JsonDocument.Parse(await http.GetStringAsync(new Uri(health, "/orleans/DashboardCounters")));
                return counters.RootElement.GetProperty("simpleGrainStats").EnumerateArray()
                    .Where(grain => grain.GetProperty("grainType").GetString() == ChatGrain)
                    .Sum(grain => grain.GetProperty("activationCount").GetInt32());
            },
            count => count == 1);
    }
}
