using GenAI.Chats.Models.Settings;
using GenAI.Chats.Silo.Redis;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Checks at startup that StackExchange.Redis can read the connection string.</summary>
internal sealed class RedisConnectionValidator : IValidateOptions<StorageOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            // StorageOptionsValidator reports that it is missing.
            return ValidateOptionsResult.Skip;
        }

        return RedisConnectionString.IsValid(options.ConnectionString)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(SettingsCheck.DescribeSecret(
                $"{StorageOptions.Section}:{nameof(options.ConnectionString)}",
                options.ConnectionString,
                "a StackExchange.Redis configuration string, such as redis.example.com:6379,ssl=true,user=chats,password=secret"));
    }
}
