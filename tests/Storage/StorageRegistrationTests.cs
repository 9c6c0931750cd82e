using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.Storage.GrainStorage.Provider;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.Storage.Telemetry;
using GenAI.Chats.Storage.Tests.GrainStorage;
using GenAI.Chats.Storage.Tests.Sqlite;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Storage.Tests;

public sealed class StorageRegistrationTests : IDisposable
{
    private readonly SqliteFile _file = new();

    [Fact]
    public async Task AddChatStorage_NothingConfigured_IsSqlite()
    {
        await using var services = Services(("Path", _file.Path));

        Assert.IsType<SqliteChatStore>(Store(services));
        Assert.Equal("data/chats.db", new StorageOptions().Path);
    }

    [Theory]
    [InlineData("InMemory")]
    [InlineData("inmemory")]
    public async Task AddChatStorage_InMemory_IsIt(string provider)
    {
        await using var services = Services(("Provider", provider));

        Assert.IsType<InMemoryChatStore>(Store(services));
    }

    [Theory]
    [InlineData("Postgres")]
    [InlineData("postgres")]
    public async Task AddChatStorage_Postgres_IsIt(string provider)
    {
        await using var services = Services(("Provider", provider), ("ConnectionString", "Host=localhost;Database=chats"));

        Assert.IsType<PostgresChatStore>(Store(services));
    }

    [Fact]
    public async Task AddChatStorage_GrainStorage_IsItWithTheHostsProvider()
    {
        await using var services = new ServiceCollection().AddLogging().AddSingleton<IGrainStorageSource>(new MemoryProvider())
            .AddChatStorage(Configuration([("Provider", "grainstorage"), ("GrainStorageName", "memory")])).BuildServiceProvider();

        Assert.IsType<GrainStorageChatStore>(Store(services));
    }

    [Theory]
    [InlineData("ConnectionString", "", "Storage:ConnectionString: missing value. Expected: the connection string of an Azure storage account, or Storage:GrainStorageName with the name of a storage provider that the host registered.")]
    [InlineData("Container", "Chats", "Storage:Container: invalid value 'Chats'. Expected: 3-63 lowercase letters, digits, and single hyphens.")]
    [InlineData("Container", "a--b", "Storage:Container: invalid value 'a--b'. Expected: 3-63 lowercase letters, digits, and single hyphens.")]
    [InlineData("GrainStorage", "Memcached", "Storage:GrainStorage: invalid value 'Memcached'. Expected: one of AzureBlobs, Redis.")]
    public async Task Start_HostWithGrainStorageThatCannotBe_SaysSo(string key, string value, string message)
    {
        using var host = Host(
            ("Provider", "GrainStorage"), (key, value), key == "ConnectionString" ? ("Path", "x") : ("ConnectionString", "UseDevelopmentStorage=true"));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(message, Assert.Single(exception.Failures));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Database=chats;Password=secret-word")]
    [InlineData("Host=localhost;Pasword=secret-word")]
    [InlineData("Host=localhost;Port=secret-word")]
    [InlineData("postgres://chats:secret-word@localhost/chats")]
    public async Task Start_HostWithPostgresAndNoConnectionString_SaysSoWithoutIt(string value)
    {
        using var host = Host(("Provider", "Postgres"), ("ConnectionString", value));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(
            $"Storage:ConnectionString: {(value.Length == 0 ? "missing value" : "invalid value (hidden)")}. Expected: an Npgsql connection string that includes Host, for example Host=localhost;Database=chats;Username=chats;Password=secret.",
            Assert.Single(exception.Failures));
        Assert.DoesNotContain("secret-word", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_Options_HidesTheConnectionString() => Assert.DoesNotContain(
        "secret-word", new StorageOptions { ConnectionString = "Host=localhost;Password=secret-word" }.ToString(), StringComparison.Ordinal);

    [Fact]
    public async Task Start_Host_BringsTheStoreUp()
    {
        using (var host = Host(("Path", _file.Path)))
        {
            await host.StartAsync();

            Assert.Null(await host.Services.GetRequiredService<IChatStore>().LoadAsync(Make.Key(), CancellationToken.None));
            await host.StopAsync();
        }

        Assert.True(File.Exists(_file.Path));
    }

    [Theory]
    [InlineData("Provider", "Access", "Storage:Provider: invalid value 'Access'. Expected: one of Sqlite, Postgres, GrainStorage, InMemory.")]
    [InlineData("Path", " ", "Storage:Path: invalid value ' '. Expected: a file path.")]
    [InlineData("BusyTimeout", "00:00:00", "Storage:BusyTimeout: invalid value '00:00:00'. Expected: more than 0 and at most 00:05:00.")]
    [InlineData("BusyTimeout", "00:05:01", "Storage:BusyTimeout: invalid value '00:05:01'. Expected: more than 0 and at most 00:05:00.")]
    [InlineData("RequestTimeout", "00:05:01", "Storage:RequestTimeout: invalid value '00:05:01'. Expected: more than 0 and at most 00:05:00.")]
    public async Task Start_HostWithAnOptionThatCannotBe_NamesKeyValueAndRule(string key, string value, string message)
    {
        using var host = Host((key, value));

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(message, Assert.Single(exception.Failures));
    }

    public void Dispose() => _file.Dispose();

    private static IStorageBackend Store(IServiceProvider services)
    {
        Assert.IsType<ObservedStore>(services.GetRequiredService<IChatStore>());
        Assert.IsType<ObservedStore>(services.GetRequiredService<IOwnerStore>());
        Assert.IsType<ObservedStore>(services.GetRequiredService<ITenantUsageStore>());
        return services.GetRequiredService<IStorageBackend>();
    }

    private static ServiceProvider Services(params (string Key, string Value)[] settings) =>
        new ServiceCollection().AddLogging().AddChatStorage(Configuration(settings)).BuildServiceProvider();

    private static IHost Host(params (string Key, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddChatStorage(Configuration(settings));
        return builder.Build();
    }

    private static IConfiguration Configuration((string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("Storage:" + setting.Key, (string?)setting.Value)))
        .Build();
}
