using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Data.Sqlite;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>What steps cost: one commit for many, a few lookups each, and little more than their own bytes.</summary>
public sealed class SqliteCostTests : IDisposable
{
    private static readonly ChatKey Key = Make.Key();

    private readonly SqliteFile _file = new();

    [Theory]
    [InlineData(200, 10, 1, 2)]
    [InlineData(600, 10, 3, 4)]
    [InlineData(20, 1_000_000, 3, 4)]
    public async Task Accept_ManyAtOnce_ShareBoundedCommits(int steps, int length, int minCommits, int maxCommits)
    {
        var trace = new SqliteTrace();
        await using var store = await _file.OpenAsync(opened: trace.Attach);
        await store.CreateAsync(Make.Create(Key));
        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE");
        var before = trace.Commits;
        var text = new string('x', length);

        // They queue up while another process holds the file; the writer may have taken up the first ones.
        var tasks = Enumerable.Range(1, steps).Select(i => store.AcceptAsync(Key, Make.Accept(Make.Queued(i, text: text)))).ToList();
        other.Run("ROLLBACK");
        await Task.WhenAll(tasks);

        Assert.InRange(trace.Commits - before, minCommits, maxCommits);
    }

    [Fact]
    public async Task Turns_OfManyChatsInOneCommit_ShareItsPages()
    {
        const int Chats = 128;
        var trace = new SqliteTrace();
        await using var store = await _file.OpenAsync(opened: trace.Attach);
        var keys = Enumerable.Range(0, Chats).Select(i => Make.Key($"chat-{i}")).ToList();
        await Task.WhenAll(keys.Select(key => store.CreateAsync(Make.Create(key))));

        // So many that a chat's ids would fill a page of their own in an index by chat.
        foreach (var sequence in Enumerable.Range(1, 100))
        {
            await Task.WhenAll(keys.Select(key => store.AcceptAsync(key, Make.Accept(WithLongIds(Make.Ended(sequence, sequence))))));
        }

        using var other = _file.Connect();
        other.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        other.Run("BEGIN IMMEDIATE");
        var tasks = keys.Select(key => store.AcceptAsync(key, Make.Accept(WithLongIds(Make.Running(101))))).ToList();
        other.Run("ROLLBACK");
        await Task.WhenAll(tasks);

        Assert.InRange(new FileInfo(_file.Path + "-wal").Length / other.Number("PRAGMA page_size"), 1, Chats);
    }

    [Fact]
    public async Task EveryStatement_FindsItsRowsByAnIndex()
    {
        var trace = new SqliteTrace { Awaited = "DELETE FROM sweeps" };
        await using (var store = await _file.OpenAsync(opened: trace.Attach))
        {
            await DoEverythingAsync(store);
            await trace.Seen;
        }

        var statements = trace.Statements.Distinct(StringComparer.Ordinal)
            .Where(sql => sql.StartsWith("SELECT", StringComparison.Ordinal) || sql.StartsWith("INSERT", StringComparison.Ordinal)
                || sql.StartsWith("UPDATE", StringComparison.Ordinal) || sql.StartsWith("DELETE", StringComparison.Ordinal))
            .Where(sql => !sql.Contains("deleted_chats", StringComparison.Ordinal)) // A migration drops this table.
            .ToList();
        using var connection = _file.Connect();
        var scans = statements
            .SelectMany(connection.Plan)
            .Where(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.StartsWith("SCAN (", StringComparison.Ordinal))
            .Distinct();

        // All pending turns are looked at for abandoned ones, and all processes at start; of logs to sweep only the first. None grows with
        // the chats.
        Assert.True(statements.Count > 30);
        Assert.Equal(["SCAN owners", "SCAN sweeps", "SCAN t USING COVERING INDEX turns_pending"], scans.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(600)]
    [InlineData(1_400)]
    [InlineData(2_100)]
    [InlineData(4_200)]
    [InlineData(50_000)]
    public async Task Turn_GrowsTheFileByLittleMoreThanItsBytes_HoweverLongTheLog(int length)
    {
        const int Measured = 50;
        await using var store = await _file.OpenAsync();
        await store.CreateAsync(Make.Create(Key));
        using var connection = _file.Connect();
        var (bytes, last) = (0L, length < 10_000 ? 1000 : 200);
        foreach (var from in new[] { 10, last })
        {
            // Turns before do not count, nor how they came about.
            var next = (await store.LoadAsync(Key, CancellationToken.None))!.LastSequence + 1;
            await Task.WhenAll(Range(next, from).Select(i => store.AcceptAsync(Key, Make.Accept(WithLongIds(Make.Ended(i, i))))));
            var before = Size(connection);
            for (var i = from; i < from + Measured; i++)
            {
                bytes = await TurnAsync(store, i, length);
            }

            var growth = (Size(connection) - before) / Measured;
            Assert.InRange(growth, 1, (2 * bytes) + 1024);
        }
    }

    [Fact]
    public async Task Turn_TakesAsManyInstructions_HoweverLongTheLog()
    {
        var trace = new SqliteTrace();
        await using var store = await _file.OpenAsync(opened: trace.Attach);
        await store.CreateAsync(Make.Create(Key));
        var early = await CostAsync(10);
        var late = await CostAsync(2_000);

        Assert.InRange(late, early / 2, early * 1.2);

        async Task<long> CostAsync(int from)
        {
            var next = (await store.LoadAsync(Key, CancellationToken.None))!.LastSequence + 1;
            await Task.WhenAll(Range(next, from).Select(i => store.AcceptAsync(Key, Make.Accept(WithLongIds(Make.Ended(i, i))))));
            var before = trace.Instructions;
            for (var i = from; i < from + 10; i++)
            {
                await TurnAsync(store, i, length: 100);
            }

            // The chat is read when its activation begins, and its pending turns then.
            await store.LoadAsync(Key, CancellationToken.None);
            return trace.Instructions - before;
        }
    }

    [Fact]
    public async Task ForkAndMove_CostAsMuch_HoweverLongTheLog()
    {
        const int Measured = 20;
        var trace = new SqliteTrace();
        await using var store = await _file.OpenAsync(opened: trace.Attach);
        using var connection = _file.Connect();
        var small = await CostAsync("small", 10);
        var large = await CostAsync("large", 5_000);

        Assert.InRange(large.Instructions, 1, small.Instructions * 2);
        Assert.InRange(large.Bytes, 0, 4096);

        async Task<(long Instructions, long Bytes)> CostAsync(string id, int turns)
        {
            var key = Make.Key(id);
            await store.CreateAsync(Make.Create(key));
            foreach (var together in Range(1, turns + 1).Chunk(100))
            {
                await Task.WhenAll(together.Select(i => store.AcceptAsync(key, Make.Accept(WithLongIds(Make.Ended(i, i))))));
            }

            var (instructions, size) = (trace.Instructions, Size(connection));
            for (var i = 1; i <= Measured; i++)
            {
                var fork = Make.Key($"{id}-{i}");
                var chat = Make.Chat(fork) with { Revision = turns, TurnCount = turns, Tree = new ChatTree() };
                await store.ApplyAsync(fork, new ForkStep(chat, key, Make.Incarnation, [new SequenceRange(1, turns)], 1000));
                var tree = new ChatTree { Head = new ChatTree.Types.Head { Sequence = i, Revision = i, LastRevision = turns } };
                var entry = WithLongIds(Make.Ended(turns + i, 0)) with { Input = new TurnInput { Move = new TurnInput.Types.Move { Revision = i } } };
                await store.AcceptAsync(key, Make.Accept(entry) with { Head = Make.Change(turns + i - 1) with { Recorded = false, Moves = true, Tree = tree, TurnCount = i } });
                await store.FindRevisionAsync(key, turns / 2, SequenceRange.All, CancellationToken.None);
            }

            return (trace.Instructions - instructions, (Size(connection) - size) / Measured);
        }
    }

    [Fact]
    public async Task Delete_Chat_GivesItsSpaceBack()
    {
        var trace = new SqliteTrace { Awaited = "DELETE FROM sweeps" };
        await using (var store = await _file.OpenAsync(opened: trace.Attach))
        {
            await store.CreateAsync(Make.Create(Key, pieces: 3, settings: Make.Settings("echo", ("team", "a"))));
            await store.AcceptAsync(Key, Make.Accept(Make.Running(4)));
            await store.KeepProgressAsync(Key, Make.Progress(4));
            await Task.WhenAll(Range(5, 300).Select(i => store.AcceptAsync(Key, Make.Accept(Make.Queued(i)))));

            await store.DeleteAsync(Key);
            await trace.Seen;
        }

        using var connection = _file.Connect();
        foreach (var table in new[] { "chats", "settings", "labels", "turns", "inputs", "outcomes", "progress", "trees", "ranges", "sweeps" })
        {
            Assert.Equal(0, connection.Number($"SELECT count(*) FROM {table}"));
        }
    }

    public void Dispose() => _file.Dispose();

    private static async Task DoEverythingAsync(SqliteChatStore store)
    {
        await store.CreateAsync(Make.Create(Key, pieces: 1, settings: Make.Settings("echo", ("team", "a"), ("env", "b"))));
        await store.UpdateSettingsAsync(Key, 1, Make.Settings("echo", ("team", "b"), ("env", "b")), Make.Time, 0);
        await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
        await store.AcceptAsync(Key, Make.Accept(Make.Ended(2, revision: 1), version: 2));
        await store.AcceptAsync(Key, Make.Accept(Make.Ended(3, revision: 0), version: 2));
        await store.AcceptAsync(
            Key, Make.Accept(Make.Queued(4, Make.Queued(3).RequestId), version: 2) with { Replaces = Make.Queued(3).TurnId });
        await store.StartAsync(Key, Make.Start(4, revision: 1));
        await store.ReleaseAsync(Key, new ReleaseStep(4, "turn-4", 1, Make.Owner));
        await store.StartAsync(Key, Make.Start(4, attempt: 2, revision: 1));
        await store.AbandonedAsync(10);
        await Assert.ThrowsAsync<ChatConflictException>(() => store.EndAsync(Key, Make.End(4, attempt: 2, owner: null, revision: 1)));
        await store.KeepProgressAsync(Key, Make.Progress(4, attempt: 2));
        await store.ReadProgressAsync(Key, 4, CancellationToken.None);
        var end = Make.End(4, attempt: 2, revision: 1);
        await store.EndAsync(Key, end with { HasProgress = true, Head = end.Head with { OpenSequence = 0, Closes = [2] } });
        await store.AcceptAsync(Key, Make.Accept(Make.Queued(5), version: 2));
        await store.EndAsync(Key, Make.End(5, attempt: 0, owner: null, revision: 2, recorded: false));
        await store.LoadAsync(Key, CancellationToken.None);
        await store.FindTurnAsync(Key, "turn-4", CancellationToken.None);
        await store.FindRequestAsync(Key, "request-5", CancellationToken.None);
        await store.ReadLogAsync(Key, new LogRange(1, 2, 100), CancellationToken.None);
        await BranchAsync(store);
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(
            i => store.CreateAsync(Make.Create(Make.Key($"chat-{i}"), settings: Make.Settings("echo", ("env", "b")), maxChats: 5000))));
        foreach (var labels in new[] { new[] { "team" }, ["env"], ["env", "team"], [] })
        {
            var query = new ChatListQuery("default", [.. labels.Select(key => KeyValuePair.Create(key, "b"))], 5, new(Make.After(2000), "a"));
            Assert.NotEmpty((await store.ListAsync(query, CancellationToken.None)).Chats);
        }

        await store.KeepUsageAsync(new UsageStep(Make.Owner, new DateOnly(2026, 3, 1), new Dictionary<string, long> { ["default"] = 1 }));
        await store.ReadUsageAsync("default", new DateOnly(2026, 3, 1), CancellationToken.None);
        await store.SumStoredBytesAsync("default", CancellationToken.None);
        await store.LeaveAsync(Make.Owner);
        await store.DeleteAsync(Key);
    }

    private static async Task BranchAsync(SqliteChatStore store)
    {
        var chat = await TreeChat.CreateAsync(store, Make.Key("tree"), pieces: 1);
        await chat.SendAsync();
        await chat.SendAsync();
        await chat.SendAsync(after: 1);
        await chat.MoveAsync(2);
        var fork = await chat.ForkAsync(2, Make.Key("fork"));
        await fork.SendAsync();
        foreach (var key in new[] { chat.Key, fork.Key })
        {
            await store.FindRevisionAsync(key, 2, SequenceRange.All, CancellationToken.None);
            await store.FindTurnAsync(key, "turn-2", CancellationToken.None);
            await store.ReadInputAsync(key, "turn-2", CancellationToken.None);
            await store.LoadAsync(key, CancellationToken.None);
            await store.ReadLogAsync(key, new LogRange(0, 2, 1000) { NewestFirst = true }, CancellationToken.None);
            await store.ReadLogAsync(key, new LogRange(0, 2, 1000) { Scope = LogScope.Whole }, CancellationToken.None);
        }

        await fork.MoveAsync(1, erase: true);
        await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
        await store.DeleteAsync(fork.Key);
    }

    /// <summary>Takes a turn as the engine does, and returns its bytes.</summary>
    private static async Task<long> TurnAsync(SqliteChatStore store, int sequence, int length)
    {
        var turn = WithLongIds(Make.Running(sequence) with { Input = new TurnInput { Message = Make.Text("user", new string('u', length / 10)) } });
        var end = Make.End(sequence, revision: sequence - 1) with { TurnId = turn.TurnId, Outcome = Make.Outcome(new string('m', length)) };
        await store.AcceptAsync(Key, Make.Accept(turn));
        await store.EndAsync(Key, end);
        return turn.Input.CalculateSize() + end.Outcome.CalculateSize();
    }

    private static TurnRecord WithLongIds(TurnRecord turn) => turn with
    {
        TurnId = "turn-" + Guid.CreateVersion7(),
        RequestId = Guid.CreateVersion7().ToString(),
        RequestHash = new byte[32],
    };

    private static IEnumerable<int> Range(long from, int to) => Enumerable.Range((int)from, Math.Max(0, to - (int)from));

    private static long Size(SqliteConnection connection) =>
        (connection.Number("PRAGMA page_count") - connection.Number("PRAGMA freelist_count")) * connection.Number("PRAGMA page_size");
}
