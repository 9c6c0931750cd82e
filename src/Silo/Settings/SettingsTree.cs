using System.Reflection;

namespace GenAI.Chats.Silo.Settings;

/// <summary>A setting or section in a section.</summary>
/// <param name="Name">The name. If empty, any name, of a dictionary or list.</param>
/// <param name="Type">The type of the value, or the options of the section.</param>
/// <param name="Property">The property that it's bound to, if there is one.</param>
internal sealed record SettingsMember(string Name, Type Type, PropertyInfo? Property = null);

/// <summary>The settings of configuration sections, as the configuration binder reads them into their options.</summary>
/// <param name="sections">The sections, with their options. Several can have the same path. A type of <see cref="object"/> has any settings.</param>
internal sealed class SettingsTree(IReadOnlyList<(string Path, Type Type)> sections)
{
    /// <summary>Gets the names of the top sections.</summary>
    public IReadOnlyList<string> Roots { get; } = [.. sections.Select(static one => RootOf(one.Path)).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Returns the name of a key's top section.</summary>
    public static string RootOf(string path) => path.Split(ConfigurationPath.KeyDelimiter)[0];

    /// <summary>Indicates whether two keys are the same.</summary>
    public static bool AreSame(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the options of a section.</summary>
    public IReadOnlyList<Type> TypesOf(string path) => [.. sections.Where(one => AreSame(one.Path, path)).Select(static one => one.Type)];

    /// <summary>Returns the settings and sections in a section.</summary>
    /// <param name="path">The section's key.</param>
    /// <param name="types">The section's options.</param>
    public IReadOnlyList<SettingsMember> MembersOf(string path, IEnumerable<Type> types) =>
    [
        .. types.SelectMany(MembersOf),
        .. sections.Where(one => AreSame(ConfigurationPath.GetParentPath(one.Path), path)).Select(static one => new SettingsMember(ConfigurationPath.GetSectionKey(one.Path)!, one.Type)),
    ];

    /// <summary>Returns the keys of all settings and sections below the top sections.</summary>
    /// <param name="name">A name for each dictionary and list. If null, the keys in them are left out.</param>
    public IEnumerable<string> Keys(string? name) => Roots.SelectMany(root => KeysOf(root, TypesOf(root), name));

    /// <summary>Returns the key that a user probably meant, with each mistyped part corrected. Null if a part is like no other.</summary>
    public string? Correct(string path)
    {
        var parts = path.Split(ConfigurationPath.KeyDelimiter);
        if (Nearest(parts[0], Roots) is not { } corrected)
        {
            return null;
        }

        var types = TypesOf(corrected);
        foreach (var part in parts.Skip(1))
        {
            if (types.Contains(typeof(object)))
            {
                corrected += $":{part}";
                continue;
            }

            var members = MembersOf(corrected, types);
            if ((members.Any(static member => member.Name is "") ? part : Nearest(part, members.Select(static member => member.Name))) is not { } name)
            {
                return null;
            }

            corrected += $":{name}";
            types = [.. members.Where(member => member.Name is "" || AreSame(member.Name, name)).Select(static member => member.Type)];
        }

        return corrected;
    }

    /// <summary>Returns the key in any section with the nearest name. Null if none is near.</summary>
    public string? FindAnywhere(string name)
    {
        var keys = Keys(null).ToLookup(static key => ConfigurationPath.GetSectionKey(key)!, StringComparer.OrdinalIgnoreCase);
        return NearestName.Find(name, keys.Select(static group => group.Key)) is { } nearest ? keys[nearest].First() : null;
    }

    private static string? Nearest(string part, IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Find(name => AreSame(name, part)) ?? NearestName.Find(part, all);
    }

    private IEnumerable<string> KeysOf(string path, IReadOnlyList<Type> types, string? anyName) =>
        MembersOf(path, types).Select(member => (Name: member.Name is "" ? anyName : member.Name, member.Type)).Where(static member => member.Name is not null)
            .GroupBy(static member => member.Name, static member => member.Type)
            .SelectMany(member => KeysOf($"{path}:{member.Key}", [.. member], anyName).Prepend($"{path}:{member.Key}"));

    private static IEnumerable<SettingsMember> MembersOf(Type type)
    {
        if (type == typeof(string) || type == typeof(object))
        {
            return [];
        }

        var generic = type.GetInterfaces().Append(type).Where(static one => one.IsGenericType).ToLookup(static one => one.GetGenericTypeDefinition());
        return (generic[typeof(IDictionary<,>)].FirstOrDefault() ?? generic[typeof(IEnumerable<>)].FirstOrDefault()) is { } items
            ? [new SettingsMember("", items.GetGenericArguments()[^1])]
            : type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite)
                .Select(static property => new SettingsMember(property.Name, property.PropertyType, property));
    }
}
