using System.Diagnostics;
using System.Globalization;
using GenAI.Chats.Client;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.ClientLibrary;

/// <summary>A program that iterates over streams gets each response whole, even if its server is killed every second.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Chats = 10;
    private const int TurnsOfEach = 5;
    private const int Words = 50;
    private const int PauseMilliseconds = 10;
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    // On a slow machine, a call meets many servers that are killed before they answer it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // In this test, a turn loses its server more often than usual.
    private static readonly string[] Settings = [.. Times.Hasty, "--Chats:MaxRecoveryAttempts=100"];

    private static readonly SendOptions Signal = new() { OnTurnRestart = TurnRestartPolicy.Signal };

    private static readonly GenerateContentConfig Slow = new() { Labels = { ["echo-delay-ms"] = PauseMilliseconds.ToString(CultureInfo.InvariantCulture) } };

    private int _ended;

    [LongFact]
    public async Task SendMessageStream_ServerKilledEverySecond_EachTurnsTextIsWhole()
    {
        using var directory = new TestDirectory();
        var server = await ServerProcess.StartAsync(directory.Database, Settings);
        using var client = new ChatsClient(new ChatsClientOptions { Address = new Uri($"http://{server.Address}"), MaxBackoff = TimeSpan.FromMilliseconds(250), CallTimeout = Patience });
        using var done = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var killing = KillAsync(server, directory.Database, done.Token);
        var programs = Enumerable.Range(0, Chats).Select(i => TalkAsync(client, i)).ToList();
        try
        {
            var attempts = await Task.WhenAll(programs);
            output.WriteLine($"{Chats * TurnsOfEach} turns in {clock.Elapsed.TotalSeconds:0} s, {attempts.Sum()} attempts.");
            Assert.True(attempts.Sum() > Chats * TurnsOfEach, "No turn lost its server.");
        }
        finally
        {
            await done.CancelAsync();
            var (kills, last) = await killing;
            await last.DisposeAsync();
            output.WriteLine($"{kills} kills.");
        }
    }

    // Returns the number of attempts of all turns.
    private async Task<int> TalkAsync(ChatsClient client, int number)
    {
        var chat = await client.CreateAsync(Echo.Model, Slow, options: new CreateOptions { ChatId = $"chat-{number}" });
        var attempts = 0;
        for (var turn = 0; turn < TurnsOfEach; turn++)
        {
            var text = TextOf(number, turn);
            var seen = new List<string>();
            TurnChunk? last = null;
            await foreach (var chunk in chat.SendMessageStreamAsync(text, Signal))
            {
                if (chunk.IsRestart)
                {
                    seen.Clear();
                }

                seen.Add(chunk.Text!);
                last = chunk;
            }

            Assert.Equal(text, string.Concat(seen));
            Assert.Equal(Words, seen.Count);
            attempts += last!.Attempt;
            Interlocked.Increment(ref _ended);
        }

        var history = await chat.GetHistoryAsync(curated: true);
        Assert.Equal(
            Enumerable.Range(0, TurnsOfEach).SelectMany(turn => new[] { ("user", TextOf(number, turn)), ("model", TextOf(number, turn)) }),
            history.Select(c => (c.Role, Assert.Single(c.Parts).Text)));
        return attempts;
    }

    private static string TextOf(int chat, int turn) =>
        string.Join(' ', Enumerable.Range(0, Words).Select(word => $"chat{chat}-turn{turn}-word{word}"));

    // Kills the server a second after it started, and starts the next one on the same port and store. If no turn ends in a second, because the machine is slow,
    // it waits for one, so that the test ends.
    private async Task<(int Kills, ServerProcess Last)> KillAsync(ServerProcess server, string database, CancellationToken done)
    {
        var port = server.Address.Split(':')[1];
        for (var kills = 0; ; kills++)
        {
            var ended = _ended;
            try
            {
                await Task.Delay(Life, done);
            }
            catch (OperationCanceledException)
            {
                return (kills, server);
            }

            await TimeLimit.UntilAsync(() => Task.FromResult(_ended), now => now > ended || done.IsCancellationRequested);
            await server.KillAsync();
            await server.DisposeAsync();
            server = await ServerProcess.StartAsync(database, [.. Settings, $"--Api:GrpcPort={port}"]);
        }
    }
}
