using GenAI.Chats.TestKit;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>
/// Servers are killed at random instants while clients send with all policies, edit, regenerate, rewind, erase, fork, cancel, set a ttl, delete or let expire, and create again. CHATS_KILLS sets how often, for a run by hand.
/// </summary>
public sealed class MixedKillTests(ITestOutputHelper output)
{
    private const int Chats = 8;
    private const int KillsBetweenAnswers = 4;

    private static readonly int Kills =
        int.TryParse(Environment.GetEnvironmentVariable("CHATS_KILLS"), out var given) ? given : Suite.Pick(2, inLongRuns: 15);

    public static TheoryData<string> Providers => [.. TestStore.OfOneServer];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Kill_WhileTurnsAreStoppedAndChatsDeleted_NothingIsLostDoubledResurrectedOrMixed(string provider)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var scene = await Scene.CreateAsync(provider);
        var server = await scene.StartAsync();
        scene.Open(server);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Chats).Select(i => new MixedClient(scene, $"mixed-{i}", seed + i)).ToList();
        var running = clients.ConvertAll(client => client.RunAsync(stop.Token));

        for (var kill = 0; kill < Kills; kill++)
        {
            if (kill % KillsBetweenAnswers == 0)
            {
                // However slow the machine, clients are answered now and then.
                await Task.WhenAll(clients.Select(client => client.AnsweredAsync()));
            }

            await Task.Delay(random.Next(200, 700));
            scene.Close();
            await server.KillAsync();
            server = await scene.StartAsync();
            scene.Open(server);
        }

        await stop.CancelAsync();
        await Task.WhenAll(running);
        await Scene.IdleAsync(server);
        foreach (var client in clients)
        {
            await client.CheckAsync(server.Client);
        }

        output.WriteLine($"{Kills} kills; {clients.Sum(c => c.Acknowledged)} turns acknowledged, {clients.Sum(c => c.Rewound)} rewinds of which {clients.Sum(c => c.Erased)} erase, {clients.Sum(c => c.Forked)} forks, {clients.Sum(c => c.Deleted)} chats deleted, {clients.Sum(c => c.Expired)} expired");
    }
}
