using System.Globalization;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Storage.Transfer;

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
              Imports chats from stdin, into their tenant or another one. Safe to rerun: chats that already exist are skipped.
        """;

    /// <summary>Gets the command <c>export</c>.</summary>
    public static ServerCommand Export { get; } = new("export", ExportUsage, ExportAsync);

    /// <summary>Gets the command <c>import</c>.</summary>
    public static ServerCommand Import { get; } = new("import", ImportUsage, ImportAsync);

    private static async Task ExportAsync(string[] args, CommandConsole console)
    {
        var (arguments, configuration) = Parse([.. args.Where(argument => argument != Branches)]);
        var tenant = Checked(arguments.Get(Tenant));
        await using var store = await CommandStore.OpenAsync(configuration);
        var counts = await new ChatExporter(store.Chats, TimeProvider.System).ExportAsync(tenant, console.Out, args.Contains(Branches), CancellationToken.None);
        await console.Error.WriteLineAsync(Text($"Exported {counts.Chats} chats ({counts.Turns} turns) of {tenant}."));
    }

    private static async Task ImportAsync(string[] args, CommandConsole console)
    {
        var (arguments, configuration) = Parse(args);
        var tenant = arguments.Find(Tenant) is { } given ? Checked(given) : null;
        await using var store = await CommandStore.OpenAsync(configuration);
        using var importer = new ChatImporter(store.Chats, TimeProvider.System);
        try
        {
            var counts = await importer.ImportAsync(console.In, tenant, CancellationToken.None);
            await console.Error.WriteLineAsync(Text($"Imported {counts.Chats} chats ({counts.Turns} turns); skipped {counts.Present} existing chats."));
        }
        catch (TransferException failure)
        {
            throw new CommandException($"{failure.Message} Earlier chats were imported. Fix the input and rerun the import.");
        }
    }

    // Keys of configuration contain a colon, options don't.
    private static (CommandArguments Arguments, string[] Configuration) Parse(string[] args)
    {
        var configuration = args.Where(IsConfiguration).ToArray();
        return (CommandArguments.Parse(args.Except(configuration).ToArray(), Tenant), configuration);
    }

    private static bool IsConfiguration(string argument) => argument.Split('=', 2) is [var key, _] && key.Contains(':');

    private static string Checked(string tenant) =>
        TenantName.IsValid(tenant) ? tenant : throw new CommandArgumentException($"Invalid value '{tenant}' for option '{Tenant}'. Expected: {TenantName.Rule}.");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
