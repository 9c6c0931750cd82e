using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.TestKit.Chats;
using Npgsql;

namespace GenAI.Chats.Storage.Tests.Postgres;

/// <summary>Steps of many chats that share a transaction. Each gets an answer of its own.</summary>
public sealed class PostgresGroupTests : IAsyncLifetime
{
    private const int Chats = 8;

    private PostgresDatabase _database = null!;
    private PostgresChatStore _store = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        _store = await _database.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, Chats).Append(100).Append(101).Select(i => _store.CreateAsync(Make.Create(Key(i)))));
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task Steps_WritersAreBusy_ShareATransaction()
    {
        var steps = await QueueAsync("chats", () => [.. Enumerable.Range(0, Chats).Select(i => AcceptAsync(i, 1))]);

        Assert.All(await Task.WhenAll(steps), Assert.Null);
        Assert.Equal(1L, await TransactionsAsync());
        Assert.Equal((long)Chats, await CountAsync("inputs"));
    }

    [Fact]
    public async Task Steps_OneConflicts_TheOthersAreDone()
    {
        await _store.AcceptAsync(Key(5), Make.Accept(Make.Running(1)));
        var steps = await QueueAsync("chats", () => [AcceptAsync(0, 1), AcceptAsync(1, 7), AcceptAsync(2, 1), EndAsync(3), AcceptAsync(4, 1), EndAsync(5)]);

        await Assert.ThrowsAsync<ChatConflictException>(() => steps[1]);
        await Assert.ThrowsAsync<ChatConflictException>(() => steps[3]);
        await Task.WhenAll(steps[0], steps[2], steps[4], steps[5]);
        Assert.Equal([1L, 0L, 1L, 0L, 1L, 1L], await LastAsync(6));
        Assert.Equal(1, (await _store.LoadAsync(Key(5), CancellationToken.None))!.Chat.Revision);
    }

    [Fact]
    public async Task Steps_OneFailsAndOneConflicts_EachIsAnswered()
    {
        await _database.RunAsync("""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN IF NEW.turn_id = 'bad' THEN RAISE EXCEPTION 'test' USING ERRCODE = '53100'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER fail BEFORE INSERT ON turns FOR EACH ROW EXECUTE FUNCTION fail()
            """);

        var steps = await QueueAsync(
            "chats", () => [AcceptAsync(0, 1), AcceptAsync(1, 1, "bad"), AcceptAsync(2, 7), AcceptAsync(3, 1), AcceptAsync(4, 1)]);

        var failure = await Assert.ThrowsAsync<ChatStoreException>(() => steps[1]);
        Assert.Equal("Postgres: the disk of the server is full.", failure.Message);
        await Assert.ThrowsAsync<ChatConflictException>(() => steps[2]);
        await Task.WhenAll(steps[0], steps[3], steps[4]);
        Assert.Equal([1L, 0L, 0L, 1L, 1L], await LastAsync(5));
    }

    [Fact]
    public async Task Steps_RequestIsKnownOrChatIsMissing_EachIsAnswered()
    {
        await AcceptAsync(1, 1);
        var steps = await QueueAsync("chats", () => [AcceptAsync(0, 1), AcceptAsync(1, 1), AcceptAsync(50, 1), AcceptAsync(2, 1)]);

        Assert.Equal([null, 1L, null], [(await steps[0])?.Sequence, (await steps[1])?.Sequence, (await steps[3])?.Sequence]);
        await Assert.ThrowsAsync<ChatConflictException>(() => steps[2]);
    }

    [Fact]
    public async Task Steps_OneChatIsLocked_TheOthersDoNotWait()
    {
        await using var other = await _database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "SELECT * FROM chats WHERE chat_id = 'chat-1' FOR UPDATE");

        var steps = await QueueAsync("inputs", () => [.. Enumerable.Range(0, Chats).Select(i => AcceptAsync(i, 1))]);

        await Task.WhenAll(steps.Where((_, i) => i != 1));
        Assert.False(steps[1].IsCompleted);
        await transaction.RollbackAsync();
        await steps[1];
    }

    [Fact]
    public async Task Steps_OfOneChat_KeepTheirOrder()
    {
        var steps = Enumerable.Range(1, 20).Select(i => AcceptAsync(0, i)).ToList();
        var update = _store.UpdateSettingsAsync(Key(0), 1, Make.Settings("other"), Make.Time, 0);
        var late = AcceptAsync(0, 21);

        Assert.All(await Task.WhenAll(steps), Assert.Null);
        await update;
        await Assert.ThrowsAsync<ChatConflictException>(() => late);
    }

    [Fact]
    public async Task Steps_ConnectionIsLostAtTheCommit_EachFailsAndTheStoreWorksAgain()
    {
        await _database.RunAsync("""
            CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN IF NEW.turn_id = 'lost' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;
            CREATE TRIGGER lose BEFORE INSERT ON turns FOR EACH ROW EXECUTE FUNCTION lose()
            """);

        var steps = await QueueAsync("chats", () => [AcceptAsync(0, 1), AcceptAsync(1, 1, "lost"), AcceptAsync(2, 1), AcceptAsync(3, 1)]);

        // Whether they were done is unknown, so none of them is tried again. Each gets an exception of its own.
        var failures = await Task.WhenAll(steps.Select(step => Assert.ThrowsAsync<ChatStoreException>(() => step)));
        Assert.Equal(steps.Count, failures.Distinct().Count());
        Assert.Equal([0L, 0L, 0L, 0L], await LastAsync(4));
        Assert.All(await Task.WhenAll(Enumerable.Range(0, Chats).Select(i => AcceptAsync(i, 1))), Assert.Null);
    }

    private static ChatKey Key(int chat) => Make.Key($"chat-{chat}");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private Task<TurnRecord?> AcceptAsync(int chat, int sequence, string? turnId = null)
    {
        var turn = Make.Queued(sequence);
        return _store.AcceptAsync(Key(chat), Make.Accept(turnId is null ? turn : turn with { TurnId = turnId }));
    }

    private async Task<TurnRecord?> EndAsync(int chat)
    {
        await _store.EndAsync(Key(chat), Make.End(1));
        return null;
    }

    /// <summary>Queues steps while all writers wait for a lock on a table, so that they are taken together.</summary>
    private async Task<List<Task<TurnRecord?>>> QueueAsync(string table, Func<List<Task<TurnRecord?>>> queue)
    {
        await using var other = await _database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, $"LOCK TABLE {table}");
        Task[] busy = [AcceptAsync(100, 1), AcceptAsync(101, 1)];
        var steps = queue();
        await transaction.RollbackAsync();
        await Task.WhenAll(busy);
        return steps;
    }

    private async Task<long> TransactionsAsync() => (long)(await _database.ScalarAsync(
        "SELECT count(DISTINCT t.xmin::text) FROM turns t JOIN chats c ON c.id = t.chat WHERE c.chat_id NOT IN ('chat-100', 'chat-101')"))!;

    private async Task<long> CountAsync(string table) => (long)(await _database.ScalarAsync(
        $"SELECT count(*) FROM {table} t JOIN chats c ON c.id = t.chat WHERE c.chat_id NOT IN ('chat-100', 'chat-101')"))!;

    private async Task<List<long>> LastAsync(int chats)
    {
        var last = new List<long>();
        for (var i = 0; i < chats; i++)
        {
            last.Add((await _store.LoadAsync(Key(i), CancellationToken.None))!.LastSequence);
        }

        return last;
    }
}
