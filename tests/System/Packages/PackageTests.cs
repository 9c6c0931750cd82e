using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GenAI.Chats.Client;
using GenAI.Chats.SystemTests.Docs;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Packages;

/// <summary>The packages, as their users get them: outside of the repository, and from a package source.</summary>
public sealed partial class PackageTests(PackedFeed feed) : IClassFixture<PackedFeed>
{
    private const string Sdk = "Microsoft.NET.Sdk";

    private static readonly string[] Described = ["authors", "description", "tags", "projectUrl"];

    /// <summary>The packages, with the frameworks of each.</summary>
    public static TheoryData<string, string[]> Libraries { get; } = new()
    {
        { "GenAI.Chats.Api", ["net10.0"] },
        { "GenAI.Chats.Aspire.Client", ["net10.0", "net8.0"] },
        { "GenAI.Chats.Aspire.Hosting", ["net10.0"] },
        { "GenAI.Chats.Client", ["net10.0", "net8.0"] },
        { "GenAI.Chats.Engine", ["net10.0"] },
        { "GenAI.Chats.Grains", ["net10.0"] },
        { "GenAI.Chats.Models", ["net10.0"] },
        { "GenAI.Chats.Protos", ["net10.0", "net8.0"] },
        { "GenAI.Chats.Silo", ["net10.0"] },
        { "GenAI.Chats.Storage", ["net10.0"] },
    };

    [LongTheory]
    [MemberData(nameof(Libraries))]
    public void Library_Package_IsComplete(string name, string[] frameworks)
    {
        Assert.Equal(
            frameworks.SelectMany(framework => new[] { $"lib/{framework}/{name}.dll", $"lib/{framework}/{name}.xml" })
                .Concat([$"{name}.nuspec", "README.md", "icon.png"]).Order(StringComparer.Ordinal),
            FilesOf($"{name}.{feed.Version}.nupkg"));
        Assert.Equal(
            frameworks.Select(framework => $"lib/{framework}/{name}.pdb").Append($"{name}.nuspec").Order(StringComparer.Ordinal),
            FilesOf($"{name}.{feed.Version}.snupkg"));
        CheckMetadata(name);
    }

    [LongFact]
    public void Packages_OfTheSolution_AreThese() =>
        Assert.Equal(
            Libraries.Select(static row => (string)row[0]).Append("genai-chats").Select(name => $"{name}.{feed.Version}.nupkg").Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(feed.Folder, "*.nupkg").Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [LongFact]
    public async Task Client_ExampleOfTheReadme_BuildsAndRuns()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        var example = CodeOf("README.md", "using GenAI.Chats.Client;");

        var program = await feed.BuildAsync("GenAI.Chats.Client", Sdk, example.Replace("127.0.0.1:50051", server.Address, StringComparison.Ordinal), "net10.0", "net8.0");

        Assert.Equal(["Tell me a story."], await ChildProcess.RunAsync("dotnet", [program]));
    }

    [LongTheory]
    [InlineData("docs/how-to/embed-the-service.md")]
    [InlineData("src/Api/README.md")]
    public async Task Api_ExampleOfThePage_Serves(string page)
    {
        using var directory = new TestDirectory();

        var program = await feed.BuildAsync("GenAI.Chats.Api", $"{Sdk}.Web", CodeOf(page, "using GenAI.Chats.Api.Hosting;"), "net10.0");

        await using var server = await ServerProcess.GreetedAsync(ServerProcess.LaunchHost(program, "--Storage:Path=" + directory.Database));
        using var client = new ChatsClient($"http://{server.Address}");
        var chat = await client.CreateAsync(Echo.Model);
        Assert.Equal("Hello there!", (await chat.SendMessageAsync("Hello there!")).Text);
        Assert.Equal(0, await server.TerminateAsync());
    }

    [LongFact]
    public async Task Tool_Installed_ServesAndChats()
    {
        using var directory = new TestDirectory();

        var tool = await feed.InstallAsync("genai-chats");

        CheckMetadata("genai-chats");
        await using var server = await ServerProcess.GreetedAsync(
            ChildProcess.Start(tool, ["--Api:GrpcPort=0", "--Api:HttpPort=0", "--Models:Echo=true", "--Storage:Path=" + directory.Database]));
        Assert.Equal(["Hello there!"], await ChildProcess.RunAsync(tool, ["chat", "--address", server.Address, "Hello", "there!"]));
        Assert.Equal(0, await server.TerminateAsync());
        Assert.Contains(await ChildProcess.RunAsync(tool, ["--help"]), static line => line.TrimStart().StartsWith("chat ", StringComparison.Ordinal));
        Assert.Contains("  genai-chats chat [<message>...] [options]", await ChildProcess.RunAsync(tool, ["chat", "--help"]));
        Assert.StartsWith(await VersionAsync(), Assert.Single(await ChildProcess.RunAsync(tool, ["--version"])), StringComparison.Ordinal);
    }

    private static async Task<string> VersionAsync() =>
        VersionElement.Match(await File.ReadAllTextAsync(Repository.PathTo("Directory.Build.props"))).Groups["version"].Value;

    private static string CodeOf(string page, string firstLine)
    {
        var text = new Document(page).Text;
        var start = text.IndexOf($"```csharp\n{firstLine}", StringComparison.Ordinal);
        Assert.True(start >= 0, $"{page} has no example that starts with {firstLine}");
        start = text.IndexOf('\n', start) + 1;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private void CheckMetadata(string name)
    {
        using var package = ZipFile.OpenRead(Path.Combine(feed.Folder, $"{name}.{feed.Version}.nupkg"));
        using var stream = package.GetEntry($"{name}.nuspec")!.Open();
        var metadata = XDocument.Load(stream).Root!.Elements().Single();
        string? ValueOf(string element) => metadata.Elements().SingleOrDefault(one => one.Name.LocalName == element)?.Value;
        Assert.Equal(("Apache-2.0", "icon.png", "README.md"), (ValueOf("license"), ValueOf("icon"), ValueOf("readme")));
        Assert.All(Described, element => Assert.NotEmpty(ValueOf(element) ?? ""));
        Assert.NotEqual("Package Description", ValueOf("description"));
        var repository = metadata.Elements().Single(static one => one.Name.LocalName == "repository");
        Assert.Equal("git", repository.Attribute("type")?.Value);
        Assert.Matches("^https://", repository.Attribute("url")?.Value);
        Assert.Matches("^[0-9a-f]{40}$", repository.Attribute("commit")?.Value);
    }

    // Without the parts of the package format.
    private List<string> FilesOf(string package)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(feed.Folder, package));
        return [.. archive.Entries.Select(static entry => entry.FullName).Where(static file => !FormatFile.IsMatch(file)).Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"^(_rels/|package/|\[Content_Types\]\.xml$)")]
    private static partial Regex FormatFile { get; }

    [GeneratedRegex("<Version>(?<version>[^<]+)</Version>")]
    private static partial Regex VersionElement { get; }
}
