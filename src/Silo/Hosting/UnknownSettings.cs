using System.Reflection;
using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using GenAI.Chats.Silo.Telemetry;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Finds settings in the service's configuration sections that don't exist, which are mostly typing errors.</summary>
public static class UnknownSettings
{
    // The processes of a cluster can share settings, so all sections are known, even if the process doesn't use them.
    private static readonly (string Path, Type Type)[] Own =
    [
        (LimitsOptions.SectionName, typeof(LimitsOptions)),
        (ChatsOptions.SectionName, typeof(ChatsOptions)),
        (ChatSiloOptions.SectionName, typeof(ChatSiloOptions)),
        (ModelsOptions.SectionName, typeof(ModelsOptions)),
        (SiloServerOptions.SectionName, typeof(SiloServerOptions)),
        (StorageOptions.SectionName, typeof(StorageOptions)),
        (TelemetryOptions.SectionName, typeof(TelemetryOptions)),
        (ModelTelemetryOptions.SectionName, typeof(ModelTelemetryOptions)),
        (ChatMetrics.TenantKey, typeof(bool)),

        // Settings that Orleans reads itself.
        .. new[] { "BroadcastChannel", "EnableDistributedTracing", "Endpoints", "GrainDirectory", "GrainStorage", "Messaging", "Name", "Reminders", "Streaming" }
            .Select(static name => ($"{ChatSiloOptions.SectionName}:{name}", typeof(object))),
    ];

    // Settings of earlier versions, and their names now. Of several that apply, the first one counts.
    private static readonly (string Path, string Now)[] Renamed =
    [
        ("Admission:Server:WaitingChats", "Limits:Server:MaxQueuedChats"),
        ("Admission:Server:MemoryShare", "Limits:Server:MaxMemoryUtilization"),
        ("Admission:Server:MaxMemoryShare", "Limits:Server:CriticalMemoryUtilization"),
        ("Admission", "Limits"),
        ("Identity:Mode", "Authentication:Schemes"),
        ("Identity:Jwt:KeysFile", "Authentication:Jwt:JwksFile"),
        ("Identity:Jwt:KeysUrl", "Authentication:Jwt:JwksUri"),
        ("Identity", "Authentication"),
    ];

    /// <summary>Checks a configuration.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="others">Sections in addition to those of this project, with their options. A type of <see cref="object"/> has any settings.</param>
    /// <exception cref="OptionsValidationException">There are unknown settings.</exception>
    public static void Check(IConfiguration configuration, params IEnumerable<(string Path, Type Type)> others)
    {
        (string Path, Type Type)[] known = [.. Own, .. others];
        var mistyped = known.Select(static one => RootOf(one.Path)).Distinct(StringComparer.OrdinalIgnoreCase)
            .SelectMany(root => Find(configuration.GetSection(root), [.. known.Where(one => AreSame(one.Path, root)).Select(static one => one.Type)], known));
        var renamed = Renamed.Select(static one => RootOf(one.Path)).Distinct()
            .SelectMany(root => configuration.GetSection(root).AsEnumerable().Where(setting => setting.Value is not null && !AreSame(setting.Key, root)))
            .Select(static setting => (Path: setting.Key, Suggestion: (string?)NameNow(setting.Key))).Order();
        List<string> failures = [.. mistyped.Concat(renamed).Select(one => Describe(configuration, one.Path, one.Suggestion))];
        if (failures.Count > 0)
        {
            throw new OptionsValidationException("", typeof(IConfiguration), failures);
        }
    }

    private static IEnumerable<(string Path, string? Suggestion)> Find(IConfigurationSection section, IReadOnlyList<Type> types, (string Path, Type Type)[] known)
    {
        var nested = known.Where(one => AreSame(ConfigurationPath.GetParentPath(one.Path), section.Path)).Select(static one => (ConfigurationPath.GetSectionKey(one.Path)!, one.Type));
        List<(string Name, Type Type)> members = [.. types.SelectMany(MembersOf), .. nested];
        foreach (var child in section.GetChildren())
        {
            var found = members.Where(member => member.Name is "" || AreSame(member.Name, child.Key)).Select(static member => member.Type).ToList();
            IEnumerable<(string, string?)> failures = found.Count == 0 ? [(child.Path, Nearest(child, members.Select(member => $"{section.Path}:{member.Name}")))]
                : found.Contains(typeof(object)) ? []
                : Find(child, found, known);
            foreach (var failure in failures)
            {
                yield return failure;
            }
        }
    }

    // The settings that the binder reads into a type. An empty name: any key, of a dictionary or list.
    private static IEnumerable<(string Name, Type Type)> MembersOf(Type type)
    {
        if (type == typeof(string))
        {
            return [];
        }

        var generic = type.GetInterfaces().Append(type).Where(static one => one.IsGenericType).ToLookup(static one => one.GetGenericTypeDefinition());
        return (generic[typeof(IDictionary<,>)].FirstOrDefault() ?? generic[typeof(IEnumerable<>)].FirstOrDefault()) is { } items
            ? [("", items.GetGenericArguments()[^1])]
            : type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite)
                .Select(static property => (property.Name, property.PropertyType));
    }

    private static string Describe(IConfiguration configuration, string path, string? suggestion) =>
        $"{path}: unknown setting{SourceOf(configuration, path)}.{(suggestion is null ? "" : $" Did you mean {suggestion}?")}";

    private static string? Nearest(IConfigurationSection setting, IEnumerable<string> keys) =>
        keys.Select(key => (Key: key, Distance: Distance(key.ToUpperInvariant(), setting.Path.ToUpperInvariant())))
            .Where(one => one.Distance <= Math.Max(2, setting.Key.Length / 3)).OrderBy(static one => one.Distance).FirstOrDefault().Key;

    private static string NameNow(string path)
    {
        var (old, now) = Renamed.First(one => $"{path}:".StartsWith($"{one.Path}:", StringComparison.OrdinalIgnoreCase));
        return now + path[old.Length..];
    }

    private static string RootOf(string path) => path.Split(ConfigurationPath.KeyDelimiter)[0];

    private static bool AreSame(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string SourceOf(IConfiguration configuration, string path) =>
        (configuration as IConfigurationRoot)?.Providers.LastOrDefault(one => one.TryGet(path, out _) || one.GetChildKeys([], path).Any()) switch
        {
            CommandLineConfigurationProvider => " (argument)",
            EnvironmentVariablesConfigurationProvider => " (environment variable)",
            FileConfigurationProvider { Source.Path: { } file } => $" ({file})",
            _ => "",
        };

    // The Levenshtein distance.
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
