using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>Prints the silo's addresses once it has started.</summary>
internal sealed class SiloGreeting(IHostApplicationLifetime lifetime, IServer server, ILocalSiloDetails silo) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Print);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Addresses are in the order of the endpoints: gRPC first.
    private void Print()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.ToList() ?? [];
        Console.WriteLine($"Silo on {silo.SiloAddress.Endpoint}, gateway on {silo.GatewayAddress.Endpoint}"
            + (addresses.Count > 1 ? $", health on {addresses[1]}/healthz/ready" : ""));
    }
}
