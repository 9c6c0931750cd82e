using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Silo.Storage;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace GenAI.Chats.Api.Commands;

/// <summary>The store that the configuration names, for a command: without a server.</summary>
internal sealed class CommandStore : IAsyncDisposable
{
    private readonly WebApplication _host;

    private CommandStore(WebApplication host)
    {
        _host = host;

        // Not the store of a service, whose reads have a time limit.
        Chats = host.Services.GetRequiredService<IStorageBackend>();
    }

    /// <summary>The store, ready to use.</summary>
    public IStorageBackend Chats { get; }

    /// <summary>Opens it.</summary>
    /// <param name="args">Configuration as arguments, before all other.</param>
    /// <exception cref="OptionsValidationException">The configuration of the store is wrong.</exception>
    /// <exception cref="ChatStoreException">The store cannot be reached, or a later version wrote it.</exception>
    public static async Task<CommandStore> OpenAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

        ApiServer.CheckSettings(builder.Configuration);

        // The standard output is the command's own.
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSerializer();
        builder.Services.AddChatStorage(builder.Configuration);
        builder.Services.AddChatGrainStorage(builder.Configuration);
        var host = builder.Build();
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        if (builder.Configuration[$"{StorageOptions.Section}:{nameof(StorageOptions.Provider)}"] is { } provider
            && provider.Equals(StorageProviders.InMemory, StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException("Storage:Provider is InMemory: no other process sees its chats.");
        }

        var store = new CommandStore(host);
        await store.Chats.InitializeAsync(CancellationToken.None);
        return store;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
