using System.Text;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>What is left in the file of turns that no chat has.</summary>
public sealed class SqliteErasureTests : IDisposable
{
    private const string Text = "the text of the message";

    private static readonly string[] Tables =
        ["chats", "settings", "labels", "turns", "inputs", "outcomes", "progress", "trees", "ranges", "sweeps"];

    private static readonly ChatKey Key = Make.Key();
    private static readonly ChatKey ForkKey = Make.Key("fork");

    private readonly SqliteFile _file = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Delete_ForksOfForks_FreesTurnsWithTheLastOneThatHasThem()
    {
        await using var store = await _file.OpenAsync(_time);
        var chat = await LongChatAsync(store);
        var fork = await chat.ForkAsync(chat.Revision - 10, ForkKey);
        await fork.SendAsync();
        var other = await fork.ForkAsync(chat.Revision - 20, Make.Key("other"));
        await other.SendAsync();

        await store.DeleteAsync(Key);
        await SweepAsync(store);
        Assert.Equal(fork.LastSequence + 1, Count("turns"));
        await store.DeleteAsync(fork.Key);
        await SweepAsync(store);
        Assert.Equal(other.LastSequence, Count("turns"));
        Assert.Equal(other.LastSequence, Count("inputs"));
        await other.CheckAsync([.. Enumerable.Range(1, (int)other.Revision).Select(revision => (long)revision)]);
        await store.DeleteAsync(other.Key);
        await SweepAsync(store);

        Assert.All(Tables, table => Assert.Equal(0, Count(table)));
    }

    [Fact]
    public async Task Erase_TurnsThatAForkHas_FreesThemWithTheFork()
    {
        await using var store = await _file.OpenAsync(_time);
        var chat = await LongChatAsync(store);
        var all = chat.LastSequence;
        var fork = await chat.ForkAsync(chat.Revision - 10, ForkKey);

        await chat.MoveAsync(5, erase: true);
        await SweepAsync(store);
        Assert.Equal((all + 1, fork.LastSequence + 1), (Count("turns"), Count("outcomes")));
        await store.DeleteAsync(ForkKey);
        await SweepAsync(store);
        Assert.Equal((all + 1, chat.SequenceOf(5) + 1), (Count("turns"), Count("outcomes")));
        await chat.CheckAsync(1, 2, 3, 4, 5);
        await store.DeleteAsync(Key);
        await SweepAsync(store);

        Assert.All(Tables, table => Assert.Equal(0, Count(table)));
    }

    [Fact]
    public async Task Expire_Chats_FreesThemInBatches()
    {
        await using var store = await _file.OpenAsync(_time);
        await Task.WhenAll(Enumerable.Range(0, 250).Select(i => store.CreateAsync(Make.Create(Make.Key($"chat-{i}"), pieces: 1))));
        await store.AcceptAsync(Make.Key("chat-7"), Make.Accept(Make.Queued(2)));
        _time.Advance(TimeSpan.FromDays(31));

        await SweepAsync(store);

        Assert.Equal((1, 2), (Count("chats"), Count("turns")));
        Assert.Null(await store.CreateAsync(Make.Create(Make.Key("new"), maxChats: 2)));
    }

    [Fact]
    public async Task Erase_Turns_LeavesNoBytes()
    {
        await using var store = await _file.OpenAsync(_time);
        var chat = await TreeChat.CreateAsync(store, Key);
        await chat.SendAsync();
        await AddAsync(store, 2, 5_000);
        await AddAsync(store, 3, 10);
        Assert.Contains(Text, Content(), StringComparison.Ordinal);

        var entry = Make.Ended(4, 0) with { Input = new TurnInput { Move = new TurnInput.Types.Move { Revision = 1, Erase = true } } };
        var tree = new ChatTree { Head = new ChatTree.Types.Head { Sequence = 1, Revision = 1, LastRevision = 1 } };
        await store.AcceptAsync(Key, Make.Accept(entry) with
        {
            Head = Make.Change(3) with { Recorded = false, Moves = true, Tree = tree, TurnCount = 1, Keeps = [new SequenceRange(1, 1)] },
        });
        await SweepAsync(store);

        Assert.DoesNotContain(Text, Content(), StringComparison.Ordinal);
        Assert.Contains("answer 1", Content(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_ChatThatAForkSharesTurnsWith_LeavesTheirBytesAlone()
    {
        await using var store = await _file.OpenAsync(_time);
        await store.CreateAsync(Make.Create(Key, settings: Make.Settings("echo", ("label", "label of the chat"))));
        await AddAsync(store, 1, 5_000);
        var chat = Make.Chat(ForkKey) with { Revision = 1, TurnCount = 1, Tree = new ChatTree() };
        await store.ApplyAsync(ForkKey, new ForkStep(chat, Key, Make.Incarnation, [new SequenceRange(1, 1)], 10));

        await store.DeleteAsync(Key);
        await SweepAsync(store);
        Assert.Contains(Text, Content(), StringComparison.Ordinal);
        Assert.DoesNotContain("label of the chat", Content(), StringComparison.Ordinal);
        await store.DeleteAsync(ForkKey);
        await SweepAsync(store);

        Assert.DoesNotContain(Text, Content(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Erase_WhileAReaderSeesAnEarlierInstant_LeavesNoBytesAfterIt()
    {
        await using var store = await _file.OpenAsync(_time);
        await store.CreateAsync(Make.Create(Key));
        await AddAsync(store, 1, 5_000);
        using (var reader = _file.Connect())
        {
            reader.Run("BEGIN");
            Assert.Equal(1, reader.Number("SELECT count(*) FROM turns"));
            await store.DeleteAsync(Key);
            await SweepAsync(store);
            Assert.Contains(Text, Content(), StringComparison.Ordinal);
            reader.Run("COMMIT");
        }

        await SweepAsync(store);

        Assert.DoesNotContain(Text, Content(), StringComparison.Ordinal);
    }

    public void Dispose() => _file.Dispose();

    // More turns than are removed at once.
    private static async Task<TreeChat> LongChatAsync(SqliteChatStore store)
    {
        var chat = await TreeChat.CreateAsync(store, Key, pieces: 1);
        for (var i = 0; i < 150; i++)
        {
            await chat.SendAsync();
        }

        return chat;
    }

    private static async Task AddAsync(SqliteChatStore store, int sequence, int length)
    {
        var turn = Make.Ended(sequence, sequence) with { Input = new TurnInput { Message = Make.Text("user", Text + new string('x', length)) } };
        Assert.Null(await store.AcceptAsync(Key, Make.Accept(turn)));
    }

    // Each heartbeat is a commit, after which the writer removes a part. The heartbeat after the last part removes the bytes in the write-ahead log.
    private async Task SweepAsync(SqliteChatStore store)
    {
        do
        {
            await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
            await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
        }
        while (Count("sweeps") > 0);

        await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
        await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
    }

    private long Count(string table)
    {
        using var connection = _file.Connect();
        return connection.Number($"SELECT count(*) FROM {table}");
    }

    private string Content() => string.Concat(new[] { _file.Path, _file.Path + "-wal" }.Select(path =>
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return Encoding.Latin1.GetString(content.ToArray());
    }));
}
