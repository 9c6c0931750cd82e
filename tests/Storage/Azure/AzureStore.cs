using GenAI.Chats.TestKit.Azurite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Storage.Tests.Azure;

/// <summary>A store over the published provider for Azure blobs, set up as a host does, and Azurite.</summary>
internal static class AzureStore
{
    public static async Task<ServiceProvider> CreateAsync(TimeProvider time)
    {
        var azurite = await AzuriteServer.SharedAsync();
        return Create(time, azurite, azurite.NewContainer());
    }

    public static ServiceProvider Create(TimeProvider time, AzuriteServer azurite, string container)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Provider"] = StorageProviders.GrainStorage,
            ["Storage:ConnectionString"] = azurite.ConnectionString,
            ["Storage:Container"] = container,
        }).Build();
        return new ServiceCollection().AddLogging().AddSingleton(time).AddChatGrains(configuration).BuildServiceProvider();
    }
}
