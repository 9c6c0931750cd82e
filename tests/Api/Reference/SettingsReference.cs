using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Silo.Settings;

namespace GenAI.Chats.Api.Tests.Reference;

/// <summary>Describes all settings, from the options that they are bound to: as a JSON schema, and as a page.</summary>
internal sealed partial class SettingsReference(SettingsTree tree)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Types of which any value is a leaf, and their JSON type.
    private static readonly Dictionary<Type, string> Leaves = new()
    {
        [typeof(bool)] = "boolean",
        [typeof(int)] = "integer",
        [typeof(long)] = "integer",
        [typeof(double)] = "number",
        [typeof(string)] = "string",
        [typeof(Uri)] = "string",
        [typeof(TimeSpan)] = "string",
        [typeof(DateTimeOffset)] = "string",
    };

    // Settings without a property.
    private static readonly Dictionary<string, string> OtherComments = new()
    {
        [ChatMetrics.TenantKey] = "Whether `chats.turn.*` metrics have the attribute `chats.tenant`. Default false.",
    };

    /// <summary>Returns the JSON schema.</summary>
    public string ToSchema()
    {
        var sections = new JsonObject();
        foreach (var root in tree.Roots.Order(StringComparer.Ordinal))
        {
            sections[root] = Section(root, [.. tree.TypesOf(root).Select(static type => (type, Create(type)))]);
        }

        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft-07/schema",
            ["title"] = "Settings of GenAI Chats",
            ["type"] = "object",
            ["properties"] = sections,
        };
        return schema.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>Returns the tables of all settings.</summary>
    public string ToTables()
    {
        var page = new StringBuilder();
        foreach (var root in tree.Roots.Order(StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {root}\n\n| Key | Type | Default | Description |\n| --- | --- | --- | --- |\n");
            foreach (var row in Rows(root, root, [.. tree.TypesOf(root).Select(static type => (type, Create(type)))], []))
            {
                page.Append(CultureInfo.InvariantCulture, $"{row}\n");
            }
        }

        return page.ToString();
    }

    // Items with keys that the page has already are one row.
    private IEnumerable<string> Rows(string path, string shown, IReadOnlyList<(Type Type, object? Value)> sections, HashSet<Type> shownTypes)
    {
        foreach (var member in Members(path, sections))
        {
            var key = $"{shown}:{member.Name}";
            if (member.Item is { } item)
            {
                key += IsDictionary(member.Type) ? ":NAME" : ":N";
                var isShown = sections.Any(section => section.Type.IsSubclassOf(item)) || !shownTypes.Add(item);
                var items = IsLeaf(item) ? [Row(key, TypeName(item), null, member.Comment)]
                    : isShown ? [Row(key, "section", null, $"{member.Comment} Keys: {Keys($"{path}:{member.Name}:", item)}.")]
                    : Rows($"{path}:{member.Name}:", key, [(item, Create(item))], shownTypes);
                foreach (var row in items)
                {
                    yield return row;
                }
            }
            else if (IsLeaf(member.Type))
            {
                yield return Row(key, TypeName(member.Type), member.Value, member.Comment);
            }
            else
            {
                shownTypes.UnionWith(member.Sections.Select(static section => section.Type));
                foreach (var row in Rows($"{path}:{member.Name}", key, member.Sections, shownTypes))
                {
                    yield return row;
                }
            }
        }
    }

    private string Keys(string path, Type type) => string.Join(", ", Members(path, [(type, null)]).Select(static member => $"`{member.Name}`"));

    private static string Row(string key, string type, object? value, string comment)
    {
        var (shown, text) = Default(value) is { } known ? ($"`{known}`", LastSentence.Replace(comment, "")) : ("", comment);
        return $"| `{key}` | {type} | {shown} | {text.Replace("|", "\\|", StringComparison.Ordinal)} |";
    }

    private JsonObject Section(string path, IReadOnlyList<(Type Type, object? Value)> sections)
    {
        var properties = new JsonObject();
        foreach (var member in Members(path, sections))
        {
            var schema = member.Item is { } item
                ? Collection(member.Type, IsLeaf(item) ? Leaf(item, null) : Section($"{path}:{member.Name}:", [(item, Create(item))]))
                : IsLeaf(member.Type) ? Leaf(member.Type, member.Value)
                : Section($"{path}:{member.Name}", member.Sections);
            if (member.Comment.Length > 0)
            {
                schema.Insert(0, "description", member.Comment.Replace("`", "", StringComparison.Ordinal));
            }

            properties[member.Name] = schema;
        }

        // Settings that Orleans reads itself aren't listed.
        return new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = path == "Orleans" };
    }

    private static JsonObject Collection(Type type, JsonObject item) => IsDictionary(type)
        ? new JsonObject { ["type"] = "object", ["additionalProperties"] = item }
        : new JsonObject { ["type"] = "array", ["items"] = item };

    private static JsonObject Leaf(Type type, object? value)
    {
        var actual = Nullable.GetUnderlyingType(type) ?? type;
        var schema = new JsonObject { ["type"] = actual.IsEnum ? "string" : Leaves[actual] };
        if (actual.IsEnum && !actual.IsDefined(typeof(FlagsAttribute), false))
        {
            schema["enum"] = new JsonArray([.. Enum.GetNames(actual).Select(static name => JsonValue.Create(name))]);
        }

        if (Default(value) is { } text)
        {
            schema["default"] = value is bool or int or long or double ? JsonNode.Parse(text) : text;
        }

        return schema;
    }

    // Of several options with the same section. Members with any name aren't members of a section.
    private IEnumerable<Member> Members(string path, IReadOnlyList<(Type Type, object? Value)> sections) =>
        from member in tree.MembersOf(path, sections.Select(static section => section.Type))
        where member.Name.Length > 0 && member.Type != typeof(object)
        group member by member.Name into named
        let first = named.First()
        let owner = first.Property is { } property ? sections.FirstOrDefault(section => property.DeclaringType!.IsAssignableFrom(section.Type)).Value : null
        orderby named.Key
        select new Member(
            named.Key,
            first.Type,
            owner is null ? null : first.Property!.GetValue(owner),
            first.Property is null ? OtherComments.GetValueOrDefault($"{path}:{named.Key}", "") : Comments.Of(first.Property),
            [.. named.Select(one => (one.Type, owner is null ? Create(one.Type) : one.Property?.GetValue(owner) ?? Create(one.Type)))]);

    private static bool IsLeaf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var actual && (actual.IsEnum || Leaves.ContainsKey(actual));

    private static bool IsDictionary(Type type) => type.GetInterfaces().Append(type).Any(static one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IDictionary<,>));

    private static object? Create(Type type) => IsLeaf(type) || type.IsAbstract || type == typeof(object) ? null : Activator.CreateInstance(type);

    private static string TypeName(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { IsEnum: true } actual => string.Join(", ", Enum.GetNames(actual).Select(static name => $"`{name}`")),
        var actual when actual == typeof(TimeSpan) => "duration",
        var actual when actual == typeof(Uri) => "URL",
        var actual when actual == typeof(DateTimeOffset) => "date and time",
        var actual when actual == typeof(bool) => "`true`, `false`",
        var actual => Leaves[actual],
    };

    private static string? Default(object? value) => value switch
    {
        null or "" => null,
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    // It repeats the default.
    [GeneratedRegex(@" Default:? [^ ]*( [^ ]+)?\.$")]
    private static partial Regex LastSentence { get; }

    private sealed record Member(string Name, Type Type, object? Value, string Comment, IReadOnlyList<(Type Type, object? Value)> Sections)
    {
        /// <summary>Gets the type of the items, if the member is a list or dictionary.</summary>
        public Type? Item => Type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(Type) ? Type.GetGenericArguments()[^1] : null;
    }
}
