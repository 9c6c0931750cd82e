using System.Net;
using System.Reflection;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Grains.Tests.Serialization;

/// <summary>Every message of the contract, from a client to a silo, from there to another one, and back: three processes.</summary>
public sealed class ContractTripTests : IAsyncLifetime
{
    private static readonly MethodInfo RelayMethod = typeof(ContractTripTests).GetMethod(nameof(RelayAsync), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly List<EchoSilo> _silos = [];
    private IHost? _client;

    private IClusterClient Client => _client!.Services.GetRequiredService<IClusterClient>();

    [Fact]
    public async Task Relay_AnyMessage_ComesBackByteForByte()
    {
        foreach (var name in ContractMessages.All)
        {
            foreach (var message in ContractMessages.Samples(name))
            {
                await (Task)RelayMethod.MakeGenericMethod(message.GetType()).Invoke(this, [message])!;
            }
        }
    }

    public async Task InitializeAsync()
    {
        _silos.Add(await EchoSilo.StartAsync());
        _silos.Add(await EchoSilo.StartAsync(_silos[0]));
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        EchoSilo.AddSerialization(builder.Services);
        builder.UseOrleansClient(client => client.UseStaticClustering([.. _silos.Select(silo => new IPEndPoint(IPAddress.Loopback, silo.GatewayPort))]));
        _client = builder.Build();
        await _client.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _client?.Dispose();
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }
    }

    private async Task RelayAsync<T>(T message)
        where T : class, IMessage
    {
        var echoed = await Client.GetGrain<IEchoGrain<T>>("here").RelayAsync(message);

        Assert.Equal(message.ToByteArray(), echoed.Message.ToByteArray());
        Assert.Equal(2, echoed.Silos.Distinct().Count());
    }
}
