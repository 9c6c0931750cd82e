using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace GenAI.Chats.TestKit.Postgres;

/// <summary>
/// A real Postgres server with a data directory of its own and the durability of a fresh installation. It answers on a Unix socket in that directory, and
/// ends, and its directory goes, with the test process at the latest, however that ends.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> SharedServer = new(() => StartNewAsync());

    // Nothing takes that long; what hangs is to fail.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _directory;
    private readonly string[] _command;
    private readonly ConcurrentQueue<string> _log = new();
    private TaskCompletionSource _logged = NewSignal();
    private Process? _process;
    private int _schemas;

    private PostgresServer(string directory, string[] command)
    {
        _directory = directory;
        _command = command;
    }

    /// <summary>How to reach it.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = _directory,
        Username = PostgresBinaries.User,
        Database = "postgres",
    }.ConnectionString;

    /// <summary>What the server wrote to its log.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>The one that all tests of the process share which do no harm to others: it is never stopped by hand.</summary>
    public static Task<PostgresServer> SharedAsync() => SharedServer.Value;

    /// <summary>Starts one of the test's own.</summary>
    /// <param name="settings">Settings of the server, as <c>name=value</c>.</param>
    public static async Task<PostgresServer> StartNewAsync(params string[] settings)
    {
        var directory = await PostgresBinaries.CreateDataAsync();
        var server = new PostgresServer(directory, PostgresBinaries.ServerCommand(directory, settings));
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again; what it had acknowledged when it was stopped is there.</summary>
    public async Task StartAsync()
    {
        // The shell ends the server when it is told to, or when this process is gone; then nobody needs the data any more. One that is frozen goes on to its
        // end, and ends its processes by force after 5 s.
        const string Watch = """
            dir=$1; shift
            "$@" </dev/null & server=$!
            read -r stop || stop=
            kill -QUIT $server; kill -CONT $server; wait $server
            [ -n "$stop" ] || rm -rf "$dir"
            """;
        var start = new ProcessStartInfo("/bin/sh", ["-c", Watch, "sh", _directory, .. _command])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C" },
        };
        _log.Clear();
        _logged = NewSignal();
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginErrorReadLine();
        await WaitForLogAsync("database system is ready to accept connections");
    }

    /// <summary>Ends it at once, in the middle of whatever it does, as a crash would.</summary>
    public Task CrashAsync() => EndAsync("stop");

    /// <summary>Stops all of its processes in their tracks: it has not crashed, connections stay, and it answers nothing.</summary>
    public Task FreezeAsync() => ProcessTree.SignalAsync(_process!.Id, "STOP");

    /// <summary>Lets it go on.</summary>
    public Task ThawAsync() => ProcessTree.SignalAsync(_process!.Id, "CONT");

    /// <summary>Waits until the server has logged a line with this text.</summary>
    public async Task WaitForLogAsync(string text)
    {
        while (true)
        {
            var logged = _logged.Task;
            if (_log.Any(line => line.Contains(text, StringComparison.Ordinal)))
            {
                return;
            }

            await logged.WaitAsync(Limit);
        }
    }

    /// <summary>Makes an empty schema and returns how to reach it.</summary>
    public async Task<string> CreateSchemaAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _schemas)}";
        await RunAsync($"CREATE SCHEMA {name}");
        return new NpgsqlConnectionStringBuilder(ConnectionString) { SearchPath = name }.ConnectionString;
    }

    /// <summary>Creates a pool of connections. It doesn't read the server's types, which are many: each table of each test is one.</summary>
    public static NpgsqlDataSource Open(string connectionString) =>
        new NpgsqlDataSourceBuilder(connectionString).ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();

    /// <summary>Runs a statement.</summary>
    public async Task RunAsync(string sql)
    {
        await using var source = Open(ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(null);
        if (Directory.Exists(_directory))
        {
            // It had crashed, and nobody started it again.
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Take(string? line)
    {
        if (line is null)
        {
            // Stays, as nothing more will come.
            Volatile.Read(ref _logged).SetException(new InvalidOperationException("Postgres ended: " + string.Join('\n', _log.TakeLast(20))));
            return;
        }

        _log.Enqueue(line);
        Interlocked.Exchange(ref _logged, NewSignal()).SetResult();
    }

    private async Task EndAsync(string? word)
    {
        if (_process is null)
        {
            return;
        }

        if (word is not null)
        {
            await _process.StandardInput.WriteLineAsync(word);
        }

        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Limit);
        _process.Dispose();
        _process = null;
    }
}
