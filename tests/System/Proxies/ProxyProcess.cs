using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using Grpc.Net.Client;

namespace GenAI.Chats.SystemTests.Proxies;

/// <summary>nginx or HAProxy as a process of its own, in front of a server.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    /// <summary>The name of nginx.</summary>
    public const string Nginx = "nginx";

    /// <summary>The name of HAProxy.</summary>
    public const string HaProxy = "haproxy";

    private readonly TestDirectory _directory;
    private readonly ChildProcess _process;

    private ProxyProcess(TestDirectory directory, ChildProcess process, int port)
    {
        _directory = directory;
        _process = process;
        Address = $"127.0.0.1:{port}";
        Channel = GrpcChannel.ForAddress($"http://{Address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });
        Client = new V1.Chats.ChatsClient(Channel);
    }

    /// <summary>Host and port of the proxy.</summary>
    public string Address { get; }

    /// <summary>A connection to the proxy.</summary>
    public GrpcChannel Channel { get; }

    /// <summary>A client of the server, through the proxy.</summary>
    public V1.Chats.ChatsClient Client { get; }

    /// <summary>Starts a proxy with the settings in <c>deploy</c>.</summary>
    public static async Task<ProxyProcess> StartDocumentedAsync(string program, ServerProcess server) => await StartAsync(
        program, server, await File.ReadAllTextAsync(Repository.PathTo(program == Nginx ? "deploy/nginx/nginx.conf" : "deploy/haproxy/haproxy.cfg")));

    /// <summary>Starts a proxy with its default settings.</summary>
    /// <param name="program">The proxy.</param>
    /// <param name="server">The server.</param>
    /// <param name="limit">How long the server may be silent on a stream. Null: 60 s in nginx, and 50 s in HAProxy, as in Debian's configuration.</param>
    public static Task<ProxyProcess> StartAsync(string program, ServerProcess server, TimeSpan? limit)
    {
        var seconds = limit?.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return StartAsync(program, server, program == Nginx
            ? $$"""
                events { }
                http {
                    access_log off;
                    server { listen 127.0.0.1:50050 http2; location / { grpc_pass grpc://127.0.0.1:50051; {{(limit is null ? "" : $"grpc_read_timeout {seconds}s;")}} } }
                }
                """
            : $"""
                defaults
                    mode http
                    timeout connect 5s
                    timeout client 50s
                    timeout server {seconds ?? "50"}s
                frontend grpc
                    bind 127.0.0.1:50050 proto h2
                    default_backend chats
                backend chats
                    server server-1 127.0.0.1:50051 proto h2
                """);
    }

    /// <summary>Whether the proxy has closed a stream on which the server was silent for too long.</summary>
    public bool HasTimedOut => _process.Lines.Any(static line => line.Contains("timed out", StringComparison.Ordinal) || line.Contains(" sD", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    public override string ToString() => _process.ToString();

    private static async Task<ProxyProcess> StartAsync(string program, ServerProcess server, string settings)
    {
        var directory = new TestDirectory();
        var port = ReservedPort.Next();
        settings = settings
            .Replace("defaults\n", "defaults\n    log stdout format raw local0\n    option httplog\n", StringComparison.Ordinal)
            .Replace("127.0.0.1:50050", $"127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("127.0.0.1:50051", server.Address, StringComparison.Ordinal)
            .Replace("check port 8080", $"check port {server.Ready!.Port}", StringComparison.Ordinal);
        var file = Path.Combine(directory.Path, program);
        await File.WriteAllTextAsync(file, program == Nginx ? $"{NginxFiles(directory.Path)}\n{settings.Replace("http {", NginxPaths, StringComparison.Ordinal)}" : settings + "\n");
        var process = program == Nginx
            ? ChildProcess.Start("/usr/sbin/nginx", ["-p", directory.Path, "-c", file, "-e", "stderr"])
            : ChildProcess.Start("/usr/sbin/haproxy", ["-db", "-f", file]);
        var proxy = new ProxyProcess(directory, process, port);
        try
        {
            await ListensAsync(port, process);
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    private static string NginxFiles(string directory) => $"user {Environment.UserName}; daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log /dev/stdout info;";

    // Debian's paths need root.
    private static string NginxPaths => "http {\n client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;";

    // A proxy prints nothing when it's ready.
    private static Task<bool> ListensAsync(int port, ChildProcess process) => TimeLimit.UntilAsync(
        async () =>
        {
            Assert.False(process.HasExited, process.ToString());
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        static listens => listens);
}
