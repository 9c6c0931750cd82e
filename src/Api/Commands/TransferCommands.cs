using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Silo.Storage;
using GenAI.Chats.Storage;
using GenAI.Chats.Storage.Transfer;
using Microsoft.Extensions.Logging.Console;
using Orleans.Serialization;

namespace GenAI.Chats.Api.Commands;

/// <summary>Exports a tenant's chats from the configured store, and imports chats into it, to move between stores or services.</summary>
internal static class TransferCommands
{
    private const string Tenant = "--tenant";
    private const string Branches = "--branches";

    private const string ExportUsage = """
          export --tenant NAME [--branches] [--Storage:KEY=VALUE ...]
              Exports a tenant's chats to stdout as JSON Lines. Safe while servers are running. Of chats with branches, exports the current history;
              with --branches, all turns.
        """;

    private const string ImportUsage = """
          import [--tenant NAME] [--Storage:KEY=VALUE ...]
              Imports chats from stdin, into their tenant or another one. Safe to rerun: chats that already exist are skipped. So are chats that have
              expired since the export.
        """;

    /// <summary>Gets the command <c>export</c>.</summary>
    public static ServerCommand Export { get; } = new("export", ExportUsage, ExportAsync);

    /// <summary>Gets the command <c>import</c>.</summary>
    public static ServerCommand Import { get; } = new("import", ImportUsage, ImportAsync);

    private static async Task ExportAsync(string[] args, CommandConsole console)
    {
        var (arguments, configuration) = Parse([.. args.Where(argument => argument != Branches)]);
        var tenant = arguments.GetTenant(Tenant);
        await using var host = await OpenAsync(configuration);
        var counts = await new ChatExporter(StoreOf(host), TimeProvider.System).ExportAsync(tenant, console.Out, args.Contains(Branches), CancellationToken.None);
        await console.Error.WriteLineAsync($"Exported {counts.Chats} chats ({counts.Turns} turns) of {tenant}.");
    }

    private static async Task ImportAsync(string[] args, CommandConsole console)
    {
        var (arguments, configuration) = Parse(args);
        var tenant = arguments.Find(Tenant) is null ? null : arguments.GetTenant(Tenant);
        await using var host = await OpenAsync(configuration);
        using var importer = new ChatImporter(StoreOf(host), TimeProvider.System);
        try
        {
            var counts = await importer.ImportAsync(console.In, tenant, CancellationToken.None);
            await console.Error.WriteLineAsync($"Imported {counts.Chats} chats ({counts.Turns} turns); skipped {counts.Present} existing chats and {counts.Expired} expired chats.");
        }
        catch (TransferException failure)
        {
            throw new CommandException($"{failure.Message} Earlier chats were imported. Fix the input and rerun the import.");
        }
    }

    // Opens the store that the configuration selects, without a server. The arguments override other sources of configuration.
    private static async Task<WebApplication> OpenAsync(string[] args)
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
        if (builder.Configuration[$"{StorageOptions.SectionName}:{nameof(StorageOptions.Provider)}"] is { } provider
            && provider.Equals(StorageProviders.InMemory, StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException("export and import don't support Storage:Provider=InMemory.");
        }

        await StoreOf(host).InitializeAsync(CancellationToken.None);
        return host;
    }

    // Without a time limit for reads, because no client waits for them.
    private static IStorageBackend StoreOf(WebApplication host) => host.Services.GetRequiredService<IStorageBackend>();

    // Keys of configuration contain a colon, options don't.
    private static (CommandArguments Arguments, string[] Configuration) Parse(string[] args)
    {
        var configuration = args.Where(IsConfiguration).ToArray();
        return (new CommandArguments(args.Except(configuration).ToArray(), Tenant), configuration);
    }

    private static bool IsConfiguration(string argument) => argument.Split('=', 2) is [var key, _] && key.Contains(':');
}
