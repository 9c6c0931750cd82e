using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Prints where the server listens, once it does, and a call to try.</summary>
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
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(a => a.Replace("http://", "", StringComparison.Ordinal)).ToList();
        if (addresses is not { Count: > 0 })
        {
            return;
        }

        Console.WriteLine($"gRPC on {addresses[0]}" + (addresses.Count > 1 ? $", health on http://{addresses[1]}/healthz/ready" : ""));
        Console.WriteLine($"Try: python3 examples/python/first_chat.py {addresses[0]}");
    }
}
