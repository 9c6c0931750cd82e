using GenAI.Chats.Api.Identity;
using GenAI.Chats.Models.Routing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Prints the addresses of the server when it has started, and a first call to try. Scripts can wait for these lines.</summary>
internal sealed class Greeting(IHostApplicationLifetime lifetime, IServer server, IOptions<ChatAuthenticationOptions> identity, IChatModels? models = null) : IHostedService
{
    // The model of the example.
    private const string EchoModel = "echo";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Print);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Print()
    {
        // The addresses have the order of the endpoints: gRPC first.
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses is not { Count: > 0 } bound)
        {
            return;
        }

        var first = bound.First();
        var addresses = bound.Select(ToAuthority).ToList();

        var secure = first.StartsWith(Uri.UriSchemeHttps, StringComparison.Ordinal);
        Console.WriteLine($"gRPC on {addresses[0]}" + (secure ? ", with TLS" : "") + (addresses.Count > 1 ? $", health on http://{addresses[1]}/healthz/ready" : ""));
        if (!secure && identity.Value.Schemes == ChatAuthenticationSchemes.None && models?.TryResolve(EchoModel, out _) == true)
        {
            Console.WriteLine($"Try: examples/python/first_chat.py {addresses[0]}");
        }
    }

    // As a client on this machine uses it.
    private static string ToAuthority(string address) => address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..]
        .Replace("0.0.0.0:", "127.0.0.1:", StringComparison.Ordinal)
        .Replace("[::]:", "[::1]:", StringComparison.Ordinal);
}
