using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Data.Sqlite;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>Faults of the disk and of neighbours are the store's exception, and pass.</summary>
public sealed class SqliteFailureTests : IDisposable
{
    private static readonly ChatKey Key = Make.Key();

    private readonly SqliteFile _file = new();
    private volatile int _maxPages = int.MaxValue - 1;

    [Fact]
    public async Task Accept_DiskIsFull_ThrowsAndWorksAgainOnceThereIsSpace()
    {
        _maxPages = 60;
        await using var store = await _file.OpenAsync(opened: LimitPages);
        await store.CreateAsync(Make.Create(Key));
        var turns = 0;
        ChatStoreException? exception = null;
        while (exception is null && turns < 100)
        {
            exception = await Record.ExceptionAsync(() => store.AcceptAsync(Key, Make.Accept(Big(turns + 1)))) as ChatStoreException;
            turns += exception is null ? 1 : 0;
        }

        Assert.Equal("The disk is full.", exception?.Message);
        Assert.Equal(turns, (await store.LoadAsync(Key, CancellationToken.None))!.LastSequence);
        await Assert.ThrowsAsync<ChatStoreException>(() => store.AcceptAsync(Key, Make.Accept(Big(turns + 1))));
        _maxPages = int.MaxValue - 1;

        Assert.Null(await store.AcceptAsync(Key, Make.Accept(Big(turns + 1))));
        Assert.Equal(turns + 1, (await store.LoadAsync(Key, CancellationToken.None))!.LastSequence);
    }

    [Fact]
    public async Task Accept_OneStepOfABatchCannotBeDone_TheOthersAre()
    {
        _maxPages = 100;
        await using var store = await _file.OpenAsync(opened: LimitPages);
        ChatKey[] keys = [Make.Key("a"), Make.Key("b"), Make.Key("c"), Make.Key("d")];
        foreach (var key in keys)
        {
            await store.CreateAsync(Make.Create(key));
        }

        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE");
        var steps = keys.Select(key => store.AcceptAsync(
            key, Make.Accept(Make.Queued(1, text: key.ChatId == "c" ? new string('x', 1_000_000) : "small")))).ToList();
        other.Run("ROLLBACK");

        await Assert.ThrowsAsync<ChatStoreException>(() => steps[2]);
        Assert.Null(await steps[0]);
        Assert.Null(await steps[1]);
        Assert.Null(await steps[3]);
        Assert.Equal(0, (await store.LoadAsync(keys[2], CancellationToken.None))!.LastSequence);
    }

    [Fact]
    public async Task Accept_RefusedStepInABatch_IsRefusedAlone()
    {
        await using var store = await _file.OpenAsync();
        await store.CreateAsync(Make.Create(Key));
        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE");
        Task<TurnRecord?>[] steps =
        [
            store.AcceptAsync(Key, Make.Accept(Make.Queued(1))),
            store.AcceptAsync(Key, Make.Accept(Make.Queued(5))),
            store.AcceptAsync(Key, Make.Accept(Make.Queued(2))),
        ];
        other.Run("ROLLBACK");

        Assert.Null(await steps[0]);
        await Assert.ThrowsAsync<ChatConflictException>(() => steps[1]);
        Assert.Null(await steps[2]);
    }

    [Fact]
    public async Task Accept_FileIsLocked_ThrowsAfterTheTimeoutAndWorksAgain()
    {
        await using var store = await _file.OpenAsync(busyTimeout: TimeSpan.FromMilliseconds(20));
        await store.CreateAsync(Make.Create(Key));
        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE");

        var exception = await Assert.ThrowsAsync<ChatStoreException>(() => store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));

        Assert.Equal("The database file is locked by another process.", exception.Message);
        Assert.Equal(0, (await store.LoadAsync(Key, CancellationToken.None))!.LastSequence);
        other.Run("ROLLBACK");
        Assert.Null(await store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
    }

    [Fact]
    public async Task Accept_FileIsLockedForAShortTime_Waits()
    {
        await using var store = await _file.OpenAsync();
        await store.CreateAsync(Make.Create(Key));
        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE");

        var step = store.AcceptAsync(Key, Make.Accept(Make.Queued(1)));
        Assert.False(step.IsCompleted);
        other.Run("ROLLBACK");

        Assert.Null(await step);
    }

    [Fact]
    public async Task Load_RecordIsDamaged_ThrowsAndSparesTheRest()
    {
        await using var store = await _file.OpenAsync();
        await store.CreateAsync(Make.Create(Key));
        await store.CreateAsync(Make.Create(Make.Key("other")));
        using var other = _file.Connect();
        other.Run("UPDATE settings SET settings = x'FFFF' WHERE chat = 1");

        var read = await Assert.ThrowsAsync<ChatStoreException>(() => store.LoadAsync(Key, CancellationToken.None));
        var step = await Assert.ThrowsAsync<ChatStoreException>(() => store.CreateAsync(Make.Create(Key)));

        Assert.Equal((StoreDamage.Record, StoreDamage.Record), (read.Damage, step.Damage));
        Assert.NotNull(await store.LoadAsync(Make.Key("other"), CancellationToken.None));
    }

    [Fact]
    public async Task Any_PagesAreDamaged_IsNoFailureThatPasses()
    {
        await using (var before = await _file.OpenAsync())
        {
            await before.CreateAsync(Make.Create(Key));
        }

        await OverwriteAsync("settings");
        await using var store = await _file.OpenAsync();

        var read = await Assert.ThrowsAsync<ChatStoreException>(() => store.LoadAsync(Key, CancellationToken.None));
        var step = await Assert.ThrowsAsync<ChatStoreException>(() => store.CreateAsync(Make.Create(Key)));

        Assert.Equal((StoreDamage.Database, StoreDamage.Database), (read.Damage, step.Damage));
        Assert.Equal(
            "The file isn't a SQLite database or is corrupted (code 11). Stop the server, and restore the file from a backup.", step.Message);
    }

    [Fact]
    public async Task Initialize_PagesAreDamaged_SaysSo()
    {
        await using (await _file.OpenAsync())
        {
        }

        await OverwriteAsync("owners");
        await using var store = _file.Store();

        var failure = await Assert.ThrowsAsync<ChatStoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal(StoreDamage.Database, failure.Damage);
        Assert.StartsWith($"Storage:Path is '{_file.Path}'. The file isn't a SQLite database or is corrupted", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Initialize_FileOfALaterVersion_IsRefused()
    {
        await using (await _file.OpenAsync())
        {
            using var other = _file.Connect();
            other.Run("PRAGMA user_version = 999");
        }

        await using var store = _file.Store();
        var exception = await Assert.ThrowsAsync<ChatStoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal(
            $"Storage:Path is '{_file.Path}'. The database uses schema version 999, created by a newer release. This release supports up to version 6.",
            exception.Message);
    }

    [Fact]
    public async Task Initialize_FileIsNoDatabase_IsRefusedAndLeftAlone()
    {
        var text = string.Concat(Enumerable.Repeat("This is no database. ", 100));
        Directory.CreateDirectory(Path.GetDirectoryName(_file.Path)!);
        await File.WriteAllTextAsync(_file.Path, text);
        await using var store = _file.Store();

        await Assert.ThrowsAsync<ChatStoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal(text, await File.ReadAllTextAsync(_file.Path));
    }

    [Fact]
    public async Task Initialize_PathCannotBe_IsRefused()
    {
        Directory.CreateDirectory(_file.Path);
        await using var directory = _file.Store();
        await Assert.ThrowsAsync<ChatStoreException>(() => directory.InitializeAsync(CancellationToken.None));

        var file = Path.Combine(_file.Path, "file");
        await File.WriteAllTextAsync(file, "");
        await using var below = SqliteFile.StoreAt(Path.Combine(file, "chats.db"));
        await Assert.ThrowsAsync<ChatStoreException>(() => below.InitializeAsync(CancellationToken.None));
    }

    public void Dispose() => _file.Dispose();

    // A table's first page, as a disk that loses a block does.
    private async Task OverwriteAsync(string table)
    {
        long page;
        long size;
        using (var other = _file.Connect())
        {
            page = other.Number($"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'");
            size = other.Number("PRAGMA page_size");
            other.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        await using var file = File.OpenWrite(_file.Path);
        file.Position = (page - 1) * size;
        await file.WriteAsync(Enumerable.Repeat((byte)0xFF, (int)size).ToArray());
    }

    private static TurnRecord Big(int sequence) => Make.Queued(sequence, text: new string('x', 20_000));

    private void LimitPages(SqliteConnection connection) => connection.Run($"PRAGMA max_page_count = {_maxPages}");
}
