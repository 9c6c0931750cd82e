using System.Reflection;

namespace GenAI.Chats.Aspire.Hosting;

/// <summary>The container image: the one of this version that the repository publishes.</summary>
internal static class ChatsImage
{
    /// <summary>The registry.</summary>
    public const string Registry = "ghcr.io";

    private static readonly Assembly Own = typeof(ChatsImage).Assembly;

    /// <summary>The image's name, which is the repository's.</summary>
    public static string Name { get; } =
        new Uri(Own.GetCustomAttributes<AssemblyMetadataAttribute>().First(static metadata => metadata.Key == "RepositoryUrl").Value!).AbsolutePath.Trim('/').ToLowerInvariant();

    /// <summary>The image's tag, which is that of the release in the repository.</summary>
    public static string Tag { get; } = $"v{Own.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";
}
