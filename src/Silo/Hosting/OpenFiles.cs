using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>
/// Limits connections by how many files the process may have open: each connection is one, and a process that runs out of them ends. What the limit leaves is for
/// the store, other servers, and models.
/// </summary>
internal static class OpenFiles
{
    /// <summary>Servers with less are warned of it.</summary>
    public const long Enough = 4096;

    private const string Limits = "/proc/self/limits";
    private const string Key = "Max open files";

    // The runtime, the store, and the cluster.
    private const long Own = 192;

    // There are two ports, each with its own limit.
    private const long Parts = 3;

    private const long FewestConnections = 16;

    /// <summary>How many files the process may have open; null where that isn't known.</summary>
    public static long? Limit { get; } = File.Exists(Limits) ? Read(File.ReadLines(Limits)) : null;

    /// <summary>Limits the connections of each port, unless a limit is set.</summary>
    public static IServiceCollection AddConnectionLimit(this IServiceCollection services)
    {
        services.PostConfigure<KestrelServerOptions>(static kestrel => kestrel.Limits.MaxConcurrentConnections ??= Limit is { } limit ? Connections(limit) : null);
        return services.AddHostedService<Warning>();
    }

    /// <summary>How many connections each port may have.</summary>
    public static long Connections(long limit) => Math.Max(FewestConnections, (limit - Own) / Parts);

    /// <summary>Reads the limit in force, the first of the two, from the lines of <c>/proc/self/limits</c>; null where there is none.</summary>
    public static long? Read(IEnumerable<string> lines) =>
        lines.FirstOrDefault(static line => line.StartsWith(Key, StringComparison.Ordinal)) is { } line
        && line[Key.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
        && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : null;

    private sealed class Warning(IOptions<KestrelServerOptions> kestrel, ILogger<Warning> logger) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (Limit is < Enough and var limit)
            {
                HostingLog.FewOpenFiles(logger, limit, kestrel.Value.Limits.MaxConcurrentConnections, Enough);
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
