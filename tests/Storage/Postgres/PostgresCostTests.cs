using System.Globalization;
using System.Text.RegularExpressions;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.Postgres;

namespace GenAI.Chats.Storage.Tests.Postgres;

/// <summary>What steps cost, however much is stored: a few lookups each, and little more than their own bytes.</summary>
public sealed partial class PostgresCostTests : IAsyncLifetime
{
    private const int ManyRows = 20_000;
    private const int Rounds = 8;

    private static readonly string[] Tables = ["chats", "settings", "labels", "turns", "inputs", "outcomes", "progress", "trees", "ranges", "sweeps"];
    private static readonly ChatKey Key = Make.Key();

    private PostgresServer _server = null!;
    private PostgresDatabase _database = null!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _database = await PostgresDatabase.CreateAsync(_server);
    }

    public Task DisposeAsync()
    {
        _database.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task EveryStatement_AmongManyRows_ReadsFewByAnIndex()
    {
        const string Explain = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0";
        await using (await _database.OpenAsync())
        {
            await SeedAsync();
        }

        var before = await RowsReadAsync();
        await using (var store = await _database.OpenAsync($"Application Name={_database.Schema};Options={Explain}"))
        {
            await DoEverythingAsync(store);
        }

        // What a session read is known once it has ended.
        await _database.RunAsync($"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = '{_database.Schema}'");
        var after = await RowsReadAsync();

        // Processes are looked at at start, and the version; their number is not the chats'.
        var scans = _server.Log.Select(line => Scan().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).Distinct();
        Assert.Equal(["chats_schema", "owners"], scans.Order(StringComparer.Ordinal));

        // To find out that a label is no rare one takes 1,000 rows: twice in each round. No table was read through once.
        Assert.All(after, table => Assert.InRange(table.Value - before[table.Key], 0, table.Key == "labels" ? (Rounds * 2_000) + 2_000 : 2_000));
        Assert.All(Tables.Except(["trees", "ranges", "sweeps"]), table => Assert.NotEqual(before[table], after[table]));
    }

    [Theory]
    [InlineData(20)]
    [LongInlineData(1_400)]
    [InlineData(4_200)]
    [LongInlineData(50_000)]
    public async Task Turn_GrowsTheDatabaseByLittleMoreThanItsBytes_HoweverLongTheLog(int length)
    {
        const int Measured = 200;
        await using var store = await _database.OpenAsync();
        await store.CreateAsync(Make.Create(Key));
        await _database.RunAsync(string.Concat(Tables.Select(table => $"ALTER TABLE {table} SET (autovacuum_enabled = off);")));

        // Not from the start: a table's first pages do not count, nor what the server needs once to find room in them.
        foreach (var first in new[] { 500, 5_000 })
        {
            await AppendAsync(Key.ChatId, first - 1);
            await _database.RunAsync($"UPDATE chats SET revision = {first - 1}");
            var before = await SizeAsync();
            var bytes = 0L;
            for (var i = first; i < first + Measured; i++)
            {
                bytes += await TurnAsync(store, i, length);
            }

            // What a turn's rows were before stays for as long as another transaction of the server might look at it.
            Assert.InRange((await SizeAsync() - before) / Measured, 1, (2 * bytes / Measured) + 2048);
        }
    }

    [Fact]
    public async Task Delete_Chat_LeavesNothingBehind()
    {
        await using (var store = await _database.OpenAsync())
        {
            await store.CreateAsync(Make.Create(Key, pieces: 3, settings: Make.Settings("echo", ("team", "a"))));
            await AppendAsync(Key.ChatId, 300);
            await store.AcceptAsync(Key, Make.Accept(Make.Running(301)));
            await store.KeepProgressAsync(Key, Make.Progress(301));
            await _database.RunAsync("""
                CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('swept', ''); RETURN NULL; END $$;
                CREATE TRIGGER tell AFTER DELETE ON sweeps FOR EACH ROW EXECUTE FUNCTION tell()
                """);
            await using var listener = await _database.ConnectAsync();
            await using var listen = listener.CreateCommand();
            listen.CommandText = "LISTEN swept";
            await listen.ExecuteNonQueryAsync();

            Assert.True(await store.DeleteAsync(Key));
            await listener.WaitAsync();
        }

        foreach (var table in Tables)
        {
            Assert.Equal(0L, await _database.ScalarAsync($"SELECT count(*) FROM {table}"));
        }
    }

    [GeneratedRegex(@"Seq Scan on (?!pg_)(\w+)")]
    private static partial Regex Scan();

    private static async Task DoEverythingAsync(PostgresChatStore store)
    {
        var last = (await store.LoadAsync(Key, CancellationToken.None))!.LastSequence;
        Assert.Equal(ManyRows, last);
        for (var i = 1; i <= Rounds; i++)
        {
            // Often enough that plans are made once and for all.
            await StepAsync(store, last, i);
            await ReadAsync(store, last + i);
        }

        var key = Make.Key("new");
        await store.CreateAsync(Make.Create(key, pieces: 2, maxChats: 2 * ManyRows, settings: Make.Settings("echo", ("team", "b"), ("env", "b"))));
        await store.CreateAsync(Make.Create(key));
        await store.DeleteAsync(key);
        await BranchAsync(store);
        await store.LeaveAsync(Make.Owner);
    }

    private static async Task StepAsync(PostgresChatStore store, long last, int i)
    {
        var (sequence, revision) = (last + i, i - 1);
        await store.UpdateSettingsAsync(Key, i, Make.Settings("echo", ("team", "b"), ("env", "b")), Make.Time, 0);
        await store.HeartbeatAsync(Make.Owner, TimeSpan.FromMinutes(1));
        await store.AcceptAsync(Key, Make.Accept(Make.Queued(sequence), version: i + 1));
        await store.AcceptAsync(Key, Make.Accept(Make.Queued(sequence), version: i + 1));
        await store.StartAsync(Key, Make.Start(sequence, revision: revision));
        await store.ReleaseAsync(Key, new ReleaseStep(sequence, Make.Queued(sequence).TurnId, 1, Make.Owner));
        await store.AbandonedAsync(10);
        await store.StartAsync(Key, Make.Start(sequence, attempt: 2, revision: revision));
        await Assert.ThrowsAsync<ChatConflictException>(() => store.EndAsync(Key, Make.End(sequence, attempt: 2, owner: null, revision: revision)));
        await store.KeepProgressAsync(Key, Make.Progress(sequence, attempt: 2));
        await store.ReadProgressAsync(Key, sequence, CancellationToken.None);
        var end = Make.End(sequence, attempt: 2, revision: revision);
        await store.EndAsync(Key, end with { HasProgress = true, Head = end.Head with { OpenSequence = 0, Closes = [sequence - 1] } });
    }

    private static async Task ReadAsync(PostgresChatStore store, long sequence)
    {
        await store.LoadAsync(Key, CancellationToken.None);
        Assert.NotNull(await store.FindTurnAsync(Key, Make.Queued(sequence).TurnId, CancellationToken.None));
        Assert.NotNull(await store.FindRequestAsync(Key, Make.Queued(sequence).RequestId, CancellationToken.None));
        Assert.Equal(3, (await store.ReadLogAsync(Key, new LogRange(ManyRows / 2, 3, long.MaxValue), CancellationToken.None))!.Turns.Count);
        foreach (var labels in new[] { new[] { "team" }, ["env", "team"], [] })
        {
            var query = new ChatListQuery("default", [.. labels.Select(key => KeyValuePair.Create(key, "b"))], 5, new(Make.After(2000), "a"));
            Assert.NotEmpty((await store.ListAsync(query, CancellationToken.None)).Chats);
        }

        // Many have the label, so that the first page is found by going from the newest.
        Assert.Equal(5, (await store.ListAsync(new ChatListQuery("default", [new("env", "b")], 5, null), CancellationToken.None)).Chats.Count);
    }

    private static async Task BranchAsync(PostgresChatStore store)
    {
        for (var i = 1; i <= Rounds; i++)
        {
            var chat = Make.Chat(Make.Key($"fork-{i}")) with { Revision = 1, TurnCount = 1, Tree = new ChatTree() };
            await store.ApplyAsync(chat.Key, new ForkStep(chat, Key, "", [new SequenceRange(1, ManyRows / 2)], 2 * ManyRows));
            var entry = Make.Ended((ManyRows / 2) + 1, revision: 0) with { Input = new TurnInput { Move = new TurnInput.Types.Move() } };
            var tree = new ChatTree { Head = new ChatTree.Types.Head { Sequence = 2, Revision = 1, LastRevision = 1 } };
            await store.AcceptAsync(chat.Key, Make.Accept(entry) with
            {
                Head = Make.Change(1) with { Recorded = false, Moves = true, Tree = tree, TurnCount = 1, Keeps = [new SequenceRange(1, 2), new SequenceRange(5, 9)] },
            });
            Assert.NotNull(await store.FindTurnAsync(chat.Key, "seed-turn-7", CancellationToken.None));
            Assert.NotNull(await store.ReadInputAsync(chat.Key, "seed-turn-7", CancellationToken.None));
            Assert.NotNull(await store.FindRevisionAsync(chat.Key, 1, SequenceRange.All, CancellationToken.None));
            var range = new LogRange(0, 4, long.MaxValue) { Scope = LogScope.Branches, NewestFirst = true };
            Assert.Equal([9L, 8L, 7L, 6L], (await store.ReadLogAsync(chat.Key, range, CancellationToken.None))!.Turns.Select(turn => turn.Sequence));
            await store.DeleteAsync(chat.Key);
        }
    }

    /// <summary>Takes a turn as the engine does, and returns its bytes.</summary>
    private static async Task<long> TurnAsync(PostgresChatStore store, int sequence, int length)
    {
        var turn = Make.Running(sequence) with
        {
            TurnId = "turn-" + Guid.NewGuid(),
            RequestId = Guid.NewGuid().ToString(),
            RequestHash = new byte[32],
            Input = new TurnInput { Message = Make.Text("user", Noise(length / 10)) },
        };
        var end = Make.End(sequence, revision: sequence - 1) with { TurnId = turn.TurnId, Outcome = Make.Outcome(Noise(length)) };
        await store.AcceptAsync(Key, Make.Accept(turn));
        await store.EndAsync(Key, end);
        return turn.Input.CalculateSize() + end.Outcome.CalculateSize();

        // Nothing that could be compressed.
        static string Noise(int length) => Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(length * 3 / 4));
    }

    /// <summary>Many chats with a turn each, and one with as many turns.</summary>
    private async Task SeedAsync()
    {
        await _database.RunAsync($"""
            INSERT INTO chats (tenant, chat_id, version, revision, turn_count, history_bytes, create_time, update_time, create_request_id, create_request_hash)
            SELECT 'default', CASE i WHEN {ManyRows} THEN 'chat' ELSE 'seed-' || i END, 1, 0, 0, 0, i, i, '', '' FROM generate_series(1, {ManyRows}) i;
            INSERT INTO settings SELECT id, '', NULL FROM chats;
            INSERT INTO labels SELECT 'default', 'env', 'b', id FROM chats;
            INSERT INTO labels SELECT 'default', 'team', 'b', id FROM chats WHERE id % 1000 = 0;
            INSERT INTO tenants VALUES ('default', {ManyRows});
            """);
        await AppendAsync("seed-%", 1);
        await AppendAsync(Key.ChatId, ManyRows);
        await _database.RunAsync("ANALYZE chats, settings, labels, turns, inputs, outcomes, tenants");
        await _database.RunAsync("SELECT pg_stat_force_next_flush()");
    }

    /// <summary>Gives chats ended turns.</summary>
    private Task AppendAsync(string chats, int turns) => _database.RunAsync($"""
        INSERT INTO turns SELECT c.id, i, 'seed-turn-' || i, 'seed-request-' || i, '', 3, 1, 0, NULL, 1, true, 0, 0, 0
            FROM chats c, generate_series((SELECT coalesce(max(sequence), 0) + 1 FROM turns WHERE chat = c.id), {turns}) i WHERE c.chat_id LIKE '{chats}';
        INSERT INTO inputs SELECT chat, sequence, '' FROM turns ON CONFLICT DO NOTHING;
        INSERT INTO outcomes SELECT chat, sequence, '' FROM turns ON CONFLICT DO NOTHING
        """);

    private async Task<Dictionary<string, long>> RowsReadAsync()
    {
        var rows = await _database.ColumnAsync($"""
            SELECT t.relname || ' ' || greatest(t.seq_tup_read + t.idx_tup_fetch,
                (SELECT sum(i.idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relid = t.relid))
            FROM pg_stat_user_tables t WHERE t.schemaname = '{_database.Schema}' AND t.idx_tup_fetch IS NOT NULL
            """);
        return rows.Select(row => row.Split(' ')).ToDictionary(row => row[0], row => long.Parse(row[1], CultureInfo.InvariantCulture));
    }

    private async Task<long> SizeAsync() => (long)(decimal)(await _database.ScalarAsync(
        $"SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = '{_database.Schema}'::regnamespace AND relkind = 'r'"))!;
}
