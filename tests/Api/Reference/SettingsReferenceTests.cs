using System.Reflection;
using System.Text.Json;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Api.Tests.Reference;

/// <summary>The references of settings are generated from the options. To write them again, set <c>CHATS_WRITE_REFERENCE=1</c>.</summary>
public sealed class SettingsReferenceTests
{
    private const string WriteVariable = "CHATS_WRITE_REFERENCE";

    // The tables follow it.
    private const string Marker = "<!-- Generated from the options' doc comments. -->\n";

    private static readonly string Root =
        typeof(ManualTimeProvider).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(static metadata => metadata.Key == "RepositoryRoot").Value!;

    private readonly SettingsReference _reference = new(UnknownSettings.Known(ApiServer.Sections));

    [Fact]
    public void Schema_Generated_IsTheFile() => Check("src/Silo/ConfigurationSchema.json", _reference.ToSchema());

    [Fact]
    public void Tables_Generated_AreTheEndOfThePage()
    {
        const string Page = "docs/reference/configuration.md";
        var text = File.ReadAllText(Path.Combine(Root, Page));

        Check(Page, text[..(text.IndexOf(Marker, StringComparison.Ordinal) + Marker.Length)] + _reference.ToTables());
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
}
