using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Hosting;

/// <summary>What the server does, and where its front door listens: the configuration section <c>Api</c>.</summary>
public sealed record ApiOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Api";

    /// <summary>What the server does. Default <c>Server</c>.</summary>
    public ServerRole Role { get; init; } = ServerRole.Server;

    /// <summary>The address that the ports are opened on. Default 127.0.0.1; 0.0.0.0 is all.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port for gRPC: HTTP/2 without TLS. 0: any that is free. Default 50051.</summary>
    public int GrpcPort { get; init; } = 50051;

    /// <summary>The port for HTTP/1.1: health. 0: any that is free. Default 8080.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>
    /// How long the server receives nothing on an HTTP/2 connection before it sends a ping, so that the calls of a client that vanished end. 0: no pings. Default
    /// 20 s.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the server waits for anything from the client after a ping before it closes the connection. Default 10 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many connections the server accepts at once, on all ports together. Default: half of the files that the process may have open, but for 384 of them;
    /// unlimited where that isn't known.
    /// </summary>
    public int? MaxConnections { get; init; }

    /// <summary>
    /// How long a client may accept no data of its stream before the server ends the stream with UNAVAILABLE, so that its memory is free. Default 30 s.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>What a server does.</summary>
public enum ServerRole
{
    /// <summary>It hosts chats (a silo), and is a front door to all chats of its cluster.</summary>
    Server,

    /// <summary>It is a front door to a cluster of other processes' silos, and has no store and no models.</summary>
    FrontDoor,
}

/// <summary>Checks <see cref="ApiOptions"/> at start. Each message names the key, its value and the rule.</summary>
internal sealed class ApiOptionsValidator : IValidateOptions<ApiOptions>
{
    private const int MaxPort = 65_535;

    // Kestrel looks at its connections once a second.
    private static readonly TimeSpan MinPing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPing = TimeSpan.FromDays(1);
    private static readonly TimeSpan MinStallTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxStallTimeout = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var failures = new List<string>();
        Check(nameof(options.Role), options.Role, Enum.IsDefined(options.Role), "Server or FrontDoor");
        Check(nameof(options.Address), options.Address, System.Net.IPAddress.TryParse(options.Address, out _), "an IP address");
        Check(nameof(options.GrpcPort), options.GrpcPort, options.GrpcPort is >= 0 and <= MaxPort, $"between 0 and {MaxPort}");
        Check(nameof(options.HttpPort), options.HttpPort, options.HttpPort is >= 0 and <= MaxPort, $"between 0 and {MaxPort}");
        Check(nameof(options.HttpPort), options.HttpPort, options.HttpPort != options.GrpcPort || options.HttpPort == 0, "another than Api:GrpcPort");
        var (delay, timeout) = (options.KeepAlivePingDelay, options.KeepAlivePingTimeout);
        Check(nameof(options.KeepAlivePingDelay), delay, delay == TimeSpan.Zero || (delay >= MinPing && delay <= MaxPing), $"0, or between {MinPing} and {MaxPing}");
        Check(nameof(options.KeepAlivePingTimeout), timeout, timeout >= MinPing && timeout <= MaxPing, $"between {MinPing} and {MaxPing}");
        Check(nameof(options.MaxConnections), options.MaxConnections!, options.MaxConnections is null or > 0, "more than 0");
        Check(
            nameof(options.StallTimeout), options.StallTimeout, options.StallTimeout >= MinStallTimeout && options.StallTimeout <= MaxStallTimeout,
            $"between {MinStallTimeout} and {MaxStallTimeout}");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, object value, bool holds, string rule)
        {
            if (!holds)
            {
                failures.Add($"{ApiOptions.SectionName}:{key} is {value}; it must be {rule}.");
            }
        }
    }
}
