using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Tests.Sqlite;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Storage.Tests.Conformance;

public sealed class SqliteConformanceTests : ChatStoreConformance, IDisposable
{
    private readonly SqliteFile _file = new();

    private protected override Task<IStorageBackend> OpenAsync(ManualTimeProvider time) => Task.FromResult<IStorageBackend>(_file.Store(time));

    public void Dispose() => _file.Dispose();
}
