using System.Collections.Frozen;
using System.Reflection;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.WebConsole;

/// <summary>The files of the console, which are embedded in the assembly.</summary>
internal static class ConsoleFiles
{
    private const string Prefix = "console/";
    private const string Index = "index.html";

    private static readonly Lazy<FrozenDictionary<string, ConsoleFile>> Files = new(Load);

    /// <summary>Gets the paths of all files, relative to the console.</summary>
    public static IEnumerable<string> Paths => Files.Value.Keys;

    /// <summary>Returns a file, or null if the console has no file with this path. The empty path is the page.</summary>
    public static ConsoleFile? Find(string path) => Files.Value.GetValueOrDefault(path.Length == 0 ? Index : path);

    private static FrozenDictionary<string, ConsoleFile> Load()
    {
        var assembly = typeof(ConsoleFiles).Assembly;
        return assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(static name => name[Prefix.Length..].Replace('\\', '/'), name => Read(assembly, name));
    }

    private static ConsoleFile Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        var tag = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12));
        return new ConsoleFile(content, ContentTypeOf(name), new EntityTagHeaderValue($"\"{tag}\""));
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The console's file {name} has the unknown extension {other}."),
    };
}
