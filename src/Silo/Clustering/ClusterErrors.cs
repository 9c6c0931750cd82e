using Azure;
using GenAI.Chats.Storage.Postgres.Connections;
using Npgsql;
using StackExchange.Redis;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Describes why a server of the cluster can't be used: one sentence for operators, without secrets.</summary>
internal static class ClusterErrors
{
    private const string TimedOut = "The server did not respond in time.";

    /// <summary>Describes a failure.</summary>
    /// <returns>Null, if the failure isn't one of the servers' client libraries.</returns>
    public static string? Describe(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [.., var last] } => Describe(last),
        ClusterException => failure.Message,
        NpgsqlException => PostgresErrors.Describe(failure),
        RedisConnectionException redis => DescribeConnection(redis),
        RedisServerException => $"The server replied: {FirstLine(failure)}.",
        RedisException => FirstLine(failure),
        RequestFailedException { Status: 0 } => $"{FirstLine(failure)}.",
        RequestFailedException { ErrorCode: { Length: > 0 } code } azure => $"The server replied with status {azure.Status} ({code}).",
        RequestFailedException azure => $"The server replied with status {azure.Status}.",

        // The time limit of a request, as the caller hasn't canceled it. Redis has an exception of its own, which isn't a RedisException.
        OperationCanceledException or TimeoutException => TimedOut,
        _ => null,
    };

    /// <summary>Describes a failure without a final period, with its own message if it's not one of the servers' client libraries.</summary>
    public static string Summarize(Exception failure) => Describe(failure)?.TrimEnd('.') ?? FirstLine(failure);

    // Its message lists the state of the client library.
    private static string DescribeConnection(RedisConnectionException failure) => failure.FailureType switch
    {
        ConnectionFailureType.AuthenticationFailure when failure.InnerException is RedisServerException => "The server rejected the user or the password.",
        ConnectionFailureType.AuthenticationFailure => "The TLS handshake failed.",
        ConnectionFailureType.UnableToConnect or ConnectionFailureType.UnableToResolvePhysicalConnection => "The server cannot be reached.",
        _ => $"The connection failed ({failure.FailureType}).",
    };

    private static string FirstLine(Exception failure) => failure.Message.Split('\n')[0].TrimEnd('\r', ' ', '.');
}
