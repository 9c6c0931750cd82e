using System.Globalization;
using System.Security.Cryptography;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Identity.ApiKeys;

namespace GenAI.Chats.Api.Commands;

/// <summary>Makes API keys. It only prints: nothing that runs is changed, and the key is kept nowhere.</summary>
internal static class KeysCommand
{
    private const string Tenant = "--tenant";
    private const string Id = "--id";
    private const string Expires = "--expires";

    private const string Usage = """
          keys new --tenant NAME [--id ID] [--expires YYYY-MM-DD]
              Makes an API key for a tenant. Prints the key, which is shown only now, and the line for Identity:ApiKeys:Keys or the keys file.
        """;

    /// <summary>The verb <c>keys</c>.</summary>
    public static ServerCommand Command { get; } = new("keys", Usage, RunAsync);

    private static async Task RunAsync(string[] args, CommandConsole console)
    {
        if (args is not ["new", .. var rest])
        {
            throw new CommandArgumentException("keys knows one thing to do: new.");
        }

        var arguments = CommandArguments.Parse(rest, Tenant, Id, Expires);
        var tenant = arguments.Get(Tenant);
        if (!TenantName.IsValid(tenant))
        {
            throw new CommandArgumentException($"{Tenant} is {tenant}; it {TenantName.Rule}.");
        }

        var key = ApiKey.New();
        var kept = new ApiKeyOptions
        {
            Id = arguments.Find(Id) ?? $"{tenant}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
            Tenant = tenant,
            Hash = SecretHash.Of(key).ToString(),
            Expires = arguments.Find(Expires) is { } expires ? ParseDay(expires) : null,
        };

        await console.Error.WriteLineAsync("The key, which is shown only now:");
        await console.Out.WriteLineAsync(key);
        await console.Error.WriteLineAsync("What the server is to know of it, for \"keys\": [ ... ] in the file that Identity:ApiKeys:File names:");
        await console.Out.WriteLineAsync(ApiKeyFile.Write(kept));
    }

    private static DateTimeOffset ParseDay(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day)
            ? day
            : throw new CommandArgumentException($"{Expires} is {text}; it must be a day, as YYYY-MM-DD.");
}
