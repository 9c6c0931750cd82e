using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Storage.Tests.Redis;

/// <summary>Settings of a store over Redis are checked at startup.</summary>
public sealed class RedisSettingsTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("redis_1:6379,user=chats,password=secret-word=,ssl=true,abortConnect=false")]
    [InlineData("[::1]:6379,10.0.0.1")]
    [InlineData("!/run/redis.sock,defaultDatabase=2")]
    [InlineData("sentinel-1:26379,sentinel-2:26379,serviceName=chats")]
    public async Task Validate_ConnectionString_IsGood(string value) => Assert.Null(await ValidateAsync(value));

    [Theory]
    [InlineData("redis://chats:secret-word@localhost:6379")]
    [InlineData("localhost:6379,pasword=secret-word")]
    [InlineData("localhost:6379,connectTimeout=secret-word")]
    [InlineData("localhost:secret-word")]
    [InlineData("password=secret-word")]
    public async Task Validate_ConnectionStringIsInvalid_SaysWhatItMustBeWithoutIt(string value)
    {
        var exception = await ValidateAsync(value);

        Assert.Equal(
            "Storage:ConnectionString: invalid value (hidden). Expected: a StackExchange.Redis configuration string, such as "
            + "redis.example.com:6379,ssl=true,user=chats,password=secret.",
            Assert.Single(exception!.Failures));
        Assert.DoesNotContain("secret-word", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_NoConnectionString_SaysSo() => Assert.Equal(
        "Storage:ConnectionString: missing value. Expected: the connection string of a Redis server, or Storage:GrainStorageName with the name of a storage "
        + "provider that the host registered.",
        Assert.Single((await ValidateAsync(" "))!.Failures));

    private static async Task<OptionsValidationException?> ValidateAsync(string connectionString)
    {
        await using var services = RedisStore.Create(new ManualTimeProvider(), connectionString);
        return (OptionsValidationException?)Record.Exception(() => services.GetRequiredService<IStartupValidator>().Validate());
    }
}
