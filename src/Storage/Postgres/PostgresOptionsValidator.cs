using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Checks the connection string at startup.</summary>
internal sealed class PostgresOptionsValidator : IValidateOptions<StorageOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var check = new SettingsCheck(StorageOptions.SectionName);
        check.RequireSecret(
            !StorageProviders.Is(options.Provider, StorageProviders.Postgres) || PostgresConnectionString.IsValid(options.ConnectionString),
            nameof(options.ConnectionString),
            options.ConnectionString,
            "an Npgsql connection string that includes Host, for example Host=localhost;Database=chats;Username=chats;Password=secret");
        return check.Result;
    }
}
