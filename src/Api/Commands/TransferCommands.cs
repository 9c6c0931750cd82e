using System.CommandLine;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Silo.Commands;
using GenAI.Chats.Silo.Storage;
using GenAI.Chats.Storage;
using GenAI.Chats.Storage.Transfer;
using Microsoft.Extensions.Logging.Console;
using Orleans.Serialization;

namespace GenAI.Chats.Api.Commands;

/// <summary>Exports a tenant's chats from the configured store, and imports chats into it, to move between stores or services.</summary>
internal static class TransferCommands
{
    /// <summary>Creates the command <c>export</c>.</summary>
    /// <param name="settings">The settings of the command line, which override other sources of configuration.</param>
    /// <param name="console">The streams.</param>
    public static Command CreateExport(IReadOnlyList<string> settings, CommandConsole console)
    {
        var tenant = TenantOption.Create("The tenant to export.", isRequired: true);
        var branches = new Option<bool>("--branches") { Description = "Exports all turns of chats with branches, instead of their current history." };
        var command = new SettingsCommand("export", "Exports a tenant's chats to stdout as JSON Lines. Safe while servers are running.") { tenant, branches };
        command.SetAction((result, cancellationToken) => ExportAsync(result.GetRequiredValue(tenant), result.GetValue(branches), [.. settings], console, cancellationToken));
        return command;
    }

    /// <summary>Creates the command <c>import</c>.</summary>
    /// <param name="settings">The settings of the command line, which override other sources of configuration.</param>
    /// <param name="console">The streams.</param>
    public static Command CreateImport(IReadOnlyList<string> settings, CommandConsole console)
    {
        var tenant = TenantOption.Create("The tenant that gets the chats. Default: the tenant that they were exported from.", isRequired: false);
        var command = new SettingsCommand("import", "Imports chats from stdin. Safe to rerun: chats that already exist, or have expired, are skipped.") { tenant };
        command.SetAction((result, cancellationToken) => ImportAsync(result.GetValue(tenant), [.. settings], console, cancellationToken));
        return command;
    }

    private static async Task ExportAsync(string tenant, bool hasBranches, string[] settings, CommandConsole console, CancellationToken cancellationToken)
    {
        await using var host = await OpenAsync(settings, mayCreate: false);
        var progress = new TransferProgress(console, TimeProvider.System);
        var exporter = new ChatExporter(StoreOf(host), TimeProvider.System)
        {
            Progress = done => progress.Report($"Exported {done.Chats} chats ({done.Turns} turns)"),
        };
        var counts = await progress.RunAsync(() => exporter.ExportAsync(tenant, console.Out, hasBranches, cancellationToken));
        await console.Out.FlushAsync(cancellationToken);
        await console.Error.WriteLineAsync($"Exported {counts.Chats} chats ({counts.Turns} turns) of {tenant}.");
        if (counts.Chats == 0)
        {
            await console.Error.WriteLineAsync($"The store has no chats of tenant '{tenant}'.");
        }
    }

    private static async Task ImportAsync(string? tenant, string[] settings, CommandConsole console, CancellationToken cancellationToken)
    {
        // Before a database is created for something else.
        var header = await console.In.ReadLineAsync(cancellationToken);
        try
        {
            ChatImporter.CheckHeader(header);
        }
        catch (TransferException failure)
        {
            throw new CommandException(failure.Message);
        }

        await using var host = await OpenAsync(settings, mayCreate: true);
        var progress = new TransferProgress(console, TimeProvider.System);
        using var importer = new ChatImporter(StoreOf(host), TimeProvider.System)
        {
            Progress = done => progress.Report($"Imported {done.Chats} chats ({done.Turns} turns), skipped {done.Present + done.Expired}"),
        };
        using var lines = new LinesReader(header!, console.In);
        try
        {
            var counts = await progress.RunAsync(() => importer.ImportAsync(lines, tenant, cancellationToken));
            await console.Error.WriteLineAsync($"Imported {counts.Chats} chats ({counts.Turns} turns); skipped {counts.Present} existing chats and {counts.Expired} expired chats.");
        }
        catch (TransferException failure)
        {
            throw new CommandException($"{failure.Message} Earlier chats were imported. Fix the input and rerun the import.");
        }
    }

    // Opens the store that the configuration selects, without a server.
    private static async Task<WebApplication> OpenAsync(string[] settings, bool mayCreate)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory });

        ApiServer.CheckSettings(builder.Configuration);

        // The standard output is for the command's results.
        builder.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSerializer();
        builder.Services.AddChatStorage(builder.Configuration);
        builder.Services.AddChatGrainStorage(builder.Configuration);
        var host = builder.Build();
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        var storage = host.Services.GetRequiredService<IOptions<StorageOptions>>().Value;
        if (StorageProviders.Is(storage.Provider, StorageProviders.InMemory))
        {
            throw new CommandException("export and import don't support Storage:Provider=InMemory.");
        }

        var path = Path.GetFullPath(storage.Path);
        if (!mayCreate && StorageProviders.Is(storage.Provider, StorageProviders.Sqlite) && !File.Exists(path))
        {
            throw new CommandException($"Storage:Path: database '{path}' not found.");
        }

        await StoreOf(host).InitializeAsync(CancellationToken.None);
        return host;
    }

    // Without a time limit for reads, because no client waits for them.
    private static IStorageBackend StoreOf(WebApplication host) => host.Services.GetRequiredService<IStorageBackend>();
}
