using System.Reflection;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Models.Routing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace GenAI.Chats.Api.WebConsole;

/// <summary>What the console depends on in the server: whether it is served, and the facts that it shows.</summary>
internal sealed class ConsoleServer(IServer server, IOptions<ConsoleOptions> options, IOptions<ChatAuthenticationOptions> identity, IChatModels? models = null)
{
    private const string EchoModel = "echo";

    private static readonly string Version =
        typeof(ConsoleServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private readonly bool _needsKey = identity.Value.Schemes != ChatAuthenticationSchemes.None;

    /// <summary>Gets whether the console is served.</summary>
    public bool IsEnabled => options.Value.Enabled ?? (!_needsKey && Addresses.All(static address => address.IsLoopback));

    /// <summary>Gets the facts.</summary>
    public ConsoleFacts Facts => new(Version, Addresses.FirstOrDefault()?.Port, Addresses.FirstOrDefault()?.Scheme == Uri.UriSchemeHttps, _needsKey, models?.TryResolve(EchoModel, out _) == true);

    // gRPC comes first. Addresses that aren't URIs, such as http://*:80, are open to others.
    private IEnumerable<Uri> Addresses => (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        .Select(static address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : new Uri("http://0.0.0.0"));
}

/// <summary>Facts about the server.</summary>
/// <param name="Version">The version.</param>
/// <param name="GrpcPort">The port for gRPC.</param>
/// <param name="IsGrpcSecure">Whether gRPC needs TLS.</param>
/// <param name="NeedsKey">Whether callers must authenticate.</param>
/// <param name="HasEcho">Whether the model <c>echo</c> is available.</param>
internal sealed record ConsoleFacts(string Version, int? GrpcPort, bool IsGrpcSecure, bool NeedsKey, bool HasEcho);
