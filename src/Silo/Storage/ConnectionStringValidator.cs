using GenAI.Chats.Storage;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Checks at startup that the provider's library can read the connection string. Its own messages might contain the secret.</summary>
/// <param name="isValid">Whether the library can read a connection string.</param>
/// <param name="rule">A description of valid ones.</param>
internal sealed class ConnectionStringValidator(Predicate<string> isValid, string rule) : IValidateOptions<StorageOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        // StorageOptionsValidator reports a missing one.
        var check = new SettingsCheck(StorageOptions.SectionName);
        check.RequireSecret(
            string.IsNullOrWhiteSpace(options.ConnectionString) || isValid(options.ConnectionString), nameof(options.ConnectionString), options.ConnectionString, rule);
        return check.Result;
    }
}
