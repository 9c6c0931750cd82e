using System.Globalization;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>How many files the process may have open. Each connection is one, and a process that runs out of them ends.</summary>
internal static class OpenFiles
{
    /// <summary>Servers with fewer are warned.</summary>
    public const long Enough = 4096;

    private const string Limits = "/proc/self/limits";
    private const string Key = "Max open files";

    // The runtime with the program's assemblies, the store, and the cluster.
    private const long Own = 384;

    private const long FewestConnections = 16;

    /// <summary>The limit; null where it isn't known.</summary>
    public static long? Limit { get; } = File.Exists(Limits) ? Read(File.ReadLines(Limits)) : null;

    /// <summary>How many connections the server may accept: half of what it doesn't need itself. The rest is for models, other servers, and the store.</summary>
    public static long Connections(long limit) => Math.Max(FewestConnections, (limit - Own) / 2);

    /// <summary>Reads the limit in force, the first of the two, from the lines of <c>/proc/self/limits</c>; null where there is none.</summary>
    public static long? Read(IEnumerable<string> lines) =>
        lines.FirstOrDefault(static line => line.StartsWith(Key, StringComparison.Ordinal)) is { } line
        && line[Key.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
        && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : null;
}
