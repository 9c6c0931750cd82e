using System.Diagnostics;
using System.Globalization;
using System.Net;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Serialization.Configuration;

namespace GenAI.Chats.Grains.Tests.Serialization;

/// <summary>A silo in its own process: this test assembly, started as a program. It ends when its standard input does, so with the test process at the latest.</summary>
internal sealed class EchoSilo : IAsyncDisposable
{
    private const string Started = "started";

    private readonly Process _process;

    private EchoSilo(Process process, int port, int gatewayPort) => (_process, Port, GatewayPort) = (process, port, gatewayPort);

    public int Port { get; }

    public int GatewayPort { get; }

    /// <summary>The process' entry point.</summary>
    /// <param name="args">The silo's port, its gateway's, and the port of the silo that keeps the list of silos.</param>
    public static async Task Main(string[] args)
    {
        var ports = args.Select(arg => int.Parse(arg, CultureInfo.InvariantCulture)).ToArray();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddConsole().SetMinimumLevel(LogLevel.Warning);
        AddSerialization(builder.Services);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(ports[0], ports[1], new IPEndPoint(IPAddress.Loopback, ports[2])));
        using var host = builder.Build();
        await host.StartAsync();
        Console.WriteLine(Started);
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Only the end counts.
        }
    }

    /// <summary>Lets calls of <see cref="IEchoGrain{T}"/> carry the contract's messages.</summary>
    public static void AddSerialization(IServiceCollection services) =>
        services.AddChatSerialization().Configure<TypeManifestOptions>(types => types.AddAllowedAssembly(typeof(EchoSilo).Assembly));

    /// <summary>Starts a silo.</summary>
    /// <param name="first">The first silo of the cluster; without it, this is the first one.</param>
    public static async Task<EchoSilo> StartAsync(EchoSilo? first = null)
    {
        var (port, gatewayPort) = (ReservedPort.Next(), ReservedPort.Next());
        int[] ports = [port, gatewayPort, first?.Port ?? port];
        var start = new ProcessStartInfo(
            "dotnet", [typeof(EchoSilo).Assembly.Location, .. ports.Select(p => p.ToString(CultureInfo.InvariantCulture))])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var silo = new EchoSilo(Process.Start(start)!, port, gatewayPort);
        var log = new List<string>();
        while (await silo._process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == Started)
            {
                _ = silo._process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return silo;
            }

            log.Add(line);
        }

        throw new InvalidOperationException("The silo ended: " + string.Join('\n', log));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
