using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using GenAI.Chats.TestKit.Postgres;

namespace GenAI.Chats.TestKit.Redis;

/// <summary>
/// A Redis server (Debian's package <c>redis-server</c>) with its own data directory, an append-only file that is synced with every write, and no eviction.
/// It listens on a Unix socket in that directory. The server and the directory are gone at the latest when the test process is, however that ends.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly Lazy<Task<RedisServer>> SharedServer = new(() => StartNewAsync());

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly string _directory = Directory.CreateTempSubdirectory("redis-").FullName;
    private readonly string[] _settings;
    private Process? _process;
    private int _names;

    private RedisServer(string[] settings) => _settings = settings;

    /// <summary>The connection string, as StackExchange.Redis reads it.</summary>
    public string ConnectionString => $"!{SocketPath}";

    private string SocketPath => Path.Combine(_directory, "redis.sock");

    /// <summary>A server that all tests of the process share. Tests must not stop it, and keep to keys of their own (<see cref="NewName"/>).</summary>
    public static Task<RedisServer> SharedAsync() => SharedServer.Value;

    /// <summary>Starts a server for one test.</summary>
    /// <param name="settings">Options of redis-server, such as <c>--maxmemory</c>, <c>10mb</c>. They override the defaults.</param>
    public static async Task<RedisServer> StartNewAsync(params string[] settings)
    {
        var server = new RedisServer(settings);
        await server.StartAsync();
        return server;
    }

    /// <summary>A name that no other test uses: for key prefixes, cluster ids, and service ids.</summary>
    public string NewName() => $"test-{Interlocked.Increment(ref _names)}";

    /// <summary>Starts the server again after a crash. Acknowledged writes are there.</summary>
    public async Task StartAsync()
    {
        // The shell ends the server when it is told to, or when this process is gone; then nobody needs the data any more.
        const string Watch = """
            dir=$1; shift
            redis-server "$@" </dev/null & server=$!
            read -r stop || stop=
            kill -KILL $server; wait $server
            [ -n "$stop" ] || rm -rf "$dir"
            """;
        string[] defaults =
        [
            "--port", "0", "--unixsocket", SocketPath, "--dir", _directory,
            "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "",
        ];
        var start = new ProcessStartInfo("/bin/sh", ["-c", Watch, "sh", _directory, .. defaults, .. _settings])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        await ReadUntilReadyAsync(_process.StandardOutput).WaitAsync(Limit);
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    /// <summary>Kills the server in the middle of whatever it does.</summary>
    public Task CrashAsync() => EndAsync("stop");

    /// <summary>Stops the server's process: connections stay open, and nothing is answered.</summary>
    public Task FreezeAsync() => ProcessTree.SignalAsync(_process!.Id, "STOP");

    /// <summary>Continues a frozen server.</summary>
    public Task ThawAsync() => ProcessTree.SignalAsync(_process!.Id, "CONT");

    /// <summary>Runs a command, such as <c>CONFIG SET maxmemory 0</c>, whose reply is one line without data.</summary>
    public async Task ExecuteAsync(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"));
        using var reader = new StreamReader(stream);
        var reply = await reader.ReadLineAsync().WaitAsync(Limit);
        if (reply?.FirstOrDefault() is not ('+' or ':'))
        {
            throw new InvalidOperationException($"{command}: {reply}");
        }
    }

    /// <summary>Holds all writes up, and what their connections send after them, until <see cref="ResumeWritesAsync"/>. Other connections can read.</summary>
    public Task HoldWritesAsync() => ExecuteAsync("CLIENT PAUSE 3600000 WRITE");

    /// <summary>Does the writes that were held up, except those whose connection is gone.</summary>
    public Task ResumeWritesAsync() => ExecuteAsync("CLIENT UNPAUSE");

    /// <summary>Ends the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync(null);
        if (Directory.Exists(_directory))
        {
            // The server crashed, and no test started it again.
            Directory.Delete(_directory, recursive: true);
        }
    }

    private static async Task ReadUntilReadyAsync(StreamReader output)
    {
        var log = new List<string>();
        while (await output.ReadLineAsync() is { } line)
        {
            log.Add(line);
            if (line.Contains("ready to accept connections", StringComparison.OrdinalIgnoreCase))
            {
                return;
            }
        }

        throw new InvalidOperationException("redis-server ended: " + string.Join('\n', log.TakeLast(20)));
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
