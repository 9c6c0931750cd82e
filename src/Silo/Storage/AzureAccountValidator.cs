using Azure.Storage.Blobs;
using GenAI.Chats.Models.Settings;
using GenAI.Chats.Storage;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Checks at startup that Azure's SDK can parse the connection string of the storage account.</summary>
internal sealed class AzureAccountValidator : IValidateOptions<StorageOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            // StorageOptionsValidator reports that it is missing.
            return ValidateOptionsResult.Skip;
        }

        try
        {
            _ = new BlobServiceClient(options.ConnectionString);
            return ValidateOptionsResult.Success;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            // The value is a secret, and the message of the SDK might contain it.
            return ValidateOptionsResult.Fail(SettingsCheck.DescribeSecret(
                $"{StorageOptions.Section}:{nameof(options.ConnectionString)}",
                options.ConnectionString,
                "the connection string of an Azure storage account, such as "
                + "DefaultEndpointsProtocol=https;AccountName=chats;AccountKey=secret;EndpointSuffix=core.windows.net, with a key in Base64"));
        }
    }
}
