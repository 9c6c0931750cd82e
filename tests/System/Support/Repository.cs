using System.Reflection;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>Where the things are that the tests start.</summary>
internal static class Repository
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    public static string Configuration { get; } = Metadata("Configuration");

    public static string ServerAssembly { get; } = ProgramOf("src/Api", "GenAI.Chats.Api");

    public static string SiloAssembly { get; } = ProgramOf("src/Silo", "GenAI.Chats.Silo");

    /// <summary>The service in a host of its own, with tools.</summary>
    public static string ToolsAssembly { get; } = AssemblyOf("examples/tools", "GenAI.Chats.Examples.Tools");

    /// <summary>The app host of the Aspire example. Its test builds it.</summary>
    public static string AspireExample { get; } = AssemblyOf("examples/aspire/AppHost", "AppHost");

    public static string ConsoleAssembly { get; } =
        Path.Combine(Root, "src", "Console", "bin", Configuration, Metadata("TargetFramework"), "chat.dll");

    public static string QuickStartAssembly { get; } =
        Path.Combine(Root, "examples", "csharp", "bin", Configuration, Metadata("TargetFramework"), "DurableChat.dll");

    public static string PathTo(string relative) => Path.Combine(Root, relative);

    // ./test sets the variable to the folder with the programs that it compiled ahead of time.
    private static string ProgramOf(string project, string name) =>
        Environment.GetEnvironmentVariable("CHATS_TEST_PROGRAMS") is { Length: > 0 } folder ? Path.Combine(folder, name + ".dll") : AssemblyOf(project, name);

    private static string AssemblyOf(string project, string name) =>
        Path.Combine(Root, project, "bin", Configuration, Metadata("TargetFramework"), name + ".dll");

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
