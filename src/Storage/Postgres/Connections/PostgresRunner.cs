namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>Runs steps and reads, each on a connection of its own. Retries what can be retried.</summary>
/// <remarks>If no connection is available, callers wait for a limited time.</remarks>
/// <param name="connections">The pool.</param>
/// <param name="maxReads">The number of connections that the reads of one tenant can use at once.</param>
/// <param name="logger">The logger.</param>
internal sealed class PostgresRunner(NpgsqlDataSource connections, int maxReads, ILogger logger)
{
    private const int MaxTries = 3;

    private readonly KeyedLocks<string> _readers = new(maxReads);

    /// <summary>Runs a step. If the server rolls it back, the body can run again.</summary>
    /// <exception cref="ChatStoreException">The step failed.</exception>
    public Task<T> StepAsync<T>(Func<PostgresSession, Task<T>> body) => RunAsync(body, isStep: true, CancellationToken.None);

    /// <summary>Runs a step without a result.</summary>
    /// <exception cref="ChatStoreException">The step failed.</exception>
    public Task StepAsync(Func<PostgresSession, Task> body) => StepAsync(async session =>
    {
        await body(session).ConfigureAwait(false);
        return true;
    });

    /// <summary>Runs queries.</summary>
    /// <param name="tenant">The tenant whose request reads; empty for the service itself.</param>
    /// <param name="body">The queries.</param>
    /// <param name="cancellationToken">Cancels the read, also while a query runs.</param>
    /// <exception cref="ChatStoreException">The read failed.</exception>
    /// <exception cref="OperationCanceledException">The read was canceled.</exception>
    public async Task<T> ReadAsync<T>(string tenant, Func<PostgresSession, Task<T>> body, CancellationToken cancellationToken)
    {
        using var reader = await _readers.EnterAsync(tenant, cancellationToken).ConfigureAwait(false);
        return await RunAsync(body, isStep: false, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> RunAsync<T>(Func<PostgresSession, Task<T>> body, bool isStep, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            PostgresSession? session = null;
            try
            {
                var connection = await connections.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    session = new PostgresSession(connection, cancellationToken);
                    return await body(session).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (IsAnswer(exception, cancellationToken))
            {
                throw;
            }
            catch (Exception exception) when (tries < MaxTries && PostgresErrors.CanRetry(exception, isStep && session is { MayHaveCommitted: true }))
            {
                PostgresLog.Retried(logger, exception);
            }
            catch (Exception exception)
            {
                if (isStep)
                {
                    PostgresLog.StepFailed(logger, exception);
                }
                else
                {
                    PostgresLog.ReadFailed(logger, exception);
                }

                throw PostgresErrors.Translate(exception, isRead: !isStep);
            }
        }
    }

    private static bool IsAnswer(Exception exception, CancellationToken cancellationToken) =>
        exception is ChatConflictException or ChatLimitException
        || (exception is OperationCanceledException && cancellationToken.IsCancellationRequested);
}
