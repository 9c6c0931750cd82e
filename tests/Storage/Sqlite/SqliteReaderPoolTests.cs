using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.Storage.Sqlite.Connections;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>Reads cost what somebody waits for, and no more.</summary>
public sealed class SqliteReaderPoolTests : IDisposable
{
    private const string Endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    private readonly SqliteFile _file = new();

    [Fact]
    public async Task Read_TenantAsksForEndlessQueries_OthersAreServedAndItsQueriesStopWhenItGivesUp()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file.Path)!);
        await using var pool = new SqliteReaderPool(new SqliteConnections(_file.Path, TimeSpan.FromMinutes(1)), NullLogger.Instance);
        using var callers = new CancellationTokenSource();
        using var running = new SemaphoreSlim(0);
        var reads = Enumerable.Range(0, 20).Select(_ => pool.ReadAsync(
            "noisy",
            session =>
            {
                running.Release();
                return session.Number(Endless);
            },
            callers.Token)).ToList();
        Assert.True(await running.WaitAsync(Patience.Limit));

        // Another tenant finds a reader while they run.
        Assert.Equal(1, await pool.ReadAsync("quiet", session => session.Number("SELECT 1"), CancellationToken.None).WaitAsync(Patience.Limit));
        await callers.CancelAsync();

        foreach (var read in reads)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Patience.Limit));
        }

        Assert.Equal(1, await pool.ReadAsync("noisy", session => session.Number("SELECT 1"), CancellationToken.None).WaitAsync(Patience.Limit));
    }

    [Fact]
    public async Task GetHistory_CuratedPage_ReadsNothingOfTurnsThatAreNotCurated()
    {
        var key = Make.Key();
        await using var store = await _file.OpenAsync();
        await store.CreateAsync(Make.Create(key));
        for (var i = 1; i <= 3; i++)
        {
            await store.AcceptAsync(key, Make.Accept(Make.Ended(i, revision: i) with { Curated = false }));
        }

        // What is read of them cannot be parsed.
        using var other = _file.Connect();
        other.Run("UPDATE inputs SET data = x'FFFF'");
        other.Run("UPDATE outcomes SET data = x'FFFF'");

        var page = await new HistoryPager(key, store, null, new GetHistoryRequest { Curated = true }).ReadAsync(CancellationToken.None);

        Assert.Empty(page!.History);
        Assert.Equal(3, page.Revision);
        await Assert.ThrowsAsync<ChatStoreException>(() => new HistoryPager(key, store, null, new GetHistoryRequest()).ReadAsync(CancellationToken.None));
    }

    public void Dispose() => _file.Dispose();
}
