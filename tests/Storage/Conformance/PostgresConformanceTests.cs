using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Tests.Postgres;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Storage.Tests.Conformance;

public sealed class PostgresConformanceTests : ChatStoreConformance, IDisposable
{
    private PostgresDatabase? _database;

    private protected override async Task<IStorageBackend> OpenAsync(ManualTimeProvider time)
    {
        _database = await PostgresDatabase.CreateAsync();
        await _database.FollowAsync(time);
        return _database.Store();
    }

    public void Dispose() => _database?.Dispose();
}
