namespace Grpc.Core;

/// <summary>The version whose contract this is.</summary>
public static class VersionInfo
{
    public const string CurrentAssemblyVersion = "2.0.0.0";

    public const string CurrentAssemblyFileVersion = "2.85.0.0";

    public const string CurrentVersion = "2.85.0";
}
