using System.Text.RegularExpressions;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.Storage.Postgres;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Storage;

/// <summary>Checks <see cref="StorageOptions"/> at start.</summary>
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);

    // Shorter than a grain's call, so that the caller gets an answer.
    private static readonly TimeSpan MaxReadTimeout = TimeSpan.FromSeconds(9);

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var failures = new List<string>();
        if (!StorageProviders.All.Contains(options.Provider, StringComparer.OrdinalIgnoreCase))
        {
            failures.Add($"{StorageOptions.Section}:{nameof(options.Provider)} is '{options.Provider}'; it must be one of "
                + $"{string.Join(", ", StorageProviders.All)}.");
        }

        if (string.IsNullOrWhiteSpace(options.Path) || options.Path.Contains('\0', StringComparison.Ordinal))
        {
            failures.Add($"{StorageOptions.Section}:{nameof(options.Path)} is '{options.Path}'; it must be the path of a file.");
        }

        CheckTime(nameof(options.BusyTimeout), options.BusyTimeout, MaxTimeout);
        CheckTime(nameof(options.RequestTimeout), options.RequestTimeout, MaxTimeout);
        CheckTime(nameof(options.ReadTimeout), options.ReadTimeout, MaxReadTimeout);

        // The value is a secret, and so may be what a parser says of it.
        if (options.Provider.Equals(StorageProviders.Postgres, StringComparison.OrdinalIgnoreCase)
            && !PostgresConnections.IsConnectionString(options.ConnectionString))
        {
            failures.Add($"{StorageOptions.Section}:{nameof(options.ConnectionString)} (not shown) must be one of Npgsql's with a Host, such as "
                + "Host=localhost;Database=chats;Username=chats;Password=secret.");
        }

        if (options.Provider.Equals(StorageProviders.GrainStorage, StringComparison.OrdinalIgnoreCase) && options.GrainStorageName.Length == 0)
        {
            CheckGrainStorage();
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void CheckGrainStorage()
        {
            if (!GrainStorageProviders.All.Contains(options.GrainStorage, StringComparer.OrdinalIgnoreCase))
            {
                failures.Add($"{StorageOptions.Section}:{nameof(options.GrainStorage)}: invalid value '{options.GrainStorage}'. "
                    + $"Expected: one of {string.Join(", ", GrainStorageProviders.All)}.");
            }
            else if (string.IsNullOrWhiteSpace(options.ConnectionString))
            {
                var expected = options.GrainStorage.Equals(GrainStorageProviders.Redis, StringComparison.OrdinalIgnoreCase)
                    ? "a Redis server"
                    : "an Azure storage account";
                failures.Add($"{StorageOptions.Section}:{nameof(options.ConnectionString)}: not set. Expected: the connection string of {expected}, or "
                    + $"{StorageOptions.Section}:{nameof(options.GrainStorageName)} with the name of a storage provider that the host registered.");
            }

            if (!ContainerName().IsMatch(options.Container))
            {
                failures.Add($"{StorageOptions.Section}:{nameof(options.Container)}: invalid value '{options.Container}'. "
                    + "Expected: 3-63 lowercase letters, digits, and single hyphens.");
            }
        }

        void CheckTime(string key, TimeSpan value, TimeSpan most)
        {
            if (value <= TimeSpan.Zero || value > most)
            {
                failures.Add($"{StorageOptions.Section}:{key} is '{value}'; it must be more than 0 and at most {most}.");
            }
        }
    }

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex ContainerName();
}
