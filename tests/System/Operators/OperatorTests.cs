using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Operators;

/// <summary>An operator's commands, against a server with two tenants.</summary>
public sealed class OperatorTests
{
    private const int Chats = 1_050;

    public static TheoryData<string> Providers => Suite.IsLong ? [SqliteTestStore.Provider, PostgresTestStore.Provider] : [SqliteTestStore.Provider];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task List_ManyChats_PagesThroughAllTenants(string provider)
    {
        await using var scene = await OperatorScene.StartAsync(provider);
        await scene.CreateAsync(scene.Alpha, Chats);
        await scene.CreateAsync(scene.Beta, 20);

        var all = await scene.ListAsync("--limit", "100000");
        Assert.Equal(Chats + 20, all.DistinctBy(static chat => chat.Chat).Count());
        Assert.Equal(all.Count, all.Select(static chat => chat.Chat).Distinct().Count());
        Assert.All(all.Take(Chats), static chat => Assert.StartsWith("alpha/", chat.Chat, StringComparison.Ordinal));
        Assert.All(all.Skip(Chats), static chat => Assert.StartsWith("beta/", chat.Chat, StringComparison.Ordinal));
        Assert.All(all, static chat => Assert.False(chat.Json.GetProperty("chat").TryGetProperty("config", out _)));

        Assert.Equal(20, (await scene.ListAsync("--limit", "100000", "--tenant", "beta")).Count);
        Assert.Empty(await scene.ListAsync("--tenant", "nobody"));
        Assert.Empty(await scene.ListAsync("--older-than", "1h"));
        Assert.Empty(await scene.ListAsync("--state", "busy"));
        Assert.Equal(Chats + 20, (await scene.ListAsync("--limit", "100000", "--state", "idle", "--older-than", "0s")).Count);

        // The pages of tables are those of the list.
        var (code, first, errors) = await scene.RunAsync("list", "--limit", "1045");
        Assert.Equal((0, 1_046), (code, first.Count));
        var token = Assert.Single(errors).Split(' ')[^1];
        var second = await scene.LinesAsync("list", "--page-token", token);
        Assert.Equal(all.Select(static chat => chat.Chat), first.Skip(1).Concat(second.Skip(1)).Select(static line => line.Split(' ')[0]));
        Assert.Contains("INVALID_PAGE_TOKEN", await scene.ErrorAsync(1, "list", "--page-token", token, "--tenant", "alpha"), StringComparison.Ordinal);
        foreach (var unknown in new[] { "nonsense", "-nonsense", "--nonsense", "--non-sense" })
        {
            Assert.Contains("INVALID_PAGE_TOKEN", await scene.ErrorAsync(1, "list", "--page-token", unknown), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task ShowCancelDelete_BusyChats_AreWhatTheirClientsSee(string provider)
    {
        await using var scene = await OperatorScene.StartAsync(provider);
        await scene.CreateAsync(scene.Alpha, 3);
        var (busy, turns) = await scene.CreateBusyAsync(scene.Alpha);
        var (other, otherTurns) = await scene.CreateBusyAsync(scene.Beta);
        Assert.Equal([$"alpha/{busy}", $"beta/{other}"], (await scene.ListAsync("--state", "busy")).Select(static chat => chat.Chat));
        Assert.Equal([$"beta/{other}"], (await scene.ListAsync("--state", "running", "--tenant", "beta")).Select(static chat => chat.Chat));
        Assert.Empty(await scene.ListAsync("--state", "queued"));
        Assert.Empty(await scene.ListAsync("--state", "busy", "--older-than", "1h"));
        Assert.Equal(3, (await scene.ListAsync("--state", "idle")).Count);

        var shown = await scene.LinesAsync("show", $"alpha/{busy}");
        Assert.Contains(shown, static line => line.StartsWith("State:", StringComparison.Ordinal) && line.EndsWith("running", StringComparison.Ordinal));
        var running = Assert.Single(shown, line => line.StartsWith(turns[0], StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(("running", "1", true), (running[1], running[4], running[6].Length > 1));
        Assert.Equal("queued", Assert.Single(shown, line => line.StartsWith(turns[1], StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        Assert.DoesNotContain(shown, static line => line.Contains("secret words", StringComparison.Ordinal));

        // The turns of the chat end as if its client had canceled them.
        Assert.Equal([$"{turns[1]} cancelled", $"{turns[0]} cancelled"], await scene.LinesAsync("cancel", $"alpha/{busy}"));
        foreach (var turn in turns)
        {
            Assert.Equal(Turn.Types.State.Cancelled, (await scene.Client.GetTurnAsync(new GetTurnRequest { Name = $"chats/{busy}", TurnId = turn }, scene.Alpha.Metadata)).State);
        }

        Assert.Empty(await scene.LinesAsync("cancel", $"alpha/{busy}"));
        Assert.Contains((await scene.LinesAsync("show", $"alpha/{busy}")).Select(static line => line.Split(' ')), row => row[0] == turns[0] && row.Contains("cancelled"));
        Assert.Equal([$"{otherTurns[1]} cancelled"], await scene.LinesAsync("cancel", $"beta/{other}", otherTurns[1]));
        Assert.Contains("TURN_NOT_FOUND", await scene.ErrorAsync(1, "cancel", $"alpha/{busy}", otherTurns[1]), StringComparison.Ordinal);

        // Nothing is deleted without a confirmation.
        Assert.Equal("Deletion needs a confirmation. Pass --yes.", await scene.ErrorAsync(1, "delete", $"beta/{other}"));
        Assert.Single(await scene.ListAsync("--state", "running"));
        var (code, lines, errors) = await scene.RunAsync("delete", $"beta/{other}", "--yes");
        Assert.Equal((0, 0, $"Deleted chat 'beta/{other}'."), (code, lines.Count, Assert.Single(errors)));
        var missing = await Assert.ThrowsAsync<RpcException>(() => scene.Client.GetChatAsync(new GetChatRequest { Name = $"chats/{other}" }, scene.Beta.Metadata).ResponseAsync);
        Assert.Equal(StatusCode.NotFound, missing.StatusCode);
        Assert.Contains("CHAT_NOT_FOUND", await scene.ErrorAsync(1, "delete", $"beta/{other}", "--yes"), StringComparison.Ordinal);
        (code, lines, errors) = await scene.RunAsync("delete", $"beta/{other}", "--yes", "--allow-missing");
        Assert.Equal((0, 0, $"Chat 'beta/{other}' doesn't exist."), (code, lines.Count, Assert.Single(errors)));
        Assert.Contains("CHAT_NOT_FOUND", await scene.ErrorAsync(1, "show", $"beta/{other}"), StringComparison.Ordinal);

        // Each call is in the log, with IDs only.
        await scene.LogAsync($"Operator key-of-operator called CancelTenantTurn for tenant alpha, chat {busy}, turn {turns[0]}.");
        await scene.LogAsync($"Operator key-of-operator called DeleteTenantChat for tenant beta, chat {other}, turn (null).");
    }

    [Fact]
    public async Task Keys_OfTenantsAndOperators_GiveNoAccessToTheOther()
    {
        await using var scene = await OperatorScene.StartAsync(SqliteTestStore.Provider);
        foreach (string[] command in new string[][] { ["list"], ["show", "alpha/a"], ["cancel", "alpha/a", "turn"], ["delete", "alpha/a", "--yes"] })
        {
            Assert.Contains("OPERATOR_REQUIRED", await OperatorProgram.ErrorAsync(scene.Address, scene.Alpha.Key, 1, command), StringComparison.Ordinal);
        }

        Assert.Contains("MISSING_CREDENTIALS", await OperatorProgram.ErrorAsync(scene.Address, null, 1, "list"), StringComparison.Ordinal);
        Assert.Contains("INVALID_CREDENTIALS", await OperatorProgram.ErrorAsync(scene.Address, new TestKey("x").Key, 1, "list"), StringComparison.Ordinal);
        var denied = await Assert.ThrowsAsync<RpcException>(() => scene.Client.ListChatsAsync(new ListChatsRequest(), scene.Operator.Metadata).ResponseAsync);
        Assert.Equal(StatusCode.PermissionDenied, denied.StatusCode);
        Assert.Contains("can't call this method", denied.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_TokenInTheEnvironment_IsSentAsABearerToken()
    {
        await using var scene = await OperatorScene.StartAsync(SqliteTestStore.Provider);
        await scene.CreateAsync(scene.Alpha, 1);

        // A server accepts keys in this header, too.
        var environment = new Dictionary<string, string> { ["GENAI_CHATS_ADDRESS"] = scene.Address, ["GENAI_CHATS_ACCESS_TOKEN"] = scene.Operator.Key };
        var lines = await ChildProcess.RunAsync("dotnet", [Repository.ServerAssembly, "chats", "list"], environment);

        Assert.StartsWith("alpha/", Assert.Single(lines.Skip(1)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "Invalid chat 'alpha'. Expected: TENANT/CHAT_ID.", "show", "alpha")]
    [InlineData(2, "Invalid chat 'al pha/x'. Expected: TENANT/CHAT_ID.", "delete", "al pha/x", "--yes")]
    [InlineData(2, "Invalid chat 'a/b/c'. Expected: TENANT/CHAT_ID.", "cancel", "a/b/c")]
    [InlineData(2, "Invalid value 'soon' for option '--older-than'.", "list", "--older-than", "soon")]
    [InlineData(2, "Invalid value '0' for option '--limit'. Expected: a number from 1 to 100000.", "list", "--limit", "0")]
    [InlineData(2, "Invalid value 'a/b' for option '--tenant'.", "list", "--tenant", "a/b")]
    [InlineData(2, "Invalid value 'ftp://x' for option '--address'.", "list", "--address", "ftp://x")]
    [InlineData(2, "Unknown option '--adress'. Did you mean '--address'?", "list", "--adress", "x")]
    [InlineData(2, "Unknown command 'lst'. Did you mean 'list'?", "lst")]
    [InlineData(1, "Can't connect to 127.0.0.1:1: Connection refused.", "list")]
    [InlineData(1, "Can't connect to nowhere.invalid:1: ", "list", "--address", "nowhere.invalid:1")]
    [InlineData(1, "--ca: invalid value '/nowhere'. Expected: a PEM file with certificates.", "list", "--ca", "/nowhere")]
    public async Task Run_Mistake_IsOneLine(int code, string message, params string[] command) =>
        Assert.StartsWith(message, await OperatorProgram.ErrorAsync("127.0.0.1:1", null, code, command), StringComparison.Ordinal);

    [Fact]
    public async Task List_ServerWithoutAuthenticationOnThisMachine_NeedsNoKey()
    {
        await using var store = new SqliteTestStore();
        await using var server = await store.StartServerAsync();
        var name = await Scene.CreateChatAsync(server);

        Assert.Equal($"default/{name["chats/".Length..]}", Assert.Single(await OperatorProgram.ListAsync(server.Address, null)).Chat);
    }

    [Fact]
    public async Task List_ServerWithoutAuthenticationOnAllAddresses_IsRejected()
    {
        await using var store = new SqliteTestStore();
        await using var server = await store.StartServerAsync("--Api:Address=0.0.0.0");

        Assert.Contains("OPERATOR_REQUIRED", await OperatorProgram.ErrorAsync(server.Address, null, 1, "list"), StringComparison.Ordinal);
    }
}
