using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Prints where the server listens, once it does, and a first call to try. Whoever waits for the server can wait for these lines.</summary>
internal sealed class Greeting(IHostApplicationLifetime lifetime, IServer server) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Print);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Print()
    {
        // In the order of the endpoints: gRPC first.
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(ToAuthority).ToList();
        if (addresses is not { Count: > 0 })
        {
            return;
        }

        Console.WriteLine($"gRPC on {addresses[0]}" + (addresses.Count > 1 ? $", health on http://{addresses[1]}/healthz/ready" : ""));
        Console.WriteLine($"Try: examples/python/first_chat.py {addresses[0]}");
    }

    // As a client on this machine would write it.
    private static string ToAuthority(string address) => address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..]
        .Replace("0.0.0.0:", "127.0.0.1:", StringComparison.Ordinal)
        .Replace("[::]:", "[::1]:", StringComparison.Ordinal);
}
