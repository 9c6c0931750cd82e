namespace GenAI.Chats.Silo.Clustering;

/// <summary>Prepares the cluster's servers before the silo starts, so that one that can't be used ends the start with one line.</summary>
internal sealed class ClusterStarter(IEnumerable<ClusterServer> servers) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var server in servers)
        {
            try
            {
                await server.PrepareAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested && ClusterErrors.Describe(failure) is { } cause)
            {
                throw new ClusterException($"{server.Setting}: cannot use the {server.Product} server. {cause}", failure);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
