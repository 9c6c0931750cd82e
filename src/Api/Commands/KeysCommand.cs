using System.CommandLine;
using GenAI.Chats.Api.Identity.ApiKeys;

namespace GenAI.Chats.Api.Commands;

/// <summary>Creates API keys. It only prints them: it changes no server, and stores no key.</summary>
internal static class KeysCommand
{
    private const string Expires = "--expires";

    /// <summary>Creates the command <c>keys</c>.</summary>
    public static Command Create(CommandConsole console)
    {
        var tenant = TenantOption.Create("The tenant that the key gives access to.", isRequired: false);
        var isOperator = new Option<bool>("--operator") { Description = "Creates an operator's key, for the commands 'chats'. It gives access to no tenant's API." };
        var id = new Option<string>("--id") { Description = "The name of the key. Default: generated.", HelpName = "ID" };
        var expires = new Option<DateTimeOffset?>(Expires)
        {
            Description = "The day when the key expires. Default: never.",
            HelpName = "YYYY-MM-DD",
            CustomParser = static result =>
            {
                var text = result.Tokens[0].Value;
                if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day))
                {
                    return day;
                }

                result.AddError($"Invalid value '{text}' for option '{Expires}'. Expected: a date as YYYY-MM-DD.");
                return null;
            },
        };
        var create = new Command(
            "new", "Creates an API key for a tenant or an operator. Prints the key, and its entry for the API key file (Authentication:ApiKeys:File).")
        {
            tenant, isOperator, id, expires,
        };
        create.Validators.Add(result =>
        {
            var has = result.GetResult(tenant) is not null;
            if (has == result.GetValue(isOperator))
            {
                result.AddError(has ? "Options '--tenant' and '--operator' can't be combined." : "Option '--tenant' or '--operator' is required.");
            }
        });
        create.SetAction((result, _) => CreateKeyAsync(result.GetValue(tenant), result.GetValue(id), result.GetValue(expires), console));
        return new Command("keys", "Creates API keys.") { create };
    }

    private static async Task CreateKeyAsync(string? tenant, string? id, DateTimeOffset? expires, CommandConsole console)
    {
        var key = ApiKey.New();
        var entry = new ApiKeyOptions
        {
            Id = id ?? $"{tenant ?? "operator"}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
            Tenant = tenant,
            Operator = tenant is null,
            Hash = SecretHash.Of(key),
            Expires = expires,
        };

        await console.Error.WriteLineAsync("API key (shown only once):");
        await console.Out.WriteLineAsync(key);
        await console.Error.WriteLineAsync("Add this entry to \"keys\" in your API key file (Authentication:ApiKeys:File):");
        await console.Out.WriteLineAsync(ApiKeyFile.Write(entry));
        await console.Out.FlushAsync();
    }
}
