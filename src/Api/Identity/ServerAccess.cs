using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace GenAI.Chats.Api.Identity;

/// <summary>Who can call the server: its addresses, and whether it requires credentials.</summary>
internal sealed class ServerAccess(IServer server, IOptions<ChatAuthenticationOptions> options)
{
    /// <summary>Gets whether callers must authenticate.</summary>
    public bool RequiresCredentials { get; } = options.Value.Schemes != ChatAuthenticationSchemes.None;

    /// <summary>Gets the addresses of the running server. gRPC comes first. Addresses that aren't URIs, such as http://*:80, are open to other machines.</summary>
    public IEnumerable<Uri> Addresses => (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        .Select(static address => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri : new Uri("http://0.0.0.0"));

    /// <summary>Gets whether programs on this machine, and only they, can call the running server without credentials.</summary>
    public bool IsOpenToThisMachineOnly => !RequiresCredentials && Addresses.All(static address => address.IsLoopback);
}
