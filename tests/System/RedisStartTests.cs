using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Redis;

namespace GenAI.Chats.SystemTests;

/// <summary>A server whose Redis isn't reachable, isn't set correctly, or can lose chats reports that in one line without secrets.</summary>
public sealed class RedisStartTests
{
    [LongFact]
    public async Task Start_ConnectionStringIsInvalid_NamesTheRule() => Assert.Equal(
        "Storage:ConnectionString: invalid value (hidden). Expected: a StackExchange.Redis configuration string, such as "
        + "redis.example.com:6379,ssl=true,user=chats,password=secret.",
        await StartAsync("redis://chats:secret-word@localhost:6379"));

    [Fact]
    public async Task Start_ServerIsUnreachable_NamesTheCause() => Assert.Equal(
        "Redis: can't connect to the server in Storage:ConnectionString (UnableToConnect).",
        await StartAsync("127.0.0.1:1,user=chats,password=secret-word"));

    [LongFact]
    public async Task Start_PasswordIsWrong_NamesTheCause()
    {
        await using var redis = await RedisServer.StartNewAsync("--requirepass", "right-word");

        Assert.Equal(
            "Redis: authentication failed. Check the user and password in Storage:ConnectionString.",
            await StartAsync($"{redis.ConnectionString},password=secret-word"));
    }

    [LongFact]
    public async Task Start_RedisIsFrozen_NamesTheCause()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await redis.FreezeAsync();

        var line = await StartAsync(redis.ConnectionString, "--Storage:RequestTimeout=00:00:01");

        Assert.StartsWith("Redis: can't connect to the server in Storage:ConnectionString (", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_RedisCanEvict_NamesTheCause()
    {
        await using var redis = await RedisServer.StartNewAsync("--maxmemory-policy", "allkeys-lru");

        Assert.Equal(
            "Redis: maxmemory-policy is 'allkeys-lru', so Redis can evict chats when its memory is full. Expected: noeviction.",
            await StartAsync(redis.ConnectionString));
    }

    private static async Task<string> StartAsync(string connectionString, params string[] settings)
    {
        await using var server = ServerProcess.Launch(
            ["--Storage:Provider=GrainStorage", "--Storage:GrainStorage=Redis", "--Storage:ConnectionString=" + connectionString, .. settings]);

        Assert.Equal(1, await server.ExitAsync());
        Assert.Empty(server.Lines);
        var line = Assert.Single(server.Errors);
        Assert.DoesNotContain("secret-word", line, StringComparison.Ordinal);
        return line;
    }
}
