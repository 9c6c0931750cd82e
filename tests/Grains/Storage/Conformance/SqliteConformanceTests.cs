using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Tests.Storage.Sqlite;

namespace GenAI.Chats.Grains.Tests.Storage.Conformance;

public sealed class SqliteConformanceTests : ChatStoreConformance, IDisposable
{
    private readonly SqliteFile _file = new();

    private protected override IChatStore Open(TimeProvider time) => _file.Store(time);

    public void Dispose() => _file.Dispose();
}
