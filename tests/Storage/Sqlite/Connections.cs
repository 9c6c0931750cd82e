using System.Globalization;
using Microsoft.Data.Sqlite;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>What tests do to a store's file behind its back.</summary>
internal static class Connections
{
    /// <summary>Runs a statement; its first value.</summary>
    public static object? Run(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    /// <summary>A query's first value.</summary>
    public static long Number(this SqliteConnection connection, string sql) => Convert.ToInt64(connection.Run(sql), CultureInfo.InvariantCulture);

    /// <summary>How Sqlite goes about a statement.</summary>
    public static List<string> Plan(this SqliteConnection connection, string sql)
    {
        var steps = new List<string>();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // What the store ran.
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
#pragma warning restore CA2100
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            steps.Add(row.GetString(3));
        }

        return steps;
    }
}
