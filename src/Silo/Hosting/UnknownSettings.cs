using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using GenAI.Chats.Silo.Settings;
using GenAI.Chats.Silo.Telemetry;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Finds settings in the service's configuration sections that don't exist, which are mostly typing errors.</summary>
internal static class UnknownSettings
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

    // Settings of .NET, ASP.NET Core, and OpenTelemetry. Names in capital letters are environment variables, which can be set in any source.
    private static readonly HashSet<string> OfOthers = new(StringComparer.OrdinalIgnoreCase)
    {
        "AllowedHosts", "ApplicationName", "CaptureStartupErrors", "ConnectionStrings", "ContentRoot", "DetailedErrors", "Environment", "ForwardedHeaders_Enabled",
        "HostBuilder", "HostingStartupAssemblies", "HostingStartupExcludeAssemblies", "Http_Ports", "Https_Ports", "Kestrel", "Logging", "Metrics", "OpenTelemetry",
        "PreferHostingUrls", "PreventHostingStartup", "ShutdownTimeoutSeconds", "StartupAssembly", "SuppressStatusMessages", "Urls", "WebRoot",
    };

    /// <summary>Creates the tree of all known settings.</summary>
    /// <param name="others">Sections in addition to those of this project, with their options. A type of <see cref="object"/> has any settings.</param>
    internal static SettingsTree Known(params IEnumerable<(string Path, Type Type)> others) => new([.. Own, .. others]);

    /// <summary>Checks a configuration.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="others">Sections in addition to those of this project, with their options. A type of <see cref="object"/> has any settings.</param>
    /// <exception cref="OptionsValidationException">There are unknown settings.</exception>
    public static void Check(IConfiguration configuration, params IEnumerable<(string Path, Type Type)> others)
    {
        var known = Known(others);
        var mistyped = known.Roots.SelectMany(root => Find(configuration.GetSection(root), known.TypesOf(root), known));
        var renamed = Renamed.Select(static one => SettingsTree.RootOf(one.Path)).Distinct()
            .SelectMany(root => SettingsIn(configuration.GetSection(root)).Where(setting => !SettingsTree.AreSame(setting, root)))
            .Select(setting => (Path: setting, Suggestion: (string?)(known.Correct(NameNow(setting)) ?? NameNow(setting)))).OrderBy(static one => one.Path);
        List<string> failures = [.. mistyped.Concat(renamed).Concat(FindRoots(configuration, known)).Select(one => Describe(configuration, one.Path, one.Suggestion))];
        if (failures.Count > 0)
        {
            throw new OptionsValidationException("", typeof(IConfiguration), failures);
        }
    }

    private static IEnumerable<(string Path, string? Suggestion)> Find(IConfigurationSection section, IReadOnlyList<Type> types, SettingsTree known)
    {
        if (types.Contains(typeof(object)))
        {
            yield break;
        }

        var members = known.MembersOf(section.Path, types);
        foreach (var child in section.GetChildren())
        {
            var found = members.Where(member => member.Name is "" || SettingsTree.AreSame(member.Name, child.Key)).Select(static member => member.Type).ToList();
            IEnumerable<(string, string?)> failures = found.Count == 0
                ? [(child.Path, Suggest(child, members.Select(static member => member.Name)))]
                : Find(child, found, known);
            foreach (var failure in failures)
            {
                yield return failure;
            }
        }
    }

    // The command line has only this program's settings. Files and the environment can have those of others, so only what is almost a known key is mistyped.
    private static IEnumerable<(string Path, string? Suggestion)> FindRoots(IConfiguration configuration, SettingsTree known) =>
        from root in configuration.GetChildren()
        where !known.Roots.Any(one => SettingsTree.AreSame(one, root.Key)) && !OfOthers.Contains(root.Key) && !IsVariable(root.Key)
            && !Renamed.Any(one => SettingsTree.AreSame(SettingsTree.RootOf(one.Path), root.Key))
        from path in SettingsIn(root)
        let suggestion = path.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal) ? known.Correct(path) : null
        let isArgument = ProviderOf(configuration, path) is CommandLineConfigurationProvider
        where isArgument || suggestion is not null
        select (path, suggestion ?? known.FindAnywhere(ConfigurationPath.GetSectionKey(path)!));

    private static IEnumerable<string> SettingsIn(IConfigurationSection section) =>
        section.AsEnumerable().Where(static setting => setting.Value is not null).Select(static setting => setting.Key);

    private static bool IsVariable(string key) => key.All(static letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '_');

    private static string Describe(IConfiguration configuration, string path, string? suggestion) =>
        $"{path}: unknown setting{SourceOf(configuration, path)}.{(suggestion is null ? "" : $" Did you mean {suggestion}?")}";

    private static string? Suggest(IConfigurationSection setting, IEnumerable<string> names) =>
        NearestName.Find(setting.Key, names) is { } name ? $"{ConfigurationPath.GetParentPath(setting.Path)}:{name}" : null;

    private static string NameNow(string path)
    {
        var (old, now) = Renamed.First(one => $"{path}:".StartsWith($"{one.Path}:", StringComparison.OrdinalIgnoreCase));
        return now + path[old.Length..];
    }

    private static IConfigurationProvider? ProviderOf(IConfiguration configuration, string path) =>
        (configuration as IConfigurationRoot)?.Providers.LastOrDefault(one => one.TryGet(path, out _) || one.GetChildKeys([], path).Any());

    private static string SourceOf(IConfiguration configuration, string path) => ProviderOf(configuration, path) switch
    {
        CommandLineConfigurationProvider => " (argument)",
        EnvironmentVariablesConfigurationProvider => " (environment variable)",
        FileConfigurationProvider { Source.Path: { } file } => $" ({file})",
        _ => "",
    };
}
