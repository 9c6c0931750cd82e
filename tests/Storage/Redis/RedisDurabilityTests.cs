using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.Redis;

namespace GenAI.Chats.Storage.Tests.Redis;

/// <summary>A Redis server that might lose chats is refused at startup, or there is a warning.</summary>
public sealed class RedisDurabilityTests
{
    private const string Late = "Redis syncs its append-only file late (appendfsync is everysec): if its machine stops, the last acknowledged turns are lost.";
    private const string Off = "Redis has no append-only file (appendonly is no): if Redis stops, acknowledged turns since its last snapshot are lost.";

    [Fact]
    public async Task Open_ServerKeepsAll_LogsNoWarning() => Assert.Empty(await OpenAsync());

    [Fact]
    public async Task Open_AppendOnlyIsSyncedLate_Warns() => Assert.Equal([Late], await OpenAsync("--appendfsync", "everysec"));

    [Fact]
    public async Task Open_AppendOnlyIsOff_Warns() => Assert.Equal([Off], await OpenAsync("--appendonly", "no"));

    [Theory]
    [InlineData("-config", "appendfsync")]
    [InlineData("-config -info", "appendonly, maxmemory-policy")]
    public async Task Open_SettingsCannotBeRead_WarnsOnce(string rights, string settings) => Assert.Equal(
        [$"Redis doesn't let this server read {settings}. Expected: maxmemory-policy noeviction, appendonly yes, appendfsync always."],
        await OpenAsync(["--user", "default", "on", "nopass", "~*", "&*", "+@all", .. rights.Split(' ')]));

    [Theory]
    [InlineData("allkeys-lru")]
    [InlineData("volatile-ttl")]
    public async Task Open_ServerMayEvict_Throws(string policy)
    {
        var exception = await Assert.ThrowsAsync<ChatStoreException>(() => OpenAsync("--maxmemory-policy", policy));

        Assert.Equal($"Redis: maxmemory-policy is '{policy}', so Redis can evict chats when its memory is full. Expected: noeviction.", exception.Message);
    }

    private static async Task<IEnumerable<string>> OpenAsync(params string[] settings)
    {
        using var log = new WarningLog();
        await using var redis = await RedisServer.StartNewAsync(settings);
        await using (var services = RedisStore.Create(new ManualTimeProvider(), redis.ConnectionString, log: log))
        {
            await services.OpenAsync();
        }

        return log.Warnings;
    }
}
