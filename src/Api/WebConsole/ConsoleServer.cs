using System.Reflection;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Api.WebConsole;

/// <summary>What the console depends on in the server: whether it is served, and the facts that it shows.</summary>
internal sealed class ConsoleServer(ServerAccess access, IOptions<ConsoleOptions> options, IChatModels? models = null)
{
    private const string EchoModel = "echo";

    private static readonly string Version =
        typeof(ConsoleServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Gets whether the console is served.</summary>
    public bool IsEnabled => options.Value.Enabled ?? access.IsOpenToThisMachineOnly;

    /// <summary>Gets the facts.</summary>
    public ConsoleFacts Facts
    {
        get
        {
            var grpc = access.Addresses.FirstOrDefault();
            return new(Version, grpc?.Port, grpc?.Scheme == Uri.UriSchemeHttps, access.RequiresCredentials, models?.TryResolve(EchoModel, out _) == true);
        }
    }
}

/// <summary>Facts about the server.</summary>
/// <param name="Version">The version.</param>
/// <param name="GrpcPort">The port for gRPC.</param>
/// <param name="IsGrpcSecure">Whether gRPC needs TLS.</param>
/// <param name="NeedsKey">Whether callers must authenticate.</param>
/// <param name="HasEcho">Whether the model <c>echo</c> is available.</param>
internal sealed record ConsoleFacts(string Version, int? GrpcPort, bool IsGrpcSecure, bool NeedsKey, bool HasEcho);
