using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace GenAI.Chats.Silo.Network;

/// <summary>
/// Limits the connections of all ports of the server together. Connections beyond the limit are closed as soon as they're accepted. Kestrel's own limit applies to
/// each port separately, and closes connections later, so many at once could use up the file descriptors.
/// </summary>
/// <param name="sockets">Accepts connections.</param>
/// <param name="max">The limit. If null, unlimited.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
internal sealed class ConnectionLimit(SocketTransportFactory sockets, long? max, TimeProvider time, ILogger<ConnectionLimit> logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private long _open;
    private long? _logged;

    /// <inheritdoc/>
    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await sockets.BindAsync(endpoint, cancellationToken), this);

    private bool TryAdd(ConnectionContext connection)
    {
        if (Interlocked.Increment(ref _open) > max)
        {
            Remove();
            if (_logged is not { } last || time.GetElapsedTime(last) >= LogInterval)
            {
                _logged = time.GetTimestamp();
                NetworkLog.TooManyConnections(logger, max.Value);
            }

            return false;
        }

        connection.ConnectionClosed.Register(Remove);
        return true;
    }

    private void Remove() => Interlocked.Decrement(ref _open);

    private sealed class Listener(IConnectionListener inner, ConnectionLimit limit) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                if (limit.TryAdd(connection))
                {
                    return connection;
                }

                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>Adds the connection limit to a web host.</summary>
internal static class ConnectionLimitExtensions
{
    /// <summary>Limits connections.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="max">Returns the limit. If null, it's derived from the process's limit of open files.</param>
    public static IServiceCollection AddConnectionLimit(this IServiceCollection services, Func<IServiceProvider, long?> max)
    {
        // Kestrel uses the last one.
        return services.AddSingleton<IConnectionListenerFactory>(provider =>
        {
            var logger = provider.GetRequiredService<ILogger<ConnectionLimit>>();
            var connections = max(provider) ?? (OpenFiles.Limit is { } files ? OpenFiles.Connections(files) : null);
            if (OpenFiles.Limit is < OpenFiles.Enough and var limit)
            {
                NetworkLog.FewOpenFiles(logger, limit, connections, OpenFiles.Enough);
            }

            return new ConnectionLimit(
                ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider), connections, provider.GetRequiredService<TimeProvider>(), logger);
        });
    }
}
