using GenAI.Chats.Storage.Records;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.Redis;
using StackExchange.Redis;

namespace GenAI.Chats.Storage.Tests.Redis;

/// <summary>What is stored in Redis, which later versions have to read, and operators look at.</summary>
public sealed class RedisRecordTests
{
    [Fact]
    public async Task Create_Head_IsAHashWithTheBytesOfTheRecordAndNeverExpires()
    {
        var server = await RedisServer.SharedAsync();
        var name = server.NewName();
        await using var services = RedisStore.Create(new ManualTimeProvider(), server.ConnectionString, name);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var store = await services.OpenAsync();
        await store.CreateAsync(Make.Create(Make.Key("a chat/ü", "tenant")));

        var key = $"{name}/head/c/tenant/a%20chat%2F%C3%BC";
        var record = (await redis.GetDatabase().HashGetAllAsync(key)).ToDictionary(entry => entry.Name, entry => entry.Value);

        Assert.Equal(["data", "etag"], record.Keys.Select(field => (string?)field).Order());
        Assert.Equal("create-a chat/ü", ChatHead.Parser.ParseFrom((byte[])record["data"]!).Chat.CreateRequestId);
        Assert.Null(await redis.GetDatabase().KeyTimeToLiveAsync(key));
    }

    [Fact]
    public async Task Step_UserHasTheDocumentedRightsOnly_IsDone()
    {
        await using var server = await RedisServer.StartNewAsync(
            "--user", "chats", "on", ">word", "~chats/*", "+hgetall", "+hget", "+hmset", "+del", "+eval", "+evalsha", "+script|load", "+info", "+config|get",
            "+@connection");
        using var log = new WarningLog();
        await using var services = RedisStore.Create(new ManualTimeProvider(), server.ConnectionString + ",user=chats,password=word", log: log);
        var store = await services.OpenAsync();

        await store.CreateAsync(Make.Create(Make.Key(), pieces: 200));
        Assert.NotNull(await store.LoadAsync(Make.Key(), CancellationToken.None));
        Assert.True(await store.DeleteAsync(Make.Key()));

        Assert.Empty(log.Warnings);
    }

    [Fact]
    public async Task Accept_LargeMessage_EachByteIsReadAgain()
    {
        await using var services = await RedisStore.CreateSharedAsync(new ManualTimeProvider());
        var store = await services.OpenAsync();
        await store.CreateAsync(Make.Create(Make.Key()));
        var data = new byte[700_000];
        new Random(1).NextBytes(data);
        var turn = Make.Ended(1, 1);
        turn.Input.Message.Parts[0].InlineData = new V1.Blob { Data = Google.Protobuf.ByteString.CopyFrom(data), MimeType = "image/png" };

        await store.AcceptAsync(Make.Key(), Make.Accept(turn));

        var read = await store.FindWholeTurnAsync(Make.Key(), turn.TurnId, CancellationToken.None);
        Assert.Equal(data, read!.Input.Message.Parts[0].InlineData.Data.ToByteArray());
    }

    [Fact]
    public async Task Delete_ChatWithPages_LeavesOnlyItsHead()
    {
        var server = await RedisServer.SharedAsync();
        var name = server.NewName();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await using (var services = RedisStore.Create(new ManualTimeProvider(), server.ConnectionString, name))
        {
            var store = await services.OpenAsync();
            await store.CreateAsync(Make.Create(Make.Key(), pieces: 200));
            Assert.NotEmpty(Keys("page"));

            await store.DeleteAsync(Make.Key());
        }

        Assert.Empty(Keys("page"));
        Assert.Single(Keys("head"));

        List<string> Keys(string kind) => [.. redis.GetServers()[0].Keys(pattern: $"{name}/{kind}/*").Select(key => (string)key!)];
    }
}
