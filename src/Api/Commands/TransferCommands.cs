using System.Globalization;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Storage.Transfer;

namespace GenAI.Chats.Api.Commands;

/// <summary>Brings a tenant's chats out of the store that the configuration names, and into it: to change stores, or servers.</summary>
internal static class TransferCommands
{
    private const string Tenant = "--tenant";

    private const string ExportUsage = """
          export --tenant NAME [--Storage:KEY=VALUE ...]
              Writes the tenant's chats to the standard output, as lines of JSON. Servers may run meanwhile.
        """;

    private const string ImportUsage = """
          import [--tenant NAME] [--Storage:KEY=VALUE ...]
              Reads an export from the standard input, into its tenant or another. Done again it goes on where it ended.
        """;

    /// <summary>The verb <c>export</c>.</summary>
    public static ServerCommand Export { get; } = new("export", ExportUsage, ExportAsync);

    /// <summary>The verb <c>import</c>.</summary>
    public static ServerCommand Import { get; } = new("import", ImportUsage, ImportAsync);

    private static async Task ExportAsync(string[] args, CommandConsole console)
    {
        var (arguments, configuration) = Parse(args);
        var tenant = Checked(arguments.Get(Tenant));
        await using var store = await CommandStore.OpenAsync(configuration);
        var counts = await new ChatExporter(store.Chats, TimeProvider.System).ExportAsync(tenant, console.Out, CancellationToken.None);
        await console.Error.WriteLineAsync(Text($"Wrote {counts.Chats} chats of {tenant} with {counts.Turns} turns."));
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
            await console.Error.WriteLineAsync(Text($"Read {counts.Chats} chats with {counts.Turns} turns; {counts.Present} more were there already."));
        }
        catch (TransferException failure)
        {
            throw new CommandException($"{failure.Message} What came before it is in the store; the import can be done again.");
        }
    }

    // Configuration has a colon in its key, options have none.
    private static (CommandArguments Arguments, string[] Configuration) Parse(string[] args)
    {
        var configuration = args.Where(IsConfiguration).ToArray();
        return (CommandArguments.Parse(args.Except(configuration).ToArray(), Tenant), configuration);
    }

    private static bool IsConfiguration(string argument) => argument.Split('=', 2) is [var key, _] && key.Contains(':');

    private static string Checked(string tenant) =>
        TenantName.IsValid(tenant) ? tenant : throw new CommandArgumentException($"{Tenant} is {tenant}; it {TenantName.Rule}.");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
