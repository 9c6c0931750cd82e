using GenAI.Chats.Grains.Storage.Sqlite;

namespace GenAI.Chats.Grains.Tests.Storage.Sqlite;

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

        using var connection = _file.Connect();
        var schema = (string)connection.Run(
            "SELECT group_concat(sql || ';', char(10)) FROM (SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid)")!;

        Assert.Equal(1, connection.Number("PRAGMA user_version"));
        Assert.Equal(1, SqliteSchema.Version);
        Assert.Equal(Sample.Read("schema.v1.sql"), schema);
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
}
