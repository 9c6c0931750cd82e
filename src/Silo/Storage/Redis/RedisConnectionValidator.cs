using GenAI.Chats.Silo.Redis;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Storage.Redis;

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

        // The value is a secret, and so might be a parser's message about it.
        return RedisConnectionString.IsValid(options.ConnectionString)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{StorageOptions.Section}:{nameof(options.ConnectionString)}: invalid value (hidden). Expected: a StackExchange.Redis configuration string, "
                + "such as redis.example.com:6379,ssl=true,user=chats,password=secret.");
    }
}
