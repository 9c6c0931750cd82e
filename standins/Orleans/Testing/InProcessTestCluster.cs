using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A cluster of one silo in the process of the test, and a client with a host of its own.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly List<InProcessSiloHandle> _silos = [];
    private IHost? _clientHost;
    private IClusterClient? _client;

    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    public InProcessTestClusterOptions Options { get; }

    public ReadOnlyCollection<InProcessSiloHandle> Silos => _silos.AsReadOnly();

    public IClusterClient Client => _client ?? throw new InvalidOperationException("The client is there once the cluster is deployed.");

    /// <summary>Starts the silo and the client.</summary>
    public async Task DeployAsync()
    {
        if (Options.InitialSilosCount != 1)
        {
            throw OneSilo(Options.InitialSilosCount);
        }

        if (_silos.Count > 0)
        {
            throw new InvalidOperationException("The cluster is deployed already.");
        }

        await StartSiloAsync();
        if (Options.InitializeClientOnDeploy)
        {
            await InitializeClientAsync();
        }
    }

    public Task<InProcessSiloHandle> StartAdditionalSiloAsync() => throw OneSilo(_silos.Count + 1);

    /// <summary>Starts the client. Its calls time out as the <see cref="ClientMessagingOptions"/> of its host say.</summary>
    public async Task InitializeClientAsync()
    {
        var builder = CreateHostBuilder();
        foreach (var configure in Options.ClientHostConfigurationDelegates)
        {
            configure(builder);
        }

        var silo = Silo;
        builder.Services.AddSingleton<IClusterClient>(services =>
            new GrainFactory(silo, services.GetRequiredService<IOptions<ClientMessagingOptions>>().Value, services));
        builder.Services.AddSingleton<IGrainFactory>(services => services.GetRequiredService<IClusterClient>());
        _clientHost = builder.Build();
        await _clientHost.StartAsync();
        _client = _clientHost.Services.GetRequiredService<IClusterClient>();
    }

    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => _silos.Where(silo => silo.IsActive);

    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) =>
        _silos.FirstOrDefault(handle => silo is null || handle.SiloAddress.Equals(silo))?.ServiceProvider
        ?? throw new ArgumentException($"There is no silo {silo}.", nameof(silo));

    public bool TryGetGrainContext(GrainId grainId, [NotNullWhen(true)] out IGrainContext? grainContext)
    {
        var found = Silo.Catalog.TryGet(grainId, out var activation);
        grainContext = activation;
        return found;
    }

    /// <summary>Ends the grain's activation, if it has one, and waits until it has ended.</summary>
    public Task DeactivateAsync(GrainId grainId) => TryGetGrainContext(grainId, out var context)
        ? context.DeactivateAsync(new(DeactivationReasonCode.ApplicationRequested, "A test asked for it."))
        : Task.CompletedTask;

    public Task DeactivateAsync(IAddressable grain) => DeactivateAsync(grain.GetGrainId());

    /// <summary>Waits until the activation that the grain has now, if any, has ended.</summary>
    public Task WaitForDeactivationAsync(GrainId grainId) =>
        TryGetGrainContext(grainId, out var context) ? context.Deactivated : Task.CompletedTask;

    public Task WaitForDeactivationAsync(IAddressable grain) => WaitForDeactivationAsync(grain.GetGrainId());

    public Task StopSiloAsync(InProcessSiloHandle instance) => instance.StopSiloAsync(stopGracefully: true);

    /// <summary>Stops the silo without waiting for what runs. What runs goes on all the same: it is the test's own process.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance) => instance.StopSiloAsync(stopGracefully: false);

    public async Task StopSilosAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.StopSiloAsync(stopGracefully: true);
        }
    }

    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync();
        await StopSilosAsync();
    }

    public Task StopClusterClientAsync() => _clientHost?.StopAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAllSilosAsync();
        Dispose();
    }

    public void Dispose()
    {
        _clientHost?.Dispose();
        foreach (var silo in _silos)
        {
            silo.Dispose();
        }

        _silos.Clear();
    }

    private SiloRuntime Silo => _silos.Count > 0
        ? _silos[0].ServiceProvider.GetRequiredService<SiloRuntime>()
        : throw new InvalidOperationException("The cluster is not deployed.");

    private static PlatformNotSupportedException OneSilo(int count) =>
        Missing.Package("Microsoft.Orleans.TestingHost", $"A cluster of {count} silos");

    private static HostApplicationBuilder CreateHostBuilder() => new(new HostApplicationBuilderSettings
    {
        ApplicationName = "TestCluster",
        EnvironmentName = Environments.Development,
        DisableDefaults = true,
    });

    private async Task StartSiloAsync()
    {
        var builder = CreateHostBuilder();
        var specific = new InProcessTestSiloSpecificOptions
        {
            SiloName = "Silo_0",
            SiloPort = EndpointOptions.DEFAULT_SILO_PORT,
            GatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT,
        };
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orleans:ClusterId"] = Options.ClusterId,
            ["Orleans:ServiceId"] = Options.ServiceId,
            ["Orleans:Name"] = specific.SiloName,
        });
        builder.UseOrleans(silo => silo.Configure<EndpointOptions>(options =>
        {
            options.SiloPort = specific.SiloPort;
            options.GatewayPort = specific.GatewayPort;
        }));
        foreach (var configure in Options.SiloHostConfigurationDelegates)
        {
            configure(specific, builder);
        }

        var host = builder.Build();
        await host.StartAsync();
        var silo = host.Services.GetRequiredService<SiloRuntime>();
        _silos.Add(new InProcessSiloHandle
        {
            Name = silo.Name,
            SiloAddress = silo.Address,
            GatewayAddress = silo.GatewayAddress,
            SiloHost = host,
        });
    }
}
