namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>Reads connection strings of PostgreSQL.</summary>
public static class PostgresConnectionString
{
    // The connection string overrides these. Nothing waits indefinitely; three processes fit into a server's default of 100 connections.
    private const string Defaults =
        "Application Name=chats;Command Timeout=10;Timeout=10;Maximum Pool Size=28;Max Auto Prepare=100;Auto Prepare Min Usages=2;No Reset On Close=true;";

    /// <summary>Indicates whether Npgsql can read a connection string, and it includes a host.</summary>
    public static bool IsValid(string connectionString)
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

    /// <summary>Returns the name of the database and its server, without secrets.</summary>
    public static string Describe(string connectionString)
    {
        var settings = Parse(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"{settings.Database ?? settings.Username} at {settings.Host}:{settings.Port}");
    }

    internal static NpgsqlConnectionStringBuilder Parse(string connectionString) => new(Defaults + connectionString);
}
