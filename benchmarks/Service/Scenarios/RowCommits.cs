using System.Data.Common;
using System.Diagnostics;
using GenAI.Chats.Bench.Load;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>The least that the two commits of a turn can cost: two commits of one row, by one caller, on the same database.</summary>
internal static class RowCommits
{
    /// <summary>Measures SQLite with the durability of the service, and returns the median time in ms.</summary>
    public static async Task<double> OnSqliteAsync(BenchRun bench)
    {
        await using var connection = new SqliteConnection($"Data Source={bench.Servers.NewFile()};Pooling=False");
        await connection.OpenAsync();
        await RunAsync(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        return await MeasureAsync(bench, "Sqlite", connection);
    }

    /// <summary>Measures Postgres, and returns the median time in ms.</summary>
    public static async Task<double> OnPostgresAsync(BenchRun bench, string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return await MeasureAsync(bench, "Postgres", connection);
    }

    private static async Task<double> MeasureAsync(BenchRun bench, string name, DbConnection connection)
    {
        await RunAsync(connection, "CREATE TABLE bench_row (id integer PRIMARY KEY, value integer); INSERT INTO bench_row VALUES (1, 0)");
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE bench_row SET value = value + 1 WHERE id = 1";
        await command.PrepareAsync();
        var samples = new List<double>();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < bench.Seconds(3))
        {
            var before = Stopwatch.GetTimestamp();
            await command.ExecuteNonQueryAsync();
            await command.ExecuteNonQueryAsync();
            samples.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        var p50 = Measurement.Median(samples);
        bench.Report.Add($"two commits of one row, {name}", ("p50", p50));
        return p50;
    }

    private static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
