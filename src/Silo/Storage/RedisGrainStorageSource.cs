using System.Net.Sockets;
using GenAI.Chats.Silo.Redis;
using GenAI.Chats.Storage;
using GenAI.Chats.Storage.GrainStorage.Provider;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Persistence;
using Orleans.Storage;
using StackExchange.Redis;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Orleans' storage provider for Redis, over a connection that stays open as long as the store is used.</summary>
internal sealed class RedisGrainStorageSource(IServiceProvider services, IOptions<StorageOptions> options, RedisDurabilityCheck durability)
    : IGrainStorageSource, IAsyncDisposable
{
    private const string Name = "genai-chats";

    private ConnectionMultiplexer? _redis;

    /// <inheritdoc />
    public async Task<IGrainStorage> StartAsync(CancellationToken cancellationToken)
    {
        var settings = RedisConnectionString.Parse(options.Value.ConnectionString, options.Value.RequestTimeout);
        try
        {
            _redis = await ConnectionMultiplexer.ConnectAsync(settings).WaitAsync(cancellationToken).ConfigureAwait(false);
            await durability.CheckAsync(_redis).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException or RedisCommandException or SocketException)
        {
            throw new ChatStoreException($"Redis: {Explain(exception)}", exception);
        }

        return await StartProviderAsync(_redis, settings, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken)
    {
        // All silos ask the same primary of a Redis Cluster.
        var primary = _redis?.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false }).MinBy(static server => server.EndPoint.ToString(), StringComparer.Ordinal);
        try
        {
            return primary is null ? null : new DateTimeOffset(await primary.TimeAsync().WaitAsync(cancellationToken).ConfigureAwait(false), TimeSpan.Zero);
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            // TIME is denied.
            return null;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _redis?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<IGrainStorage> StartProviderAsync(ConnectionMultiplexer redis, ConfigurationOptions settings, CancellationToken cancellationToken)
    {
        RedisKey prefix = options.Value.Container + "/";
        var redisOptions = new RedisStorageOptions
        {
            ConfigurationOptions = settings,
            CreateMultiplexer = _ => Task.FromResult<(IConnectionMultiplexer, bool)>((redis, true)),
            GrainStorageSerializer = new RecordSerializer(),
            GetStorageKey = (kind, id) => prefix.Append($"{kind}/{id.Key}"),

            // A deleted chat's head isn't cleared, so that it keeps refusing late writes. What is cleared has a name that is never used again.
            DeleteStateOnClear = true,
        };

        // The store reports failures. The provider would log each failed try, with a key that names a tenant.
        var provider = ActivatorUtilities.CreateInstance<RedisGrainStorage>(
            services, Name, redisOptions, redisOptions.GrainStorageSerializer, NullLogger<RedisGrainStorage>.Instance);
        var lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
        provider.Participate(lifecycle);
        await lifecycle.OnStart(cancellationToken).ConfigureAwait(false);
        return provider;
    }

    // The client's own messages name its servers, and a password with a comma ends as one of them.
    private static string Explain(Exception exception)
    {
        const string Key = $"{StorageOptions.SectionName}:{nameof(StorageOptions.ConnectionString)}";
        return FailureOf(exception) switch
        {
            ConnectionFailureType.AuthenticationFailure => $"authentication failed. Check the user and password in {Key}.",
            ConnectionFailureType.Loading => "the server is still loading its data. Start again when it is ready.",
            var failure => $"can't connect to the server in {Key} ({failure}).",
        };
    }

    private static ConnectionFailureType FailureOf(Exception? exception) => exception switch
    {
        null => ConnectionFailureType.UnableToConnect,
        RedisConnectionException { FailureType: not (ConnectionFailureType.None or ConnectionFailureType.UnableToConnect) } connection => connection.FailureType,
        _ => FailureOf(exception.InnerException),
    };
}
