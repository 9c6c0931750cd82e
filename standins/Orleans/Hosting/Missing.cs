namespace Orleans.Hosting;

internal static class Missing
{
    public static PlatformNotSupportedException Package(string package, string what) =>
        new($"{what} needs the package {package}, which this build has not: it was made with stand-ins, for one process. Build with UseStandIns=false.");
}
