using System.Diagnostics;
using GenAI.Chats.Client;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Chats that have one short turn after the other, over several front doors, until the load is stopped.</summary>
internal sealed class ClusterLoad : IDisposable
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ChatsClient> _clients;
    private readonly List<Task<Talk>> _talks;
    private int _turns;

    /// <summary>Starts the load.</summary>
    /// <param name="doors">The front doors, which the chats share evenly.</param>
    /// <param name="chats">How many chats there are.</param>
    public ClusterLoad(IEnumerable<ServerProcess> doors, int chats)
    {
        _clients = [.. doors.Select(door => new ChatsClient($"http://{door.Address}"))];
        _talks = [.. Enumerable.Range(0, chats).Select(i => TalkAsync(_clients[i % _clients.Count]))];
    }

    /// <summary>Waits until the chats have had this many turns more. Fails as soon as a turn does.</summary>
    public async Task ProceedAsync(int turns)
    {
        var target = Volatile.Read(ref _turns) + turns;
        await TimeLimit.UntilAsync(
            async () =>
            {
                foreach (var failed in _talks.Where(talk => talk.IsFaulted))
                {
                    await failed;
                }

                return Volatile.Read(ref _turns);
            },
            count => count >= target);
    }

    /// <summary>Stops the load, and checks that each chat's history has the turns that its client saw, once and in order.</summary>
    public async Task<IReadOnlyList<Talk>> StopAsync()
    {
        _done.TrySetResult();
        var talks = await Task.WhenAll(_talks);
        foreach (var talk in talks)
        {
            var history = await talk.Chat.GetHistoryAsync(curated: true);
            Assert.Equal(
                talk.Sent.SelectMany(text => new[] { ("user", text), ("model", text) }),
                history.Select(c => (c.Role, string.Concat(c.Parts.Select(p => p.Text)))));
        }

        Assert.All(talks, talk => Assert.True(talk.Sent.Count > 0, "A chat had no turn."));
        return talks;
    }

    public void Dispose()
    {
        _done.TrySetResult();
        _clients.ForEach(client => client.Dispose());
    }

    // Each turn must succeed at the first try, as a program sees it.
    private async Task<Talk> TalkAsync(ChatsClient client)
    {
        var chat = await client.CreateAsync(Echo.Model, new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "20" } });
        var talk = new Talk(chat);
        while (!_done.Task.IsCompleted)
        {
            var text = $"turn {talk.Sent.Count} of four";
            var clock = Stopwatch.StartNew();
            Assert.Equal(text, (await chat.SendMessageAsync(text)).Text);
            talk.Sent.Add(text);
            talk.Longest = clock.Elapsed > talk.Longest ? clock.Elapsed : talk.Longest;
            Interlocked.Increment(ref _turns);
        }

        return talk;
    }

    /// <summary>What a chat's client saw.</summary>
    internal sealed record Talk(Client.Chat Chat)
    {
        /// <summary>The messages that were sent and answered.</summary>
        public List<string> Sent { get; } = [];

        /// <summary>How long the slowest turn took.</summary>
        public TimeSpan Longest { get; set; }
    }
}
