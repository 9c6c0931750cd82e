using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Silo.Storage;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace GenAI.Chats.Api.Commands;

/// <summary>The store that the configuration selects, for a command that runs without a server.</summary>
internal sealed class CommandStore : IAsyncDisposable
{
    private readonly WebApplication _host;

    private CommandStore(WebApplication host)
    {
        _host = host;

        // Without a time limit for reads, because no client waits for them.
        Chats = host.Services.GetRequiredService<IStorageBackend>();
    }

    /// <summary>Gets the initialized store.</summary>
    public IStorageBackend Chats { get; }

    /// <summary>Opens the store.</summary>
    /// <param name="args">Command-line arguments with configuration, which override other sources.</param>
    /// <exception cref="OptionsValidationException">The configuration of the store is invalid.</exception>
    /// <exception cref="ChatStoreException">The store is unreachable, or a newer release wrote it.</exception>
    public static async Task<CommandStore> OpenAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

        ApiServer.CheckSettings(builder.Configuration);

        // The standard output is for the command's results.
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSerializer();
        builder.Services.AddChatStorage(builder.Configuration);
        builder.Services.AddChatGrainStorage(builder.Configuration);
        var host = builder.Build();
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        if (builder.Configuration[$"{StorageOptions.Section}:{nameof(StorageOptions.Provider)}"] is { } provider
            && provider.Equals(StorageProviders.InMemory, StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException("export and import don't support Storage:Provider=InMemory.");
        }

        var store = new CommandStore(host);
        await store.Chats.InitializeAsync(CancellationToken.None);
        return store;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
