using System.Globalization;
using Npgsql;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Makes the pool of connections, set up the way the store's promises need.</summary>
internal static class PostgresConnections
{
    /// <summary>
    /// How long a step that has the chat's lock may leave the server without a statement: longer is a process that was frozen, or is gone, and its
    /// transaction is taken back. Shorter than what others wait for the lock.
    /// </summary>
    private static readonly TimeSpan MaxIdleInStep = TimeSpan.FromSeconds(5);

    // What the connection string says itself stands. Nothing waits for ever; three processes fit into a server's default of 100 connections.
    private const string Defaults =
        "Application Name=chats;Command Timeout=10;Timeout=10;Maximum Pool Size=30;Max Auto Prepare=100;Auto Prepare Min Usages=2;No Reset On Close=true;";

    /// <summary>Whether it is one, and says which server.</summary>
    public static bool IsConnectionString(string connectionString)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(Parse(connectionString).Host);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Names the database without its secrets.</summary>
    public static string Describe(string connectionString)
    {
        var settings = Parse(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"{settings.Database ?? settings.Username} at {settings.Host}:{settings.Port}");
    }

    /// <summary>The pool. Of several hosts it takes the one that takes writes, as reads must see every step.</summary>
    public static NpgsqlDataSource Open(string connectionString) => Open(Parse(connectionString));

    /// <summary>How many connections of the pool reads of one tenant may have: half of them, so that others' requests find one.</summary>
    public static int MaxReadsOfTenant(string connectionString) => Math.Max(1, Parse(connectionString).MaxPoolSize / 2);

    /// <summary>A pool for this process's heartbeat, which must not wait for connections that steps and reads hold.</summary>
    public static NpgsqlDataSource OpenForBeats(string connectionString)
    {
        var settings = Parse(connectionString);
        (settings.MinPoolSize, settings.MaxPoolSize) = (0, 1);
        return Open(settings);
    }

    private static NpgsqlDataSource Open(NpgsqlConnectionStringBuilder connection)
    {
        // A plan is kept while the tables grow: one that was made for small ones must not scan large ones.
        var settings = string.Create(
            CultureInfo.InvariantCulture,
            $"SET idle_in_transaction_session_timeout = {(long)MaxIdleInStep.TotalMilliseconds}; SET enable_seqscan = off");
        var builder = new NpgsqlDataSourceBuilder(connection.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = Command(connection, settings);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                var command = Command(connection, settings);
                await using (command.ConfigureAwait(false))
                {
                    await command.ExecuteNonQueryAsync().ConfigureAwait(false);
                }
            });
        return builder.ConnectionStringBuilder.Host!.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    private static NpgsqlConnectionStringBuilder Parse(string connectionString) => new(Defaults + connectionString);

    // Constants of this class.
#pragma warning disable CA2100
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection);
#pragma warning restore CA2100
}
