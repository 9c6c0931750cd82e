using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo;

/// <summary>How the silo finds others and is found: the configuration section <c>Orleans</c>.</summary>
public sealed record ChatSiloOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Orleans";

    /// <summary>Names the cluster: silos with the same one find each other. Default <c>chats</c>.</summary>
    public string ClusterId { get; init; } = "chats";

    /// <summary>Names the service. Default <c>chats</c>.</summary>
    public string ServiceId { get; init; } = "chats";

    /// <summary>How silos find each other. <c>Localhost</c>: there is one silo, in this process. Default <c>Localhost</c>.</summary>
    public string Clustering { get; init; } = "Localhost";

    /// <summary>The port for other silos. 0: any that is free. Default 0.</summary>
    public int SiloPort { get; init; }

    /// <summary>The port for clients of the cluster. 0: none. Default 0.</summary>
    public int GatewayPort { get; init; }

    /// <summary>How long an answer to a probe may take. Default 2 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a chat that nobody calls stays in memory. Default 10 min.</summary>
    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Checks <see cref="ChatSiloOptions"/> at start. Each message names the key, its value and the rule.</summary>
internal sealed class ChatSiloOptionsValidator : IValidateOptions<ChatSiloOptions>
{
    private const int MaxPort = 65_535;

    public ValidateOptionsResult Validate(string? name, ChatSiloOptions options)
    {
        var failures = new List<string>();
        Check(nameof(options.Clustering), options.Clustering, options.Clustering == "Localhost", "Localhost, the only one so far");
        Check(nameof(options.ClusterId), options.ClusterId, options.ClusterId.Length > 0, "a name");
        Check(nameof(options.ServiceId), options.ServiceId, options.ServiceId.Length > 0, "a name");
        Check(nameof(options.SiloPort), options.SiloPort, options.SiloPort is >= 0 and <= MaxPort, $"between 0 and {MaxPort}");
        Check(nameof(options.GatewayPort), options.GatewayPort, options.GatewayPort is >= 0 and <= MaxPort, $"between 0 and {MaxPort}");
        Check(nameof(options.ProbeTimeout), options.ProbeTimeout, options.ProbeTimeout >= TimeSpan.FromMilliseconds(500), "at least 00:00:00.5");
        Check(nameof(options.CollectionAge), options.CollectionAge, options.CollectionAge > TimeSpan.FromMinutes(1), "more than 00:01:00");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, object value, bool holds, string rule)
        {
            if (!holds)
            {
                failures.Add($"{ChatSiloOptions.SectionName}:{key} is {value}; it must be {rule}.");
            }
        }
    }
}
