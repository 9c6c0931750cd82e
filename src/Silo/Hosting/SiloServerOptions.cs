using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Where a silo that is a process of its own says how it is: the configuration section <c>Silo</c>.</summary>
public sealed record SiloServerOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Silo";

    /// <summary>The address that the ports are opened on. Default 127.0.0.1; 0.0.0.0 is all.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port for gRPC's health checks: HTTP/2 without TLS. 0: any that is free. Default 50052.</summary>
    public int GrpcPort { get; init; } = 50052;

    /// <summary>The port for HTTP/1.1: health. 0: any that is free. Default 8081.</summary>
    public int HttpPort { get; init; } = 8081;
}

/// <summary>Checks <see cref="SiloServerOptions"/> at start. Each message names the key, its value and the rule.</summary>
internal sealed class SiloServerOptionsValidator : IValidateOptions<SiloServerOptions>
{
    private const int MaxPort = 65_535;

    public ValidateOptionsResult Validate(string? name, SiloServerOptions options)
    {
        var failures = new List<string>();
        Check(nameof(options.Address), options.Address, System.Net.IPAddress.TryParse(options.Address, out _), "an IP address");
        Check(nameof(options.GrpcPort), options.GrpcPort, options.GrpcPort is >= 0 and <= MaxPort, $"between 0 and {MaxPort}");
        Check(nameof(options.HttpPort), options.HttpPort, options.HttpPort is >= 0 and <= MaxPort, $"between 0 and {MaxPort}");
        Check(nameof(options.HttpPort), options.HttpPort, options.HttpPort != options.GrpcPort || options.HttpPort == 0, "another than Silo:GrpcPort");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, object value, bool holds, string rule)
        {
            if (!holds)
            {
                failures.Add($"{SiloServerOptions.SectionName}:{key} is {value}; it must be {rule}.");
            }
        }
    }
}
