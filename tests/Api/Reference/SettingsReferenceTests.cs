using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Api.Tests.Reference;

/// <summary>The references of settings are generated from the options. To write them again, set <c>CHATS_WRITE_REFERENCE=1</c>.</summary>
public sealed partial class SettingsReferenceTests
{
    private const string WriteVariable = "CHATS_WRITE_REFERENCE";

    private static readonly string Root =
        typeof(ManualTimeProvider).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(static metadata => metadata.Key == "RepositoryRoot").Value!;

    private readonly SettingsReference _reference = new(UnknownSettings.Known(ApiServer.Sections));

    [Fact]
    public void Schema_Generated_IsTheFile() => Check("src/Silo/ConfigurationSchema.json", _reference.ToSchema());

    [Fact]
    public void Page_Generated_IsTheFile() => Check("docs/reference/settings.md", _reference.ToPage());

    [Fact]
    public void Page_EachKeyOfTheConfigurationPage_HasTheSameDefault()
    {
        var defaults = PageRow.Matches(_reference.ToPage()).ToLookup(static row => row.Groups["key"].Value.Split(':')[^1], static row => row.Groups["value"].Value.Trim('`'));
        var rows = ConfigurationRow.Matches(File.ReadAllText(Path.Combine(Root, "docs/reference/configuration.md")));

        var wrong = rows.Where(row => IsValue(row.Groups["value"].Value))
            .Select(static row => (Key: row.Groups["key"].Value.Split(':')[^1], Value: row.Groups["value"].Value.Trim('`')))
            .Where(row => defaults.Contains(row.Key) && !defaults[row.Key].Any(value => value.Length == 0 || AreSame(value, row.Value)));

        Assert.NotEmpty(rows);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Appsettings_Schema_IsNextToIt()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "src/Silo/appsettings.json")));

        Assert.Equal("ConfigurationSchema.json", settings.RootElement.GetProperty("$schema").GetString());
        Assert.True(File.Exists(Path.Combine(AppContext.BaseDirectory, "ConfigurationSchema.json")));
    }

    private static void Check(string file, string expected)
    {
        var path = Path.Combine(Root, file);
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.Exists(path) ? File.ReadAllText(path) : "");
    }

    // Other defaults are described in words, or as 64 MiB.
    private static bool IsValue(string text) => Value.IsMatch(text);

    private static bool AreSame(string one, string other) =>
        one == other.Replace(",", "", StringComparison.Ordinal)
        || (TimeSpan.TryParse(one, System.Globalization.CultureInfo.InvariantCulture, out var a) && TimeSpan.TryParse(other, System.Globalization.CultureInfo.InvariantCulture, out var b) && a == b);

    [GeneratedRegex(@"^\| `(?<key>[^`]+)` \| [^|]+ \| (?<value>[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex PageRow { get; }

    [GeneratedRegex(@"^\| `(?<key>[A-Z][A-Za-z:]+)` \| (?<value>[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex ConfigurationRow { get; }

    [GeneratedRegex(@"^(`[^`]+`|[\d,.:]+|true|false)$")]
    private static partial Regex Value { get; }
}
