using GenAI.Chats.Grains.Storage.Postgres;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Makes the cluster's tables before the silo starts, so that a database that cannot be reached stops the start with its own words.</summary>
internal sealed class ClusterTablesStarter(ChatSiloOptions options) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PostgresClusterTables.CreateAsync(options.Clustering.ConnectionString, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException failure)
        {
            throw new ClusterException($"The cluster's tables (Orleans:Clustering): {PostgresErrors.Translate(failure).Message}", failure);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
