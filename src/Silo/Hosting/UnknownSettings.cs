using System.Reflection;
using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Telemetry;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Finds settings in the service's configuration sections that don't exist, which are mostly typing errors.</summary>
public sealed class UnknownSettings
{
    // The processes of a cluster can share settings, so all sections are known, even if the process doesn't use them.
    private static readonly (string Path, Type Type)[] Own =
    [
        (LimitsOptions.SectionName, typeof(LimitsOptions)),
        (ChatsOptions.SectionName, typeof(ChatsOptions)),
        (ChatSiloOptions.Section, typeof(ChatSiloOptions)),
        (ModelsOptions.Section, typeof(ModelsOptions)),
        (SiloServerOptions.Section, typeof(SiloServerOptions)),
        (StorageOptions.Section, typeof(StorageOptions)),
        (TelemetryOptions.Section, typeof(TelemetryOptions)),
        (ModelTelemetryOptions.Section, typeof(ModelTelemetryOptions)),
        (ChatMetrics.TenantKey, typeof(bool)),

        // Settings that Orleans reads itself.
        .. new[] { "BroadcastChannel", "EnableDistributedTracing", "Endpoints", "GrainDirectory", "GrainStorage", "Messaging", "Name", "Reminders", "Streaming" }
            .Select(static name => ($"{ChatSiloOptions.Section}:{name}", typeof(object))),
    ];

    private readonly IConfiguration _configuration;
    private readonly ILookup<string, (string Name, Type Type)> _nested;
    private readonly ILookup<string, Type> _known;

    private UnknownSettings(IConfiguration configuration, IEnumerable<(string Path, Type Type)> known)
    {
        _configuration = configuration;
        _known = known.ToLookup(static one => one.Path, static one => one.Type, StringComparer.OrdinalIgnoreCase);
        _nested = known.Where(static one => one.Path.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)).ToLookup(
            static one => ConfigurationPath.GetParentPath(one.Path)!, static one => (ConfigurationPath.GetSectionKey(one.Path), one.Type), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Checks a configuration.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="others">Sections in addition to those of this project, with their options. A type of <see cref="object"/> has any settings.</param>
    /// <exception cref="OptionsValidationException">There are unknown settings.</exception>
    public static void Check(IConfiguration configuration, params IEnumerable<(string Path, Type Type)> others)
    {
        (string Path, Type Type)[] known = [.. Own, .. others];
        var unknown = new UnknownSettings(configuration, known);
        var failures = known.Select(static one => one.Path.Split(ConfigurationPath.KeyDelimiter)[0]).Distinct(StringComparer.OrdinalIgnoreCase)
            .SelectMany(root => unknown.Find(configuration.GetSection(root), [.. unknown._known[root]])).ToList();
        if (failures.Count > 0)
        {
            throw new OptionsValidationException("", typeof(IConfiguration), failures);
        }
    }

    private IEnumerable<string> Find(IConfigurationSection section, IReadOnlyList<Type> types)
    {
        foreach (var child in section.GetChildren())
        {
            var members = types.SelectMany(MembersOf).Concat(_nested[section.Path]).ToList();
            var found = members.Where(member => member.Name is "" || member.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)).Select(static member => member.Type).ToList();
            var failures = found.Count == 0 ? [Describe(child, members.Select(member => $"{section.Path}:{member.Name}"))]
                : found.Contains(typeof(object)) ? []
                : Find(child, found);
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

    private string Describe(IConfigurationSection setting, IEnumerable<string> known)
    {
        var nearest = known.Select(key => (Key: key, Distance: Distance(key.ToUpperInvariant(), setting.Path.ToUpperInvariant())))
            .Where(one => one.Distance <= Math.Max(2, setting.Key.Length / 3)).OrderBy(static one => one.Distance).FirstOrDefault().Key;
        return $"{setting.Path}: unknown setting{SourceOf(setting.Path)}.{(nearest is null ? "" : $" Did you mean {nearest}?")}";
    }

    private string SourceOf(string path) =>
        (_configuration as IConfigurationRoot)?.Providers.LastOrDefault(one => one.TryGet(path, out _) || one.GetChildKeys([], path).Any()) switch
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
