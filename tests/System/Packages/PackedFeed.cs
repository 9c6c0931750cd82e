using System.Xml.Linq;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Packages;

/// <summary>
/// The packages of the built projects in a folder, as a package source for projects outside of the repository. Their version is new with each run, and they are
/// extracted to a folder of their own, because NuGet never extracts a version again.
/// </summary>
public sealed class PackedFeed : IAsyncLifetime, IDisposable
{
    private const string Framework = "net10.0";

    private readonly TestDirectory _directory = new();
    private readonly Dictionary<string, string> _environment;

    /// <summary>Creates a feed without packages.</summary>
    public PackedFeed() => _environment = new()
    {
        ["NUGET_PACKAGES"] = PathTo("extracted"),
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
    };

    /// <summary>The version of the packages.</summary>
    public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():n}";

    /// <summary>The folder with the packages.</summary>
    public string Folder => PathTo("packages");

    /// <summary>Packs the projects.</summary>
    public async Task InitializeAsync()
    {
        if (!Suite.IsLong)
        {
            return;
        }

        await DotnetAsync(
            "pack", Repository.PathTo("GenAIOrleans.slnx"), "--no-build", "--configuration", Repository.Configuration, "--output", Folder, $"-p:PackageVersion={Version}");

        // Other packages come from where this machine has them already.
        var extracted = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        new XDocument(
            new XElement(
                "configuration",
                new XElement("packageSources", Add("packed", Folder)),
                new XElement("fallbackPackageFolders", Add("extracted", extracted)))).Save(PathTo("nuget.config"));

        static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));
    }

    /// <summary>Creates a program that references a package, and builds it.</summary>
    /// <param name="package">The package.</param>
    /// <param name="sdk">The SDK of the project.</param>
    /// <param name="program">The source.</param>
    /// <param name="frameworks">The target frameworks.</param>
    /// <returns>The assembly for the framework of this test.</returns>
    public async Task<string> BuildAsync(string package, string sdk, string program, params string[] frameworks)
    {
        var name = $"consumer{Guid.NewGuid():n}";
        Directory.CreateDirectory(PathTo(name));
        await File.WriteAllTextAsync(PathTo($"{name}/Program.cs"), program);
        await File.WriteAllTextAsync(PathTo($"{name}/{name}.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFrameworks>{string.Join(';', frameworks)}</TargetFrameworks>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="{Version}" />
              </ItemGroup>
            </Project>
            """);
        await DotnetAsync("build", PathTo($"{name}/{name}.csproj"), "--configuration", Repository.Configuration, "-p:UseSharedCompilation=false");
        Assert.All(frameworks, framework => Assert.True(File.Exists(AssemblyOf(framework))));
        return AssemblyOf(Framework);

        string AssemblyOf(string framework) => PathTo($"{name}/bin/{Repository.Configuration}/{framework}/{name}.dll");
    }

    /// <summary>Installs a .NET tool, and returns the path of its command.</summary>
    public async Task<string> InstallAsync(string tool)
    {
        await DotnetAsync("tool", "install", tool, "--tool-path", PathTo("tools"), "--version", Version, "--configfile", PathTo("nuget.config"));
        return PathTo($"tools/{tool}");
    }

    /// <summary>Deletes the packages, and what was built with them.</summary>
    public void Dispose() => _directory.Dispose();

    /// <summary>Does nothing more.</summary>
    public Task DisposeAsync() => Task.CompletedTask;

    private Task<IReadOnlyList<string>> DotnetAsync(params string[] arguments) => ChildProcess.RunAsync("dotnet", arguments, _environment);

    private string PathTo(string name) => Path.Combine(_directory.Path, name);
}
