using GenAI.Chats.Api.Identity.ApiKeys;

namespace GenAI.Chats.Api.Commands;

/// <summary>Creates API keys. It only prints them: it changes no server, and stores no key.</summary>
internal static class KeysCommand
{
    private const string Tenant = "--tenant";
    private const string Id = "--id";
    private const string Expires = "--expires";

    private const string Usage = """
          keys new --tenant NAME [--id ID] [--expires YYYY-MM-DD]
              Creates an API key for a tenant. Prints the key, and its entry for the API key file (Authentication:ApiKeys:File).
        """;

    /// <summary>Gets the command <c>keys</c>.</summary>
    public static ServerCommand Command { get; } = new("keys", Usage, RunAsync);

    private static async Task RunAsync(string[] args, CommandConsole console)
    {
        if (args is not ["new", .. var rest])
        {
            throw new CommandArgumentException("Usage: keys new --tenant NAME");
        }

        var arguments = new CommandArguments(rest, Tenant, Id, Expires);
        var tenant = arguments.GetTenant(Tenant);
        var key = ApiKey.New();
        var entry = new ApiKeyOptions
        {
            Id = arguments.Find(Id) ?? $"{tenant}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
            Tenant = tenant,
            Hash = SecretHash.Of(key),
            Expires = arguments.Find(Expires) is { } expires ? ParseDay(expires) : null,
        };

        await console.Error.WriteLineAsync("API key (shown only once):");
        await console.Out.WriteLineAsync(key);
        await console.Error.WriteLineAsync("Add this entry to \"keys\" in your API key file (Authentication:ApiKeys:File):");
        await console.Out.WriteLineAsync(ApiKeyFile.Write(entry));
    }

    private static DateTimeOffset ParseDay(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day)
            ? day
            : throw new CommandArgumentException($"Invalid value '{text}' for option '{Expires}'. Expected: a date as YYYY-MM-DD.");
}
