using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>The tables of released versions, which are never changed but by a further version.</summary>
public sealed class SqliteSchemaTests : IDisposable
{
    private readonly SqliteFile _file = new();

    [Fact]
    public async Task Initialize_NewFile_HasTheTablesOfItsVersion()
    {
        await using (await _file.OpenAsync())
        {
        }

        AssertSchema();
        Assert.Equal(6, SqliteSchema.Version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Initialize_FileOfAnEarlierVersion_KeepsItsChatsAndGetsTheTables(int version)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file.Path)!);
        using (var connection = _file.Connect())
        {
            connection.Run(Sample.Read($"schema.v{version}.sql").Replace("CREATE TABLE sqlite_sequence(name,seq);", "", StringComparison.Ordinal) + $"""
                PRAGMA user_version = {version};
                INSERT INTO chats (id, tenant, chat_id, version, revision, turn_count, history_bytes, create_time, update_time, create_request_id, create_request_hash)
                VALUES (1, 'default', 'chat', 7, 1, 1, 5, 0, 0, '', x'00');
                INSERT INTO settings VALUES (1, x'', NULL);
                INSERT INTO turns (id, chat, sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, revision, curated, create_time)
                VALUES (1, 1, 1, 'turn-1', 'request-1', x'00', 3, 1, 0, 1, 1, 0);
                INSERT INTO deleted_chats VALUES (123);
                INSERT INTO inputs VALUES (1, x'');
                INSERT INTO outcomes VALUES (1, x'');
                """);
        }

        await using (var store = await _file.OpenAsync())
        {
            var chat = await store.LoadAsync(Make.Key(), CancellationToken.None);
            Assert.Equal((7, 1, 0), (chat!.Chat.Version, chat.LastSequence, chat.Chat.OpenSequence));
            Assert.True((await store.FindTurnAsync(Make.Key(), "turn-1", CancellationToken.None))!.Curated);
            Assert.Null(await store.AcceptAsync(Make.Key(), Make.Accept(Make.Ended(2, revision: 2), version: 7)));
        }

        AssertSchema();
    }

    [Fact]
    public async Task Initialize_FileOfThisVersion_IsLeftAsItIs()
    {
        await using (await _file.OpenAsync())
        {
        }

        using var connection = _file.Connect();
        var before = connection.Number("PRAGMA schema_version");
        await using (await _file.OpenAsync())
        {
        }

        Assert.Equal(before, connection.Number("PRAGMA schema_version"));
    }

    public void Dispose() => _file.Dispose();

    private void AssertSchema()
    {
        using var connection = _file.Connect();
        var schema = (string)connection.Run(
            "SELECT group_concat(sql || ';', char(10)) FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid)")!;

        Assert.Equal(6, connection.Number("PRAGMA user_version"));
        Assert.Equal(Sample.Read("schema.v6.sql"), schema);
    }
}
