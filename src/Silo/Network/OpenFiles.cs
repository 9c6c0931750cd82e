using System.Globalization;

namespace GenAI.Chats.Silo.Network;

/// <summary>The process's limit of open files. Each connection counts, and a process that reaches the limit fails.</summary>
internal static class OpenFiles
{
    /// <summary>If the limit is lower, the server logs a warning.</summary>
    public const long Enough = 4096;

    private const string Limits = "/proc/self/limits";
    private const string Key = "Max open files";

    // For the runtime with the program's assemblies, the store, and the cluster.
    private const long Own = 384;

    private const long FewestConnections = 16;

    /// <summary>The limit. Null if it isn't known.</summary>
    public static long? Limit { get; } = File.Exists(Limits) ? Read(File.ReadLines(Limits)) : null;

    /// <summary>
    /// Returns how many connections the server can accept: half of the files that it doesn't need itself. The other half is for models, other servers, and the
    /// store.
    /// </summary>
    public static long Connections(long limit) => Math.Max(FewestConnections, (limit - Own) / 2);

    /// <summary>Reads the soft limit from the lines of <c>/proc/self/limits</c>. Null if there is none.</summary>
    public static long? Read(IEnumerable<string> lines) =>
        lines.FirstOrDefault(static line => line.StartsWith(Key, StringComparison.Ordinal)) is { } line
        && line[Key.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
        && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : null;
}
