using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Grains.Hosting;
using GenAI.Chats.Grains.Quotas;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.TestingHost;

namespace GenAI.Chats.Grains.Tests.Grain;

/// <summary>A cluster of one silo in this process with the chat grains, a scripted model, and a store that may be told to fail.</summary>
public sealed class ChatCluster : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster;
    private IConfigurationManager? _configuration;
    private int _chats;

    public ChatCluster()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSiloHost((_, host) =>
        {
            _configuration = host.Configuration;

            // What runs when a test has ended is left behind at once; some tests wait for recovery.
            host.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Chats:DrainTimeout"] = "00:00:00",
                ["Chats:MaxQueuedTurns"] = "100",
                ["Chats:RecoveryInterval"] = "00:00:00.050",
            });
            host.Services.AddSingleton<IChatModels>(Model);
            host.Services.AddSingleton<IStorageBackend>(Store);
            host.Services.AddChatGrains(host.Configuration);
            host.Services.AddHostedService<TurnRecoveryService>();
        });
        builder.ConfigureClientHost(client => client.Services.AddChatSerialization());
        _cluster = builder.Build();
    }

    internal ScriptedModel Model { get; } = new();

    internal StoreProxy Store { get; } = new(new InMemoryChatStore(TimeProvider.System));

    /// <summary>Grains as a co-hosted front door calls them.</summary>
    public IGrainFactory Grains => _cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>A chat that is not there yet, as a client of the cluster calls it.</summary>
    public IChatGrain NoChat() => _cluster.Client.GetGrain<IChatGrain>($"default/chat-{Interlocked.Increment(ref _chats)}");

    /// <summary>A new chat.</summary>
    public async Task<IChatGrain> NewChatAsync()
    {
        var chat = NoChat();
        await chat.CreateAsync(new CreateChatRequest { Model = ScriptedModel.Name });
        return chat;
    }

    /// <summary>The silo's.</summary>
    public IServiceProvider Services => _cluster.GetSiloServiceProvider();

    /// <summary>A tenant, as another server of the cluster calls it.</summary>
    public ITenantGrain Tenant(string name) => _cluster.Client.GetGrain<ITenantGrain>(name);

    /// <summary>Changes limits in the silo's configuration.</summary>
    public void Limit(params (string Key, long Value)[] limits) =>
        _configuration!.AddInMemoryCollection(limits.ToDictionary(limit => $"Limits:{limit.Key}", limit => (string?)$"{limit.Value}"));

    public bool IsActive(IChatGrain chat) => _cluster.TryGetGrainContext(chat.GetGrainId(), out _);

    /// <summary>Ends the chat's activation, and waits until it has ended.</summary>
    public Task DeactivateAsync(IChatGrain chat) => _cluster.DeactivateAsync(chat).WaitAsync(Patience.Limit);

    public Task WaitForDeactivationAsync(IChatGrain chat) => _cluster.WaitForDeactivationAsync(chat).WaitAsync(Patience.Limit);

    /// <summary>Collects all activations that may be.</summary>
    public Task CollectAsync() => _cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
}
