using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>Servers are killed while a turn runs tools: what a call did is done once, and what it returned stays.</summary>
public sealed class ToolCrashTests(ITestOutputHelper output)
{
    private const int Rounds = 12;

    private static readonly int Kills = Suite.Pick(2, inLongRuns: 4);

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var provider in TestStore.OfOneServer)
            {
                cases.Add(provider, "book");
                if (Suite.IsLong)
                {
                    cases.Add(provider, "book_once");
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Kill_InAToolLoop_EachCallIsDoneOnceAndTheTurnEnds(string provider, string tool)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var directory = new TestDirectory();
        await using var store = await TestStore.CreateAsync(provider);
        var ledger = Path.Combine(directory.Path, "ledger.txt");
        var server = await StartAsync(store, ledger);
        var send = await CreateAsync(server, tool);
        var copy = new List<TurnEvent>();
        for (var kill = 1; kill <= Kills; kill++)
        {
            // Some results further on, at any instant.
            await ReadAsync(server, send, copy, untilResponses: kill * 2);
            await Task.Delay(random.Next(40));
            await server.KillAsync();
            await server.DisposeAsync();
            server = await StartAsync(store, ledger);
        }

        await ReadAsync(server, send, copy, untilResponses: int.MaxValue);

        var ended = copy[^1].Ended;
        Assert.Equal((Turn.Types.State.Completed, true), (ended.State, ended.Curated));
        var history = await server.Client.GetHistoryAsync(new GetHistoryRequest { Name = send.Name, Curated = true });
        CheckHistory(history.History, ended.TurnId, tool, await File.ReadAllLinesAsync(ledger));
        Assert.Equal(history.History.Skip(1).SelectMany(Parts), copy.Where(e => e.Chunk is not null).SelectMany(e => Parts(e.Chunk.Candidates[0].Content)));
        await server.DisposeAsync();
    }

    private static void CheckHistory(Google.Protobuf.Collections.RepeatedField<Content> history, string turnId, string tool, string[] ledger)
    {
        Assert.Equal((2 * Rounds) + 2, history.Count);
        var outputs = new List<string>();
        for (var round = 1; round <= Rounds; round++)
        {
            Assert.Equal(tool, Assert.Single(history[(2 * round) - 1].Parts).FunctionCall.Name);
            var response = Assert.Single(history[2 * round].Parts).FunctionResponse.Response;
            if (response.Fields.TryGetValue("output", out var id))
            {
                Assert.Equal($"{turnId}.{round}", id.StringValue);
                outputs.Add($"{id.StringValue} tea");
            }
            else
            {
                Assert.Contains("won't be retried", response.Fields["error"].StringValue, StringComparison.Ordinal);
            }
        }

        // One that was cut off may have written its line before.
        Assert.Equal(ledger.Distinct(), ledger);
        Assert.Empty(outputs.Except(ledger));
        Assert.InRange(Rounds - outputs.Count, 0, tool == "book" ? 0 : Kills);
        Assert.InRange(ledger.Length, outputs.Count, Rounds);
    }

    private static IEnumerable<string> Parts(Content content) => content.Parts.Select(part => part.ToString());

    private static async Task<ServerProcess> StartAsync(TestStore store, string ledger)
    {
        string[] settings = [.. store.Settings, .. Times.Hasty, "--Chats:MaxRecoveryAttempts=20", $"--Ledger:Path={ledger}", "--Ledger:Delay=00:00:00.01"];
        return await ServerProcess.GreetedAsync(ServerProcess.LaunchHost(Repository.ToolsAssembly, settings));
    }

    private static async Task<ReadTurnRequest> CreateAsync(ServerProcess server, string tool)
    {
        var config = new GenerateContentConfig
        {
            Tools = { new Tool { FunctionDeclarations = { new FunctionDeclaration { Name = tool } } } },
            Labels =
            {
                ["echo-call"] = $$$"""{"name": "{{{tool}}}", "args": {"what": "tea"}}""",
                ["echo-call-rounds"] = $"{Rounds}",
            },
            AutomaticFunctionCalling = new AutomaticFunctionCallingConfig { MaximumRemoteCalls = Rounds },
        };
        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, Config = config });
        using var stream = server.Client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Text = "Tea, please." });
        return new ReadTurnRequest { Name = chat.Name, TurnId = (await stream.ResponseHeadersAsync).GetValue("turn-id") };
    }

    // Reads on, from whatever server; what an attempt said is void when another one starts.
    private static async Task ReadAsync(ServerProcess server, ReadTurnRequest turn, List<TurnEvent> copy, int untilResponses)
    {
        var request = turn.Clone();
        request.AfterOffset = copy.Count > 0 ? copy[^1].Offset : 0;
        using var stream = server.Client.ReadTurn(request);
        while (copy.Count(IsResponse) < untilResponses && copy.LastOrDefault()?.Ended is null && await stream.ResponseStream.MoveNext(TimeLimit.Token))
        {
            if (stream.ResponseStream.Current.Started is not null)
            {
                copy.Clear();
            }

            copy.Add(stream.ResponseStream.Current);
        }
    }

    private static bool IsResponse(TurnEvent next) => next.Chunk?.Candidates[0].Content.Role == "user";
}
