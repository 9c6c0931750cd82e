using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Tests;

/// <summary>Models as a host sets them up, by configuration alone.</summary>
internal sealed class ModelsHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private ModelsHost(ServiceProvider services) => _services = services;

    /// <summary>What the provider made for a name: one call is one attempt.</summary>
    public IChatModel this[string name] => Assert.Single(Assert.IsType<RouteModel>(RouteOf(name)).Targets).Model;

    /// <summary>The model of a name, as a turn gets it.</summary>
    public IChatModel RouteOf(string name) =>
        _services.GetRequiredService<IChatModels>().TryResolve(name, out var model) ? model : throw new InvalidOperationException($"No route has '{name}'.");

    /// <summary>A host with these settings, of which a later one of the same key counts.</summary>
    public static ModelsHost Build(params (string Key, string? Value)[] settings) => Build(null, settings);

    /// <summary>A host with services of its own.</summary>
    public static ModelsHost Build(Action<IServiceCollection>? host, params (string Key, string? Value)[] settings)
    {
        var values = settings.GroupBy(setting => setting.Key).ToDictionary(group => group.Key, group => group.Last().Value);
        var services = new ServiceCollection();
        host?.Invoke(services);
        services.AddChatModels(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();
        return new ModelsHost(provider);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
