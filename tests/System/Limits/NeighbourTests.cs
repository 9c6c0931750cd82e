using System.Collections.Concurrent;
using System.Diagnostics;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Core;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Limits;

/// <summary>Times are compared here, with those of the same minute on the same machine: nothing else runs beside.</summary>
[CollectionDefinition(nameof(NeighbourTests), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Two tenants of one server, one of which sends a hundred times as much as it may.</summary>
[Collection(nameof(NeighbourTests))]
public sealed class NeighbourTests(ITestOutputHelper output)
{
    private const int Limit = 300;
    private const int Overload = 100;
    private const int Senders = 10;
    private const int QuietChats = 2;

    // A machine that does something else for a moment spoils one window, not their median; one that does for longer, one round.
    private const int Windows = 5;
    private const int Rounds = 4;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private volatile bool _isLoud;

    [LongFact]
    public async Task Tenant_AHundredTimesItsLimit_OthersP99StaysWithinTwice()
    {
        using var directory = new TestDirectory();
        var (quiet, loud) = (new TestKey("quiet"), new TestKey("loud"));
        await using var server = await ServerProcess.StartAsync(
            directory.Database, ["--Authentication:Schemes=ApiKeys", .. quiet.Settings(0), .. loud.Settings(1), $"--Limits:Tenants:loud:TurnsPerMinute={Limit}"]);
        var quietChats = await CreateAsync(server, quiet, QuietChats);
        var loudChats = await CreateAsync(server, loud, Senders);
        using var stop = new CancellationTokenSource();
        var (sent, refusals) = (0, new ConcurrentDictionary<string, int>());
        var senders = loudChats.Select((chat, i) => SendAsync(i, Heavy(chat))).ToArray();
        var clock = Stopwatch.StartNew();

        // The turns of a minute that a tenant may send at once are behind it then.
        _isLoud = true;
        await MeasureAsync(server, quiet, quietChats);

        var ratio = double.PositiveInfinity;
        for (var round = 0; round < Rounds && ratio > 2; round++)
        {
            var (alone, beside) = (new List<double>(), new List<double>());
            for (var window = 0; window < Windows; window++)
            {
                _isLoud = false;
                alone.Add(await MeasureAsync(server, quiet, quietChats));
                _isLoud = true;
                beside.Add(await MeasureAsync(server, quiet, quietChats));
            }

            ratio = Median(beside) / Median(alone);
            output.WriteLine($"p99 in ms: {Median(alone):0.0} alone, {Median(beside):0.0} beside {Overload} times the limit, {ratio:0.00} times as long");
        }

        await stop.CancelAsync();
        await Task.WhenAll(senders);
        output.WriteLine($"{sent} sent in {clock.Elapsed}; refused: {string.Join(", ", refusals.Select(r => $"{r.Value} {r.Key}"))}");
        Assert.InRange(ratio, 0, 2);
        Assert.Equal(["TENANT_TURNS_PER_MINUTE"], refusals.Keys);
        Assert.True(refusals.Values.Sum() > sent / 2);
        var turns = 0L;
        foreach (var chat in loudChats)
        {
            turns += (await server.Client.GetChatAsync(new GetChatRequest { Name = chat }, loud.Metadata)).TurnCount;
        }

        Assert.Equal(sent - refusals.Values.Sum(), turns);
        Assert.InRange(turns, 1, Limit * (1 + clock.Elapsed.TotalMinutes));

        // Half of the sends may be retries, which are looked up.
        async Task SendAsync(int sender, SendMessageRequest request)
        {
            var next = Stopwatch.GetTimestamp();
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                next += Stopwatch.Frequency * 60 * Senders / (Limit * Overload);
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), next) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait);
                }

                if (!_isLoud)
                {
                    next = Stopwatch.GetTimestamp();
                    continue;
                }

                Interlocked.Increment(ref sent);
                request.RequestId = i % 2 == 0 ? "" : $"{sender}-{i}";
                try
                {
                    await server.Client.SendMessageAsync(request, loud.Metadata, cancellationToken: TimeLimit.Token);
                }
                catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
                {
                    refusals.AddOrUpdate(Failures.Reason(refused), 1, (_, count) => count + 1);
                }
            }
        }
    }

    // The 99th percentile of a window's turns, in ms.
    private static async Task<double> MeasureAsync(ServerProcess server, TestKey key, string[] chats)
    {
        var start = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(chats.Select(async chat =>
        {
            var own = new List<double>();
            while (Stopwatch.GetElapsedTime(start) < Window)
            {
                var before = Stopwatch.GetTimestamp();
                await server.Client.SendMessageAsync(new() { Name = chat, Text = Echo.Text }, key.Metadata, cancellationToken: TimeLimit.Token);
                own.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
                await Task.Delay(Pause);
            }

            return own;
        }));
        var all = times.SelectMany(own => own).Order().ToList();
        return all[(int)((all.Count - 1) * 0.99)];
    }

    private static async Task<string[]> CreateAsync(ServerProcess server, TestKey key, int count)
    {
        var names = new string[count];
        for (var i = 0; i < count; i++)
        {
            names[i] = (await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model }, key.Metadata)).Name;
        }

        return names;
    }

    // Little to send, and much to do: without its limit the tenant would keep the server busy.
    private static SendMessageRequest Heavy(string chat) =>
        new() { Name = chat, Text = Echo.Text, Config = new GenerateContentConfig { Labels = { ["echo-repeat"] = "300" } } };

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
