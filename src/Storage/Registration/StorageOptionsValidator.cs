using System.Text.RegularExpressions;
using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Storage.Registration;

/// <summary>Checks <see cref="StorageOptions"/> at startup, except for the formats of connection strings, which the providers check.</summary>
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);

    // Shorter than a grain call, so that the caller gets the error.
    private static readonly TimeSpan MaxReadTimeout = TimeSpan.FromSeconds(9);

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var check = new SettingsCheck(StorageOptions.SectionName);
        check.Require(
            IsOneOf(options.Provider, StorageProviders.All), nameof(options.Provider), options.Provider, $"one of {string.Join(", ", StorageProviders.All)}");
        check.Require(
            !string.IsNullOrWhiteSpace(options.Path) && !options.Path.Contains('\0', StringComparison.Ordinal), nameof(options.Path), options.Path, "a file path");
        RequireTime(nameof(options.BusyTimeout), options.BusyTimeout, MaxTimeout);
        RequireTime(nameof(options.RequestTimeout), options.RequestTimeout, MaxTimeout);
        RequireTime(nameof(options.ReadTimeout), options.ReadTimeout, MaxReadTimeout);
        if (StorageProviders.Is(options.Provider, StorageProviders.GrainStorage) && options.GrainStorageName.Length == 0)
        {
            CheckGrainStorage(options, check);
        }

        return check.Result;

        void RequireTime(string key, TimeSpan value, TimeSpan max) =>
            check.Require(value > TimeSpan.Zero && value <= max, key, value, $"more than 0 and at most {max}");
    }

    private static void CheckGrainStorage(StorageOptions options, SettingsCheck check)
    {
        check.Require(
            IsOneOf(options.GrainStorage, GrainStorageProviders.All),
            nameof(options.GrainStorage),
            options.GrainStorage,
            $"one of {string.Join(", ", GrainStorageProviders.All)}");
        var server = StorageProviders.Is(options.GrainStorage, GrainStorageProviders.Redis) ? "a Redis server" : "an Azure storage account";
        check.RequireSecret(
            !string.IsNullOrWhiteSpace(options.ConnectionString),
            nameof(options.ConnectionString),
            options.ConnectionString,
            $"the connection string of {server}, or {StorageOptions.SectionName}:{nameof(options.GrainStorageName)} with the name of a storage provider that the host registered");
        check.Require(
            ContainerName().IsMatch(options.Container), nameof(options.Container), options.Container, "3-63 lowercase letters, digits, and single hyphens");
    }

    private static bool IsOneOf(string value, IEnumerable<string> values) => values.Contains(value, StringComparer.OrdinalIgnoreCase);

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex ContainerName();
}
